//! The codecs that pass through, and when a stream of one payload format may be sent as another.

use super::{av1, h264, vp8, vp9};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MediaKind {
    Audio,
    Video,
}

/// A payload format, with the parameters that decide whether a receiver can take the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    Opus,
    Vp8,
    /// `profile_level_id` as in SDP: `0x42e01f` is constrained baseline, level 3.1.
    H264 {
        profile_level_id: u32,
        packetization_mode: u8,
    },
    /// Profile 0; spatial layers pass through together.
    Vp9,
    /// Profile 0; spatial layers pass through together.
    Av1,
    /// Redundant audio (RFC 2198) around Opus.
    Red,
}

impl Codec {
    pub fn kind(self) -> MediaKind {
        match self {
            Self::Opus | Self::Red => MediaKind::Audio,
            Self::Vp8 | Self::H264 { .. } | Self::Vp9 | Self::Av1 => MediaKind::Video,
        }
    }

    /// The name in `a=rtpmap`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Opus => "opus",
            Self::Vp8 => "VP8",
            Self::H264 { .. } => "H264",
            Self::Vp9 => "VP9",
            Self::Av1 => "AV1",
            Self::Red => "red",
        }
    }

    /// How well a receiver that negotiated `self` takes a stream of `sent`: `None` not at all, lower is better.
    ///
    /// H.264 profiles differ between browsers in name more than in what they decode; an unequal profile is therefore
    /// a worse choice, not a refusal. A receiver of packetisation mode 0 cannot take fragments.
    pub fn accepts(self, sent: Self) -> Option<u8> {
        match (self, sent) {
            (
                Self::H264 {
                    profile_level_id: mine,
                    packetization_mode: my_mode,
                },
                Self::H264 {
                    profile_level_id: theirs,
                    packetization_mode: their_mode,
                },
            ) => {
                if my_mode < their_mode {
                    return None;
                }
                let profile = u8::from(mine >> 16 != theirs >> 16) * 4;
                let constraints = u8::from((mine >> 8) & 0xf0 != (theirs >> 8) & 0xf0) * 2;
                Some(profile + constraints + u8::from(my_mode != their_mode))
            }
            (mine, sent) => (mine == sent).then_some(0),
        }
    }

    /// Whether the payload starts a picture that needs no earlier one. Audio always does.
    pub fn starts_keyframe(self, payload: &[u8]) -> bool {
        match self {
            Self::Opus | Self::Red => true,
            Self::Vp8 => vp8::starts_keyframe(payload),
            Self::H264 { .. } => h264::starts_keyframe(payload),
            Self::Vp9 => vp9::starts_keyframe(payload),
            Self::Av1 => av1::starts_keyframe(payload),
        }
    }
}

/// A payload type as negotiated on one media section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payload {
    pub payload_type: u8,
    /// The payload type of its retransmissions (`apt`), if negotiated.
    pub rtx_payload_type: Option<u8>,
    pub codec: Codec,
    pub clock_rate_hz: u32,
}
