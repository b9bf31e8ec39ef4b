//! Reads the text of an offer into its parts; knows the grammar, decides almost nothing.

use super::OfferRefusal;

/// Longest description read (64 KiB).
pub const OFFER_BYTES_MAX: usize = 64 * 1024;
/// Most media sections in one offer.
pub const SECTIONS_MAX: usize = 64;

/// Which way media flows, from the offerer's point of view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Both ways; what an absent attribute means.
    SendRecv,
    /// The offerer sends.
    SendOnly,
    /// The offerer receives.
    RecvOnly,
    /// Nothing flows.
    Inactive,
}

/// ICE short-term credentials of one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IceCredentials {
    /// 4 to 256 ICE characters.
    pub ufrag: String,
    /// 22 to 256 ICE characters.
    pub pwd: String,
}

impl IceCredentials {
    /// Credentials of RFC 8445 shape, or nothing.
    pub fn new(ufrag: &str, pwd: &str) -> Option<Self> {
        let ice_chars = |text: &str| {
            text.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/')
        };
        // Some encoders write '-' or '_' though RFC 8839 does not list them; their letters are
        // compared byte by byte, so only what could break a line or USERNAME's ':' matters.
        let lenient = |text: &str| {
            ice_chars(text)
                || text
                    .bytes()
                    .all(|byte| byte.is_ascii_graphic() && byte != b':')
        };
        ((4..=256).contains(&ufrag.len())
            && (22..=256).contains(&pwd.len())
            && lenient(ufrag)
            && lenient(pwd))
        .then(|| Self {
            ufrag: ufrag.to_owned(),
            pwd: pwd.to_owned(),
        })
    }

    /// Fresh credentials: 8 and 32 characters out of 64, far above RFC 8445's 24 and 128 bits.
    pub fn generate() -> Self {
        const LETTERS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let text = |bytes: &[u8]| -> String {
            bytes
                .iter()
                .map(|byte| char::from(LETTERS[usize::from(byte & 63)]))
                .collect()
        };
        Self {
            ufrag: text(&rand::random::<[u8; 8]>()),
            pwd: text(&rand::random::<[u8; 32]>()),
        }
    }
}

/// One `a=rtpmap` with what belongs to it.
#[derive(Debug, Clone, Default)]
pub struct Format {
    pub pt: u8,
    /// Encoding name, lower case: `vp8`.
    pub name: String,
    pub clock: u32,
    pub fmtp: String,
    pub feedback: Vec<String>,
}

impl Format {
    /// A parameter of `a=fmtp`, such as `apt` or `packetization-mode`.
    pub fn parameter(&self, key: &str) -> Option<&str> {
        self.fmtp.split(';').find_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            name.trim().eq_ignore_ascii_case(key).then(|| value.trim())
        })
    }
}

/// One `m=` section.
#[derive(Debug, Clone, Default)]
pub struct Section {
    /// First word of the m-line: `audio`, `video`, `application`.
    pub kind: String,
    pub port: u16,
    pub proto: String,
    /// Payload types in the offerer's order of preference.
    pub order: Vec<String>,
    pub mid: Option<String>,
    pub direction: Option<Direction>,
    pub rtcp_mux: bool,
    pub rtcp_rsize: bool,
    pub bundle_only: bool,
    pub formats: Vec<Format>,
    pub extensions: Vec<(u8, String)>,
    /// SSRCs named by `a=ssrc`, in order, without repeats.
    pub ssrcs: Vec<u32>,
    /// (media, retransmission) pairs of `a=ssrc-group:FID`.
    pub fid: Vec<(u32, u32)>,
    /// RIDs the offerer sends, in order.
    pub rids: Vec<String>,
    pub transport: Transport,
}

/// Attributes that may stand at session level or in a section.
#[derive(Debug, Clone, Default)]
pub struct Transport {
    pub ufrag: Option<String>,
    pub pwd: Option<String>,
    pub fingerprint: Option<[u8; 32]>,
    pub setup: Option<String>,
    pub direction: Option<Direction>,
}

