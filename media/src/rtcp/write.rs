//! Appends RTCP messages to a compound packet.

use super::{
    APPLICATION, NACK, PAYLOAD_FEEDBACK, PLI, RECEIVER_REPORT, ReportBlock, SENDER_REPORT,
    SOURCE_DESCRIPTION, SenderInfo, TRANSPORT_CC, TRANSPORT_FEEDBACK,
};

/// Report blocks one report holds at most; the count has five bits.
pub const BLOCKS_MAX: usize = 31;

/// A receiver report. Blocks beyond [`BLOCKS_MAX`] are left out.
pub fn receiver_report(out: &mut Vec<u8>, sender_ssrc: u32, blocks: &[ReportBlock]) {
    let blocks = &blocks[..blocks.len().min(BLOCKS_MAX)];
    let start = begin(out, blocks.len() as u8, RECEIVER_REPORT);
    put(out, sender_ssrc);
    for block in blocks {
        put(out, block.ssrc);
        put(
            out,
            u32::from(block.fraction_lost) << 24 | block.cumulative_lost.min(0x7f_ffff),
        );
        put(out, block.highest_sequence);
        put(out, block.jitter);
        put(out, block.last_sender_report);
        put(out, block.delay_since_last_sender_report);
    }
    finish(out, start);
}

/// A sender report without blocks, and the canonical name that ties streams of one sender together.
pub fn sender_report(out: &mut Vec<u8>, info: &SenderInfo, cname: &str) {
    let start = begin(out, 0, SENDER_REPORT);
    put(out, info.ssrc);
    put(out, (info.ntp >> 32) as u32);
    put(out, info.ntp as u32);
    put(out, info.timestamp);
    put(out, info.packets);
    put(out, info.bytes);
    finish(out, start);

    let start = begin(out, 1, SOURCE_DESCRIPTION);
    put(out, info.ssrc);
    let cname = &cname.as_bytes()[..cname.len().min(255)];
    out.push(1);
    out.push(cname.len() as u8);
    out.extend_from_slice(cname);
    out.push(0);
    finish(out, start);
}

/// Asks for packets again. `sequences` are ascending in the order of the stream.
pub fn nack(out: &mut Vec<u8>, sender_ssrc: u32, media_ssrc: u32, sequences: &[u16]) {
    let start = begin(out, NACK, TRANSPORT_FEEDBACK);
    put(out, sender_ssrc);
    put(out, media_ssrc);
    let mut rest = sequences;
    while let Some((&base, after)) = rest.split_first() {
        let mut mask = 0_u16;
        let mut taken = 0;
        for &sequence in after {
            let distance = sequence.wrapping_sub(base);
            if !(1..=16).contains(&distance) {
                break;
            }
            mask |= 1 << (distance - 1);
            taken += 1;
        }
        rest = &after[taken..];
        put(out, u32::from(base) << 16 | u32::from(mask));
    }
    finish(out, start);
}

/// Asks for a key frame (RFC 4585 picture loss indication).
pub fn keyframe_request(out: &mut Vec<u8>, sender_ssrc: u32, media_ssrc: u32) {
    let start = begin(out, PLI, PAYLOAD_FEEDBACK);
    put(out, sender_ssrc);
    put(out, media_ssrc);
    finish(out, start);
}

/// Tells a publisher what it may send in all, over the streams named.
pub fn remb(out: &mut Vec<u8>, sender_ssrc: u32, bitrate_bps: u64, ssrcs: &[u32]) {
    let start = begin(out, APPLICATION, PAYLOAD_FEEDBACK);
    put(out, sender_ssrc);
    put(out, 0);
    out.extend_from_slice(b"REMB");
    let exponent = (64 - bitrate_bps.leading_zeros()).saturating_sub(18);
    let mantissa = (bitrate_bps >> exponent) as u32;
    put(
        out,
        (ssrcs.len().min(255) as u32) << 24 | exponent << 18 | mantissa,
    );
    for &ssrc in ssrcs.iter().take(255) {
        put(out, ssrc);
    }
    finish(out, start);
}

