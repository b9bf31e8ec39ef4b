//! What this server can carry, and what is left of an offered section after comparing.

use super::offer::{Format, Section};
use super::{Direction, OfferRefusal, Purpose};
use crate::router::{Feedback, LAYERS_MAX};
use crate::rtp::{Codec, Extension, ExtensionMap, MediaKind, Payload};

/// The codec of an offered format, if the server passes it through.
fn codec_of(format: &Format) -> Option<Codec> {
    match (format.name.as_str(), format.clock) {
        ("vp8", 90_000) => Some(Codec::Vp8),
        ("vp9", 90_000) if first_profile(format, "profile-id") => Some(Codec::Vp9),
        ("av1", 90_000) if first_profile(format, "profile") => Some(Codec::Av1),
        ("opus", 48_000) => Some(Codec::Opus),
        ("h264", 90_000) if format.parameter("packetization-mode") == Some("1") => {
            let text = format.parameter("profile-level-id").unwrap_or("42e01f");
            let profile_level_id = (text.len() == 6)
                .then(|| u32::from_str_radix(text, 16).ok())
                .flatten()?;
            // Baseline family only: it is what rooms, cameras and every browser share.
            (profile_level_id >> 16 == 0x42).then_some(Codec::H264 {
                profile_level_id,
                packetization_mode: 1,
            })
        }
        _ => None,
    }
}

/// The profile every decoder has: eight bits, 4:2:0.
fn first_profile(format: &Format, key: &str) -> bool {
    matches!(format.parameter(key), None | Some("0"))
}

/// Clock of RTP timestamps, ticks per second.
pub(super) fn clock_of(codec: Codec) -> u32 {
    match codec.kind() {
        MediaKind::Audio => 48_000,
        MediaKind::Video => 90_000,
    }
}

/// Extensions taken over from an offer for this purpose and kind.
fn extensions(section: &Section, purpose: Purpose, kind: MediaKind) -> ExtensionMap {
    let publishing = purpose == Purpose::Publish;
    let video = kind == MediaKind::Video;
    let mut map = ExtensionMap::default();
    for (id, uri) in &section.extensions {
        let Some(extension) = Extension::from_uri(uri) else {
            continue;
        };
        let wanted = match extension {
            Extension::Mid | Extension::AbsSendTime => true,
            Extension::Rid | Extension::RepairedRid => publishing && video,
            Extension::AudioLevel => !video,
            Extension::TransportCc => true,
            Extension::VideoOrientation | Extension::PlayoutDelay => video,
        };
        if wanted && map.id(extension).is_none() {
            map.insert(*id, extension);
        }
    }
    map
}

/// SSRCs under which the server sends one section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalSsrcs {
    /// Media packets.
    pub media: u32,
    /// Retransmissions (RFC 4588).
    pub rtx: u32,
    /// The n-th audio and the n-th video slot share a stream, so that a browser keeps them in lip sync.
    pub place: usize,
}

impl LocalSsrcs {
    /// Canonical name of the stream.
    pub fn cname(&self) -> String {
        format!("slot-{}", self.place)
    }
}

/// One section both sides will use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgreedMedia {
    /// The offerer's `a=mid`, or its position when it wrote none.
    pub mid: String,
    /// Audio or video.
    pub kind: MediaKind,
    /// When publishing exactly the one to send; when receiving every one the client takes.
    pub payloads: Vec<Payload>,
    /// Header extension numbers.
    pub extensions: ExtensionMap,
    /// RTCP feedback both sides use.
    pub feedback: Feedback,
    /// SSRCs the client said it sends under, media first; empty when it relies on MID and RID.
    pub remote_ssrcs: Vec<(u32, Option<u32>)>,
    /// The simulcast layers the server takes, in the order offered; empty without simulcast.
    pub rids: Vec<String>,
    /// SSRCs the server sends under, when receiving.
    pub local: Option<LocalSsrcs>,
}

impl AgreedMedia {
    /// Whether any agreed codec has a retransmission format.
    pub fn has_rtx(&self) -> bool {
        self.payloads
            .iter()
            .any(|payload| payload.rtx_payload_type.is_some())
    }
}

