//! H.264 access units (RFC 6184) with four-byte lengths; parameter sets stay inside, so that a size may change.

use super::Whole;
use crate::record::bits::Bits;
use crate::record::model::{Picture, TrackCodec};

const IDR: u8 = 5;
const SPS: u8 = 7;
const PPS: u8 = 8;
const DELIMITER: u8 = 9;
const FILLER: u8 = 12;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

/// The parameter sets seen last; encoders may send them apart from the pictures that use them.
#[derive(Default)]
pub(in crate::record) struct ParameterSets {
    sps: Vec<u8>,
    pps: Vec<u8>,
}

pub(super) fn whole(payloads: &[&[u8]], sets: &mut ParameterSets) -> Option<Whole> {
    let units = units(payloads)?;
    let mut data = Vec::new();
    let (mut keyframe, mut has_sets) = (false, false);
    for unit in &units {
        match unit.first()? & 0x1f {
            DELIMITER | FILLER => continue,
            SPS => {
                sets.sps.clone_from(unit);
                has_sets = true;
            }
            PPS => sets.pps.clone_from(unit),
            IDR => keyframe = true,
            _ => {}
        }
        put(&mut data, unit);
    }
    let picture = if keyframe { Some(picture(sets)?) } else { None };
    if keyframe && !has_sets {
        let mut whole = Vec::new();
        put(&mut whole, &sets.sps);
        put(&mut whole, &sets.pps);
        whole.append(&mut data);
        data = whole;
    }
    (!data.is_empty()).then_some(Whole {
        data,
        keyframe,
        picture,
    })
}

fn put(data: &mut Vec<u8>, unit: &[u8]) {
    data.extend_from_slice(&(unit.len() as u32).to_be_bytes());
    data.extend_from_slice(unit);
}

fn units(payloads: &[&[u8]]) -> Option<Vec<Vec<u8>>> {
    let mut units: Vec<Vec<u8>> = Vec::new();
    let mut open: Option<Vec<u8>> = None;
    for payload in payloads {
        let first = *payload.first()?;
        match first & 0x1f {
            1..=23 if open.is_none() => units.push(payload.to_vec()),
            STAP_A if open.is_none() => {
                let mut rest = &payload[1..];
                while let Some((len, after)) = rest.split_at_checked(2) {
                    let len = usize::from(u16::from_be_bytes([len[0], len[1]]));
                    let (unit, after) = after.split_at_checked(len)?;
                    units.push(unit.to_vec());
                    rest = after;
                }
            }
            FU_A => {
                let fragment = *payload.get(1)?;
                let body = payload.get(2..)?;
                if fragment & 0x80 != 0 {
                    open = Some(vec![first & 0xe0 | fragment & 0x1f]);
                }
                open.as_mut()?.extend_from_slice(body);
                if fragment & 0x40 != 0 {
                    units.push(open.take()?);
                }
            }
            _ => return None,
        }
    }
    (open.is_none() && units.iter().all(|unit| !unit.is_empty())).then_some(units)
}

fn picture(sets: &ParameterSets) -> Option<Picture> {
    let (width, height) = size(&sets.sps)?;
    let (sps, pps) = (&sets.sps, &sets.pps);
    // ISO/IEC 14496-15, 5.3.3: version, profile, constraints, level, four-byte lengths, one set of each.
    let mut private = vec![1, *sps.get(1)?, *sps.get(2)?, *sps.get(3)?, 0xff, 0xe1];
    private.extend_from_slice(&u16::try_from(sps.len()).ok()?.to_be_bytes());
    private.extend_from_slice(sps);
    private.push(1);
    private.extend_from_slice(&u16::try_from(pps.len()).ok()?.to_be_bytes());
    private.extend_from_slice(pps);
    if private[1] >= 100 {
        // High profiles: 4:2:0, eight bits, no extension sets.
        private.extend_from_slice(&[0xfd, 0xf8, 0xf8, 0]);
    }
    Some(Picture {
        codec: TrackCodec::H264,
        width,
        height,
        private,
    })
}

/// Width and height after cropping (ITU-T H.264, 7.3.2.1.1).
fn size(sps: &[u8]) -> Option<(u16, u16)> {
    let plain = without_emulation(sps.get(1..)?);
    let profile = *plain.first()?;
    let mut bits = Bits::new(plain.get(3..)?);
    bits.golomb()?;
    let mut chroma = 1;
    if matches!(profile, 100 | 110 | 122 | 244 | 44 | 83 | 86 | 118 | 128) {
        chroma = bits.golomb()?;
        if chroma == 3 {
            bits.bit()?;
        }
        bits.golomb()?;
        bits.golomb()?;
        bits.bit()?;
        if bits.bit()? {
            // Scaling lists are not met in real-time encoders.
            return None;
        }
    }
    bits.golomb()?;
    match bits.golomb()? {
        0 => {
            bits.golomb()?;
        }
        1 => {
            bits.bit()?;
            bits.signed_golomb()?;
            bits.signed_golomb()?;
            for _ in 0..bits.golomb()?.min(255) {
                bits.signed_golomb()?;
            }
        }
        _ => {}
    }
    bits.golomb()?;
    bits.bit()?;
    let width = (bits.golomb()?.min(1_000) + 1) * 16;
    let map_height = bits.golomb()?.min(1_000) + 1;
    let progressive = bits.bit()?;
    if !progressive {
        bits.bit()?;
    }
    bits.bit()?;
    let fields = if progressive { 1 } else { 2 };
    let height = map_height * 16 * fields;
    let (mut crop_x, mut crop_y) = (0, 0);
    if bits.bit()? {
        let (left, right) = (bits.golomb()?, bits.golomb()?);
        let (top, bottom) = (bits.golomb()?, bits.golomb()?);
        let (unit_x, unit_y) = match chroma {
            0 | 3 => (1, 1),
            2 => (2, 1),
            _ => (2, 2),
        };
        crop_x = left.checked_add(right)?.checked_mul(unit_x)?;
        crop_y = top.checked_add(bottom)?.checked_mul(unit_y * fields)?;
    }
    let width = u16::try_from(width.checked_sub(crop_x)?).ok()?;
    let height = u16::try_from(height.checked_sub(crop_y)?).ok()?;
    Some((width, height))
}

/// Takes out the bytes that keep start codes from appearing (ITU-T H.264, 7.4.1).
fn without_emulation(unit: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(unit.len());
    let mut zeros = 0;
    for &byte in unit {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        plain.push(byte);
    }
    plain
}