/// Transport-wide feedback. `arrivals` runs over consecutive sequence numbers from `base_sequence`: arrival in
/// microseconds since an epoch that stays the same for the transport, or nothing for a packet that has not come.
pub fn transport_feedback(
    out: &mut Vec<u8>,
    sender_ssrc: u32,
    media_ssrc: u32,
    base_sequence: u16,
    report: u8,
    arrivals: impl Iterator<Item = Option<u64>> + Clone,
) {
    let Some(first) = arrivals.clone().flatten().next() else {
        return;
    };
    let reference = first / 64_000;
    let start = begin(out, TRANSPORT_CC, TRANSPORT_FEEDBACK);
    put(out, sender_ssrc);
    put(out, media_ssrc);
    let count_at = out.len() + 2;
    put(out, u32::from(base_sequence) << 16);
    put(out, (reference as u32) << 8 | u32::from(report));

    // Deltas are in steps of 250 µs; rounding errors must not add up, so each is taken from what was written so far.
    let mut deltas = Vec::new();
    let mut written = (reference * 256).cast_signed();
    let mut chunk = Chunk::default();
    let mut count = 0_u16;
    for arrival in arrivals {
        let symbol = match arrival {
            None => 0,
            Some(at) => {
                let delta = (at / 250).cast_signed() - written;
                if let Ok(small) = u8::try_from(delta) {
                    deltas.push(small);
                    written += delta;
                    1
                } else if let Ok(large) = i16::try_from(delta) {
                    deltas.extend_from_slice(&large.to_be_bytes());
                    written += delta;
                    2
                } else {
                    // Further apart than a delta can say: the report ends here.
                    break;
                }
            }
        };
        chunk.push(out, symbol);
        count += 1;
    }
    chunk.flush(out);
    out[count_at..count_at + 2].copy_from_slice(&count.to_be_bytes());
    out.extend_from_slice(&deltas);
    finish(out, start);
}

/// Packs status symbols into run-length chunks where they repeat, two-bit vectors of seven where they do not.
#[derive(Default)]
struct Chunk {
    symbols: [u8; 7],
    len: u16,
    /// All symbols so far are the same; `len` may then exceed seven.
    mixed: bool,
}

impl Chunk {
    fn push(&mut self, out: &mut Vec<u8>, symbol: u8) {
        if self.len > 0 && !self.mixed && self.symbols[0] != symbol {
            if self.len >= 7 {
                self.flush(out);
            } else {
                self.mixed = true;
            }
        }
        if usize::from(self.len) < self.symbols.len() {
            self.symbols[usize::from(self.len)] = symbol;
        }
        self.len += 1;
        if (self.mixed && self.len == 7) || self.len == 0x1fff {
            self.flush(out);
        }
    }

    fn flush(&mut self, out: &mut Vec<u8>) {
        if self.len == 0 {
            return;
        }
        let chunk = if self.mixed {
            let vector = self.symbols.iter().take(usize::from(self.len)).enumerate();
            vector.fold(0xc000, |chunk, (at, symbol)| {
                chunk | u16::from(*symbol) << (12 - 2 * at)
            })
        } else {
            u16::from(self.symbols[0]) << 13 | self.len
        };
        out.extend_from_slice(&chunk.to_be_bytes());
        *self = Self::default();
    }
}

fn begin(out: &mut Vec<u8>, count: u8, kind: u8) -> usize {
    let start = out.len();
    out.extend_from_slice(&[0x80 | count, kind, 0, 0]);
    start
}

/// Pads to a whole word with zeros and writes the length.
fn finish(out: &mut Vec<u8>, start: usize) {
    while !(out.len() - start).is_multiple_of(4) {
        out.push(0);
    }
    let words = ((out.len() - start) / 4 - 1) as u16;
    out[start + 2..start + 4].copy_from_slice(&words.to_be_bytes());
}

fn put(out: &mut Vec<u8>, word: u32) {
    out.extend_from_slice(&word.to_be_bytes());
}
