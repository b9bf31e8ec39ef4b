//! Opus packets are stored as they are; their first byte says how long they sound (RFC 6716, 3.1).

use super::Whole;

/// 20 ms of stereo silence.
pub(in crate::record) const SILENCE: [u8; 3] = [0xf8, 0xff, 0xfe];
pub(in crate::record) const SILENCE_US: i64 = 20_000;
/// Half as long.
pub(in crate::record) const SHORT_SILENCE: [u8; 3] = [0xf4, 0xff, 0xfe];
pub(in crate::record) const SHORT_SILENCE_US: i64 = 10_000;

pub(super) fn whole(packet: &[u8]) -> Option<Whole> {
    duration_us(packet)?;
    Some(Whole {
        data: packet.to_vec(),
        keyframe: true,
        picture: None,
    })
}

/// How long a packet sounds, microseconds; `None` when it is no Opus packet.
pub(in crate::record) fn duration_us(packet: &[u8]) -> Option<i64> {
    let toc = *packet.first()?;
    let frame_us = match toc >> 3 {
        config @ 0..=11 => [10_000, 20_000, 40_000, 60_000][usize::from(config & 3)],
        config @ 12..=15 => [10_000, 20_000][usize::from(config & 1)],
        config => [2_500, 5_000, 10_000, 20_000][usize::from(config & 3)],
    };
    let frames = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => i64::from(*packet.get(1)? & 0x3f),
    };
    let duration = frame_us * frames;
    (frames > 0 && duration <= 120_000).then_some(duration)
}

/// The newest block of a redundant packet (RFC 2198): the last one.
pub(super) fn primary(payload: &[u8]) -> Option<&[u8]> {
    let mut at = 0;
    let mut older = 0;
    while payload.get(at)? & 0x80 != 0 {
        let len = u16::from_be_bytes([*payload.get(at + 2)?, *payload.get(at + 3)?]) & 0x3ff;
        older += usize::from(len);
        at += 4;
    }
    payload.get(at + 1 + older..)
}