/// A whole offer.
#[derive(Debug, Clone, Default)]
pub struct Offer {
    pub bundle: Option<Vec<String>>,
    pub transport: Transport,
    pub extmap_allow_mixed: bool,
    pub sections: Vec<Section>,
}

impl Offer {
    /// Reads an offer. Unknown lines are skipped; wrong known ones are refused or skipped, never trusted.
    pub fn parse(text: &str) -> Result<Self, OfferRefusal> {
        if text.len() > OFFER_BYTES_MAX {
            return Err(OfferRefusal::TooLong);
        }
        let mut lines = text.lines();
        if lines.next().map(str::trim_end) != Some("v=0") {
            return Err(OfferRefusal::Malformed);
        }
        let mut offer = Self::default();
        for line in lines {
            let line = line.trim_end();
            if line.is_empty() {
                continue;
            }
            let Some((kind, value)) = line.split_once('=') else {
                return Err(OfferRefusal::Malformed);
            };
            match kind {
                "m" => {
                    if offer.sections.len() == SECTIONS_MAX {
                        return Err(OfferRefusal::TooManySections);
                    }
                    offer.sections.push(Section::media_line(value)?);
                }
                "a" => {
                    let (name, value) = value.split_once(':').unwrap_or((value, ""));
                    match offer.sections.last_mut() {
                        Some(section) => section.attribute(name, value),
                        None => offer.attribute(name, value),
                    }
                }
                _ => {}
            }
        }
        Ok(offer)
    }

    fn attribute(&mut self, name: &str, value: &str) {
        match name {
            "group" => {
                if let Some(mids) = value.strip_prefix("BUNDLE") {
                    self.bundle = Some(mids.split_whitespace().map(str::to_owned).collect());
                }
            }
            "extmap-allow-mixed" => self.extmap_allow_mixed = true,
            _ => self.transport.attribute(name, value),
        }
    }
}

impl Transport {
    fn attribute(&mut self, name: &str, value: &str) {
        match name {
            "ice-ufrag" => self.ufrag = Some(value.to_owned()),
            "ice-pwd" => self.pwd = Some(value.to_owned()),
            "setup" => self.setup = Some(value.to_owned()),
            // A second sha-256 line does not widen what is accepted: the first stands.
            "fingerprint" if self.fingerprint.is_none() => self.fingerprint = fingerprint(value),
            _ => {
                if let Some(direction) = direction(name) {
                    self.direction = Some(direction);
                }
            }
        }
    }
}

impl Section {
    fn media_line(value: &str) -> Result<Self, OfferRefusal> {
        let mut words = value.split_whitespace();
        let mut word = || words.next().ok_or(OfferRefusal::Malformed);
        let kind = word()?.to_owned();
        let port = word()?;
        let port = port.split('/').next().unwrap_or(port);
        let port = port.parse().map_err(|_| OfferRefusal::Malformed)?;
        let proto = word()?.to_owned();
        Ok(Self {
            kind,
            port,
            proto,
            order: words.map(str::to_owned).collect(),
            ..Self::default()
        })
    }

