//! What a recording is made of: packets from the router, frames, samples on a file's timeline, gaps.

use crate::rtp::MediaKind;

/// How a recorded track is coded; it decides the container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrackCodec {
    H264,
    Vp8,
    Vp9,
    Av1,
    Opus,
    /// Opus wrapped in redundancy (RFC 2198); what is stored is Opus.
    RedOpus,
}

impl TrackCodec {
    /// From the name in `a=rtpmap`; `None` for what cannot be recorded.
    pub fn named(name: &str) -> Option<Self> {
        [
            ("H264", Self::H264),
            ("VP8", Self::Vp8),
            ("VP9", Self::Vp9),
            ("AV1", Self::Av1),
            ("opus", Self::Opus),
            ("red", Self::RedOpus),
        ]
        .into_iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, codec)| codec)
    }

    /// The word in a catalogue.
    pub fn word(self) -> &'static str {
        match self {
            Self::H264 => "h264",
            Self::Vp8 => "vp8",
            Self::Vp9 => "vp9",
            Self::Av1 => "av1",
            Self::Opus | Self::RedOpus => "opus",
        }
    }

    pub(super) fn kind(self) -> MediaKind {
        match self {
            Self::Opus | Self::RedOpus => MediaKind::Audio,
            _ => MediaKind::Video,
        }
    }
}

/// One plain RTP packet as the router's tap passes it on.
#[derive(Clone, Debug)]
pub struct Packet {
    /// Changes when numbering begins anew: another layer, another SSRC, a gate that was shut.
    pub stream: u32,
    /// Sequence number without its turn-over.
    pub index: u64,
    pub timestamp: u32,
    pub marker: bool,
    pub codec: TrackCodec,
    /// Microseconds since 1970.
    pub arrived_us: i64,
    /// The publisher's latest clock reading for this stream, once it has sent a report.
    pub clock: Option<SenderClock>,
    /// Packets of this track that were not passed on just before this one, because the queue was full.
    pub dropped: u32,
    pub payload: Vec<u8>,
}

/// One RTCP sender report: the wall time, in our clock, of an RTP timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderClock {
    pub timestamp: u32,
    /// Microseconds since 1970.
    pub wall_us: i64,
}

/// How a picture is coded, as its key frames say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pub codec: TrackCodec,
    pub width: u16,
    pub height: u16,
    /// What the container stores beside the samples: `avcC` or `av1C`, empty for the others.
    pub private: Vec<u8>,
}

/// A whole coded frame, or one packet of sound.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) timestamp: u32,
    pub(super) arrived_us: i64,
    pub(super) clock: Option<SenderClock>,
    pub(super) keyframe: bool,
    /// Said by key frames of pictures.
    pub(super) picture: Option<Picture>,
    pub(super) data: Vec<u8>,
}

/// A frame in its place on a segment's timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) kind: MediaKind,
    /// Microseconds since the segment's start.
    pub(super) at_us: i64,
    /// Exact for sound; for a picture the distance to its predecessor, used only for the last of a fragment.
    pub(super) duration_us: i64,
    pub(super) keyframe: bool,
    pub(super) data: Vec<u8>,
}

/// Why nothing was recorded for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Packets did not come although asked for again, or frames could not be decoded without them.
    Lost,
    /// The disk was slower than the packets.
    Overload,
    /// Nothing was sent or let through: camera off, microphone closed.
    Absent,
}

impl Cause {
    pub fn word(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Overload => "overload",
            Self::Absent => "absent",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        [Self::Lost, Self::Overload, Self::Absent]
            .into_iter()
            .find(|cause| cause.word() == word)
    }
}

/// A stretch of a segment's timeline without picture or sound of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    pub kind: MediaKind,
    pub cause: Cause,
    /// Microseconds since the segment's start.
    pub from_us: i64,
    pub until_us: i64,
}

/// The fixed description at the head of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    pub picture: Option<Picture>,
    pub sound: bool,
    /// Microseconds since 1970.
    pub started_us: i64,
}

/// Where one fragment is, in the file and in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fragment {
    pub(super) offset: u64,
    pub(super) len: u64,
    pub(super) start_us: i64,
    pub(super) end_us: i64,
    /// A player may begin here.
    pub(super) key: bool,
}

/// What a whole segment came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    pub duration_us: i64,
    pub bytes: u64,
    pub gaps: Vec<Gap>,
    pub picture: Option<Picture>,
    pub sound: bool,
}
