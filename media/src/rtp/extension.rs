//! Header extensions (RFC 8285): which ids mean what on a leg, and walking over the elements of a packet.

/// The header extensions this server understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Extension {
    Mid,
    Rid,
    RepairedRid,
    AudioLevel,
    TransportCc,
    AbsSendTime,
    VideoOrientation,
    PlayoutDelay,
}

impl Extension {
    pub const ALL: [Self; 8] = [
        Self::Mid,
        Self::Rid,
        Self::RepairedRid,
        Self::AudioLevel,
        Self::TransportCc,
        Self::AbsSendTime,
        Self::VideoOrientation,
        Self::PlayoutDelay,
    ];

    pub const fn uri(self) -> &'static str {
        match self {
            Self::Mid => "urn:ietf:params:rtp-hdrext:sdes:mid",
            Self::Rid => "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
            Self::RepairedRid => "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
            Self::AudioLevel => "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
            Self::TransportCc => {
                "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
            }
            Self::AbsSendTime => "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
            Self::VideoOrientation => "urn:3gpp:video-orientation",
            Self::PlayoutDelay => "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
        }
    }

    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|extension| extension.uri() == uri)
    }

    /// Whether the publisher's value is forwarded as it is under the id of the receiving leg.
    pub const fn passes_through(self) -> bool {
        matches!(
            self,
            Self::AudioLevel | Self::VideoOrientation | Self::PlayoutDelay
        )
    }
}

/// The ids of header extensions as negotiated on one media section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExtensionMap {
    /// By `Extension as usize`; 0 means not negotiated.
    ids: [u8; Extension::ALL.len()],
}

impl ExtensionMap {
    /// Records that `id` (1 to 14, or up to 255 with the two-byte form) carries `extension`.
    pub fn insert(&mut self, id: u8, extension: Extension) {
        self.ids[extension as usize] = id;
    }

    pub fn id(&self, extension: Extension) -> Option<u8> {
        let id = self.ids[extension as usize];
        (id != 0).then_some(id)
    }

    pub fn extension(&self, id: u8) -> Option<Extension> {
        if id == 0 {
            return None;
        }
        Extension::ALL
            .into_iter()
            .find(|extension| self.ids[*extension as usize] == id)
    }
}

/// The value of an RFC 6464 audio level: 0 is the loudest, -127 silence, in dBov.
pub fn audio_level_dbov(value: &[u8]) -> Option<i8> {
    value.first().map(|byte| -(byte & 0x7f).cast_signed())
}

pub(crate) const ONE_BYTE: u16 = 0xbede;
pub(crate) const TWO_BYTE: u16 = 0x1000;

/// Walks over the elements of an extension block; ends early, without complaint, where the block is malformed.
pub struct Elements<'a> {
    two_byte: bool,
    rest: &'a [u8],
}

impl<'a> Elements<'a> {
    /// `profile` is the 16-bit "defined by profile" word, `block` the bytes behind the length.
    pub fn new(profile: u16, block: &'a [u8]) -> Self {
        let two_byte = profile & 0xfff0 == TWO_BYTE;
        let known = two_byte || profile == ONE_BYTE;
        Self {
            two_byte,
            rest: if known { block } else { &[] },
        }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (&first, rest) = self.rest.split_first()?;
            if first == 0 {
                self.rest = rest;
                continue;
            }
            let (id, len, rest) = if self.two_byte {
                let (&len, rest) = rest.split_first()?;
                (first, usize::from(len), rest)
            } else {
                if first >> 4 == 15 {
                    return None;
                }
                (first >> 4, usize::from(first & 0x0f) + 1, rest)
            };
            if rest.len() < len {
                return None;
            }
            let (value, rest) = rest.split_at(len);
            self.rest = rest;
            return Some((id, value));
        }
    }
}