    fn attribute(&mut self, name: &str, value: &str) {
        match name {
            "mid" => self.mid = token(value),
            "rtcp-mux" => self.rtcp_mux = true,
            "rtcp-rsize" => self.rtcp_rsize = true,
            "bundle-only" => self.bundle_only = true,
            "rtpmap" => self.rtpmap(value),
            "fmtp" => {
                if let Some((pt, parameters)) = value.split_once(' ')
                    && let Some(format) = pt.parse().ok().and_then(|pt| self.format_mut(pt))
                {
                    format.fmtp = parameters.trim().to_owned();
                }
            }
            "rtcp-fb" => self.feedback(value),
            "extmap" => self.extmap(value),
            "ssrc" => {
                let word = value.split_whitespace().next().unwrap_or("");
                if let Ok(ssrc) = word.parse()
                    && !self.ssrcs.contains(&ssrc)
                    && self.ssrcs.len() < 32
                {
                    self.ssrcs.push(ssrc);
                }
            }
            "ssrc-group" => {
                let mut words = value.split_whitespace();
                if words.next() == Some("FID")
                    && let (Some(media), Some(rtx)) = (words.next(), words.next())
                    && let (Ok(media), Ok(rtx)) = (media.parse(), rtx.parse())
                    && self.fid.len() < 16
                {
                    self.fid.push((media, rtx));
                }
            }
            "rid" => {
                let mut words = value.split_whitespace();
                if let (Some(rid), Some("send")) = (words.next(), words.next())
                    && let Some(rid) = token(rid)
                    && self.rids.len() < 8
                {
                    self.rids.push(rid);
                }
            }
            _ => match direction(name) {
                Some(direction) => self.direction = Some(direction),
                None => self.transport.attribute(name, value),
            },
        }
    }

    fn rtpmap(&mut self, value: &str) {
        let Some((pt, encoding)) = value.split_once(' ') else {
            return;
        };
        let mut parts = encoding.trim().split('/');
        let (Ok(pt), Some(name), Some(clock)) = (pt.parse::<u8>(), parts.next(), parts.next())
        else {
            return;
        };
        let Ok(clock) = clock.parse() else { return };
        if pt < 128 && self.formats.len() < 128 && self.format_mut(pt).is_none() {
            self.formats.push(Format {
                pt,
                name: name.to_ascii_lowercase(),
                clock,
                ..Format::default()
            });
        }
    }

    fn feedback(&mut self, value: &str) {
        let Some((pt, feedback)) = value.split_once(' ') else {
            return;
        };
        let wanted = pt.parse::<u8>().ok();
        for format in &mut self.formats {
            if (pt == "*" || wanted == Some(format.pt)) && format.feedback.len() < 32 {
                format.feedback.push(feedback.trim().to_owned());
            }
        }
    }

    fn extmap(&mut self, value: &str) {
        let mut words = value.split_whitespace();
        if let (Some(id), Some(uri)) = (words.next(), words.next()) {
            let id = id.split('/').next().unwrap_or(id);
            // 15 is reserved and larger ones need two-byte headers, which this server does not write.
            if let Ok(id @ 1..=14) = id.parse::<u8>()
                && self.extensions.len() < 32
            {
                self.extensions.push((id, uri.to_owned()));
            }
        }
    }

    fn format_mut(&mut self, pt: u8) -> Option<&mut Format> {
        self.formats.iter_mut().find(|format| format.pt == pt)
    }

    /// The format with this payload type.
    pub fn format(&self, pt: u8) -> Option<&Format> {
        self.formats.iter().find(|format| format.pt == pt)
    }
}

fn direction(name: &str) -> Option<Direction> {
    match name {
        "sendrecv" => Some(Direction::SendRecv),
        "sendonly" => Some(Direction::SendOnly),
        "recvonly" => Some(Direction::RecvOnly),
        "inactive" => Some(Direction::Inactive),
        _ => None,
    }
}

/// A word that may be written back into an answer: printable, no spaces, at most 64 bytes.
fn token(value: &str) -> Option<String> {
    let value = value.trim();
    (!value.is_empty() && value.len() <= 64 && value.bytes().all(|byte| byte.is_ascii_graphic()))
        .then(|| value.to_owned())
}

/// `sha-256 AB:CD:…` as bytes; other hashes are not accepted as proof.
fn fingerprint(value: &str) -> Option<[u8; 32]> {
    let (hash, hex) = value.trim().split_once(' ')?;
    if !hash.eq_ignore_ascii_case("sha-256") {
        return None;
    }
    let mut bytes = [0; 32];
    let mut parts = hex.trim().split(':');
    for byte in &mut bytes {
        let part = parts.next()?;
        if part.len() != 2 || !part.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        *byte = u8::from_str_radix(part, 16).ok()?;
    }
    parts.next().is_none().then_some(bytes)
}
