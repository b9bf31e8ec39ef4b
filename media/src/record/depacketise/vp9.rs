//! VP9 frames (RFC 9628); the spatial layers of one picture become a superframe.

use super::Whole;
use crate::record::bits::Bits;
use crate::record::model::{Picture, TrackCodec};

/// What a payload descriptor tells.
struct Descriptor {
    predicted: bool,
    begins: bool,
    len: usize,
}

pub(super) fn whole(payloads: &[&[u8]]) -> Option<Whole> {
    let mut data: Vec<u8> = Vec::new();
    let mut starts: Vec<usize> = Vec::new();
    let mut keyframe = false;
    for (at, payload) in payloads.iter().enumerate() {
        let descriptor = Descriptor::parse(payload)?;
        if at == 0 {
            if !descriptor.begins {
                return None;
            }
            keyframe = !descriptor.predicted;
        }
        if descriptor.begins {
            starts.push(data.len());
        }
        data.extend_from_slice(payload.get(descriptor.len..)?);
    }
    let picture = if keyframe {
        Some(picture(&data)?)
    } else {
        None
    };
    if starts.len() > 1 {
        seal(&mut data, &starts)?;
    }
    Some(Whole {
        data,
        keyframe,
        picture,
    })
}

impl Descriptor {
    fn parse(payload: &[u8]) -> Option<Self> {
        let first = *payload.first()?;
        let flag = |mask: u8| first & mask != 0;
        let (has_id, predicted, has_layers, flexible) =
            (flag(0x80), flag(0x40), flag(0x20), flag(0x10));
        let (begins, has_structure) = (flag(0x08), flag(0x02));
        let mut at = 1;
        if has_id {
            at += if payload.get(at)? & 0x80 != 0 { 2 } else { 1 };
        }
        if has_layers {
            at += if flexible { 1 } else { 2 };
        }
        if flexible && predicted {
            // Up to three reference differences, the last without the N bit.
            for _ in 0..3 {
                at += 1;
                if payload.get(at - 1)? & 1 == 0 {
                    break;
                }
            }
        }
        if has_structure {
            let head = *payload.get(at)?;
            at += 1;
            if head & 0x10 != 0 {
                at += 4 * (usize::from(head >> 5) + 1);
            }
            if head & 0x08 != 0 {
                let groups = *payload.get(at)?;
                at += 1;
                for _ in 0..groups {
                    at += 1 + usize::from(*payload.get(at)? >> 2 & 3);
                }
            }
        }
        (at <= payload.len()).then_some(Self {
            predicted,
            begins,
            len: at,
        })
    }
}

/// Appends the superframe index (VP9 bitstream, annex B).
fn seal(data: &mut Vec<u8>, starts: &[usize]) -> Option<()> {
    if starts.len() > 8 {
        return None;
    }
    let marker = 0b1100_0000 | 3 << 3 | (starts.len() as u8 - 1);
    let total = data.len();
    let ends = starts.iter().skip(1).copied().chain([total]);
    let sizes: Vec<u32> = starts
        .iter()
        .zip(ends)
        .map(|(start, end)| (end - start) as u32)
        .collect();
    data.push(marker);
    for size in sizes {
        data.extend_from_slice(&size.to_le_bytes());
    }
    data.push(marker);
    Some(())
}

/// Size of the picture, from the uncompressed header (VP9 bitstream, 6.2).
fn picture(frame: &[u8]) -> Option<Picture> {
    let mut bits = Bits::new(frame);
    if bits.take(2)? != 2 {
        return None;
    }
    let profile = bits.take(1)? | bits.take(1)? << 1;
    if profile == 3 {
        bits.bit()?;
    }
    let (shown_before, inter) = (bits.bit()?, bits.bit()?);
    bits.take(2)?;
    if shown_before || inter || bits.take(24)? != 0x49_8342 {
        return None;
    }
    if profile >= 2 {
        bits.bit()?;
    }
    const SRGB: u32 = 7;
    if bits.take(3)? == SRGB {
        bits.take(if profile & 1 == 1 { 1 } else { 0 })?;
    } else {
        bits.take(if profile & 1 == 1 { 4 } else { 1 })?;
    }
    let width = u16::try_from(bits.take(16)? + 1).ok()?;
    let height = u16::try_from(bits.take(16)? + 1).ok()?;
    Some(Picture {
        codec: TrackCodec::Vp9,
        width,
        height,
        private: Vec::new(),
    })
}
