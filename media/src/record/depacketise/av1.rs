//! AV1 temporal units (AOM "RTP payload format for AV1", 4): units with sizes, without delimiters.

use super::Whole;
use crate::record::bits::Bits;
use crate::record::model::{Picture, TrackCodec};

const SEQUENCE_HEADER: u8 = 1;
const TEMPORAL_DELIMITER: u8 = 2;
const TILE_LIST: u8 = 8;

pub(super) fn whole(payloads: &[&[u8]]) -> Option<Whole> {
    let units = units(payloads)?;
    let mut data = Vec::new();
    let mut picture = None;
    for unit in &units {
        let head = *unit.first()?;
        let kind = head >> 3 & 0xf;
        if matches!(kind, TEMPORAL_DELIMITER | TILE_LIST) {
            continue;
        }
        let extension = usize::from(head & 0x04 != 0);
        // What comes may already have its size.
        let body = if head & 0x02 != 0 {
            let (len, read) = leb128(unit.get(1 + extension..)?)?;
            unit.get(1 + extension + read..1 + extension + read + len)?
        } else {
            unit.get(1 + extension..)?
        };
        let start = data.len();
        data.push(head | 0x02);
        data.extend_from_slice(unit.get(1..1 + extension)?);
        put_leb128(&mut data, body.len());
        data.extend_from_slice(body);
        if kind == SEQUENCE_HEADER {
            picture = describe(body, &data[start..]);
        }
    }
    (!data.is_empty()).then_some(Whole {
        data,
        // Encoders for calls send the sequence header with key frames only.
        keyframe: picture.is_some(),
        picture,
    })
}

fn units(payloads: &[&[u8]]) -> Option<Vec<Vec<u8>>> {
    let mut units: Vec<Vec<u8>> = Vec::new();
    let mut continues = false;
    for payload in payloads {
        let (&head, mut rest) = payload.split_first()?;
        let (continued, to_continue) = (head & 0x80 != 0, head & 0x40 != 0);
        let count = usize::from(head >> 4 & 3);
        if continued != continues {
            return None;
        }
        let mut number = 0;
        while !rest.is_empty() {
            number += 1;
            let len = if number == count {
                rest.len()
            } else {
                let (len, read) = leb128(rest)?;
                rest = &rest[read..];
                len
            };
            let (element, after) = rest.split_at_checked(len)?;
            rest = after;
            if number == 1 && continued {
                units.last_mut()?.extend_from_slice(element);
            } else {
                units.push(element.to_vec());
            }
        }
        continues = to_continue;
    }
    (!continues).then_some(units)
}

fn leb128(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0_usize;
    for (at, byte) in bytes.iter().take(5).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
    }
    None
}

fn put_leb128(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// `av1C` and the size, from a sequence header (AV1 bitstream, 5.5).
fn describe(header: &[u8], unit: &[u8]) -> Option<Picture> {
    let mut bits = Bits::new(header);
    let profile = bits.take(3)?;
    bits.bit()?;
    let reduced = bits.bit()?;
    let (mut level, mut tier) = (0, false);
    if reduced {
        level = bits.take(5)?;
    } else {
        if bits.bit()? {
            // Timing and decoder models are not met in real-time encoders.
            return None;
        }
        let delay_present = bits.bit()?;
        for point in 0..=bits.take(5)? {
            bits.take(12)?;
            let this_level = bits.take(5)?;
            let this_tier = this_level > 7 && bits.bit()?;
            if delay_present && bits.bit()? {
                bits.take(4)?;
            }
            if point == 0 {
                (level, tier) = (this_level, this_tier);
            }
        }
    }
    let (width_bits, height_bits) = (bits.take(4)? + 1, bits.take(4)? + 1);
    let width = u16::try_from(bits.take(width_bits)? + 1).ok()?;
    let height = u16::try_from(bits.take(height_bits)? + 1).ok()?;
    // Eight bits, colour, 4:2:0, as every encoder for calls sends; decoders believe the header that follows.
    let mut private = vec![
        0x81,
        (profile << 5 | level) as u8,
        u8::from(tier) << 7 | 0x0c,
        0,
    ];
    private.extend_from_slice(unit);
    Some(Picture {
        codec: TrackCodec::Av1,
        width,
        height,
        private,
    })
}