/// What a section comes to, with the feedback lines to write beside it.
pub(super) struct Comparison {
    pub media: AgreedMedia,
    /// (payload type, feedback, fmtp) lines are derived from these offered formats.
    pub feedback: Vec<(u8, &'static str)>,
    pub fmtp: Vec<(u8, String)>,
}

const FEEDBACK: [&str; 5] = ["nack", "nack pli", "ccm fir", "goog-remb", "transport-cc"];

/// Compares a section with what the server carries. `None`: nothing in common, or not for this purpose.
pub(super) fn compare(
    section: &Section,
    position: usize,
    purpose: Purpose,
    session_direction: Option<Direction>,
) -> Result<Option<Comparison>, OfferRefusal> {
    let kind = match section.kind.as_str() {
        "audio" => MediaKind::Audio,
        "video" => MediaKind::Video,
        _ => return Ok(None),
    };
    // Port 0 without bundle-only is a section its owner has switched off (RFC 9143, 7.2.1).
    if !section.proto.ends_with("TLS/RTP/SAVPF") || (section.port == 0 && !section.bundle_only) {
        return Ok(None);
    }
    let direction = section
        .direction
        .or(section.transport.direction)
        .or(session_direction)
        .unwrap_or(Direction::SendRecv);
    let flows = match purpose {
        Purpose::Publish => matches!(direction, Direction::SendOnly | Direction::SendRecv),
        Purpose::Receive => matches!(direction, Direction::RecvOnly | Direction::SendRecv),
    };
    if !flows {
        return Ok(None);
    }
    let payloads = payloads(section, kind, purpose);
    if payloads.is_empty() {
        return Ok(None);
    }
    if !section.rtcp_mux && !section.bundle_only {
        return Err(OfferRefusal::NoRtcpMux);
    }

    let extensions = extensions(section, purpose, kind);
    let mut feedback = Vec::new();
    let mut fmtp = Vec::new();
    for payload in &payloads {
        let Some(format) = section.format(payload.payload_type) else {
            continue;
        };
        for wanted in FEEDBACK {
            // Feedback without the extension it counts would stay silent and stall the sender.
            let usable =
                wanted != "transport-cc" || extensions.id(Extension::TransportCc).is_some();
            if usable && format.feedback.iter().any(|offered| offered == wanted) {
                feedback.push((payload.payload_type, wanted));
            }
        }
        if let Some(parameters) = answer_fmtp(payload.codec) {
            fmtp.push((payload.payload_type, parameters));
        }
        if let Some(rtx) = payload.rtx_payload_type {
            fmtp.push((rtx, format!("apt={}", payload.payload_type)));
        }
    }
    let agreed = |name: &str| feedback.iter().any(|(_, agreed)| *agreed == name);
    let layered = extensions.id(Extension::Rid).is_some() && section.rids.len() > 1;
    Ok(Some(Comparison {
        media: AgreedMedia {
            mid: section.mid.clone().unwrap_or_else(|| position.to_string()),
            kind,
            payloads,
            extensions,
            feedback: Feedback {
                nack: agreed("nack"),
                keyframe: agreed("nack pli") || agreed("ccm fir"),
                transport_cc: agreed("transport-cc"),
                remb: agreed("goog-remb"),
            },
            remote_ssrcs: remote_ssrcs(section),
            rids: if layered {
                section.rids.iter().take(LAYERS_MAX).cloned().collect()
            } else {
                Vec::new()
            },
            local: None,
        },
        feedback,
        fmtp,
    }))
}

fn payloads(section: &Section, kind: MediaKind, purpose: Purpose) -> Vec<Payload> {
    let mut agreed: Vec<Payload> = Vec::new();
    for pt in &section.order {
        let Some(format) = pt.parse().ok().and_then(|pt| section.format(pt)) else {
            continue;
        };
        let Some(codec) = codec_of(format).filter(|codec| codec.kind() == kind) else {
            continue;
        };
        let payload = Payload {
            payload_type: format.pt,
            rtx_payload_type: rtx_of(section, format.pt),
            codec,
            clock_rate_hz: clock_of(codec),
        };
        match agreed
            .iter_mut()
            .find(|known| known.codec.name() == codec.name())
        {
            // Chromium lists plain baseline (42001f) before constrained (42e01f): take the latter.
            Some(known) if constrained(codec) && !constrained(known.codec) => *known = payload,
            Some(_) => {}
            None => agreed.push(payload),
        }
    }
    if purpose == Purpose::Publish {
        // Every browser, room and recorder takes the first two; the others only from clients that offer nothing else.
        agreed.sort_by_key(|payload| matches!(payload.codec, Codec::Vp9 | Codec::Av1));
        agreed.truncate(1);
    }
    agreed
}

fn constrained(codec: Codec) -> bool {
    matches!(codec, Codec::H264 { profile_level_id, .. } if profile_level_id & 0x4000 != 0)
}

fn rtx_of(section: &Section, pt: u8) -> Option<u8> {
    section
        .formats
        .iter()
        .find(|format| {
            format.name == "rtx"
                && format.parameter("apt").and_then(|apt| apt.parse().ok()) == Some(pt)
        })
        .map(|format| format.pt)
}

fn answer_fmtp(codec: Codec) -> Option<String> {
    match codec {
        Codec::Opus => Some("minptime=10;useinbandfec=1".to_owned()),
        Codec::H264 {
            profile_level_id, ..
        } => Some(format!(
            "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={profile_level_id:06x}"
        )),
        Codec::Vp9 => Some("profile-id=0".to_owned()),
        Codec::Vp8 | Codec::Av1 | Codec::Red => None,
    }
}

fn remote_ssrcs(section: &Section) -> Vec<(u32, Option<u32>)> {
    if !section.rids.is_empty() {
        return Vec::new();
    }
    section
        .ssrcs
        .iter()
        .filter(|ssrc| !section.fid.iter().any(|(_, rtx)| rtx == *ssrc))
        .map(|ssrc| {
            let rtx = section.fid.iter().find(|(media, _)| media == ssrc);
            (*ssrc, rtx.map(|(_, rtx)| *rtx))
        })
        .take(1)
        .collect()
}
