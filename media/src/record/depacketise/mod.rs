//! Payloads of consecutive packets back into one coded frame, as the containers store it.

mod av1;
mod h264;
mod opus;
mod vp8;
mod vp9;

pub(super) use h264::ParameterSets;
pub(super) use opus::{SHORT_SILENCE, SHORT_SILENCE_US, SILENCE, SILENCE_US, duration_us};

use super::model::{Picture, TrackCodec};

/// A frame put together, without its time.
pub(super) struct Whole {
    pub(super) data: Vec<u8>,
    pub(super) keyframe: bool,
    pub(super) picture: Option<Picture>,
}

/// Puts one frame together from all its packets in order; `None` when they are not a whole frame.
pub(super) fn whole(
    codec: TrackCodec,
    payloads: &[&[u8]],
    sets: &mut ParameterSets,
) -> Option<Whole> {
    match codec {
        TrackCodec::H264 => h264::whole(payloads, sets),
        TrackCodec::Vp8 => vp8::whole(payloads),
        TrackCodec::Vp9 => vp9::whole(payloads),
        TrackCodec::Av1 => av1::whole(payloads),
        TrackCodec::Opus => opus::whole(payloads.first()?),
        TrackCodec::RedOpus => opus::whole(opus::primary(payloads.first()?)?),
    }
}
