//! VP8 frames (RFC 7741): the descriptor goes, the rest is the frame.

use super::Whole;
use crate::record::model::{Picture, TrackCodec};

pub(super) fn whole(payloads: &[&[u8]]) -> Option<Whole> {
    let mut data = Vec::new();
    for (at, payload) in payloads.iter().enumerate() {
        let (start, body) = strip(payload)?;
        if at == 0 && !start {
            return None;
        }
        data.extend_from_slice(body);
    }
    let keyframe = data.first()? & 1 == 0;
    let picture = if keyframe {
        Some(picture(&data)?)
    } else {
        None
    };
    Some(Whole {
        data,
        keyframe,
        picture,
    })
}

/// Whether the payload begins a frame, and what follows its descriptor.
fn strip(payload: &[u8]) -> Option<(bool, &[u8])> {
    let first = *payload.first()?;
    let mut at = 1;
    if first & 0x80 != 0 {
        let flags = *payload.get(1)?;
        at = 2;
        if flags & 0x80 != 0 {
            at += if payload.get(at)? & 0x80 != 0 { 2 } else { 1 };
        }
        at += usize::from(flags & 0x40 != 0) + usize::from(flags & 0x30 != 0);
    }
    let body = payload.get(at..)?;
    Some((first & 0x17 == 0x10, body))
}

/// Size of the picture (RFC 6386, 9.1).
fn picture(frame: &[u8]) -> Option<Picture> {
    if frame.get(3..6)? != [0x9d, 0x01, 0x2a] {
        return None;
    }
    let size = |at: usize| -> Option<u16> {
        Some(u16::from_le_bytes([*frame.get(at)?, *frame.get(at + 1)?]) & 0x3fff)
    };
    Some(Picture {
        codec: TrackCodec::Vp8,
        width: size(6)?,
        height: size(8)?,
        private: Vec::new(),
    })
}
