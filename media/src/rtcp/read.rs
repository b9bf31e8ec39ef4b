//! Walks over a compound packet; what is malformed or unknown is skipped, never answered with a panic.

use super::{
    APPLICATION, FIR, GOODBYE, NACK, PAYLOAD_FEEDBACK, PLI, RECEIVER_REPORT, ReportBlock,
    SENDER_REPORT, SenderInfo, TRANSPORT_CC, TRANSPORT_FEEDBACK,
};

/// One message of a compound packet.
#[derive(Debug)]
pub enum Message<'a> {
    SenderReport(SenderInfo, Blocks<'a>),
    ReceiverReport(Blocks<'a>),
    /// Packets the receiver of `ssrc` wants again.
    Nack {
        ssrc: u32,
        lost: Lost<'a>,
    },
    /// A picture loss indication or full intra request for `ssrc`.
    KeyframeRequest {
        ssrc: u32,
    },
    /// The receiver's estimate of its downlink, bits per second.
    Remb {
        bitrate_bps: u64,
    },
    TransportFeedback(TransportFeedback<'a>),
    Goodbye {
        ssrc: u32,
    },
}

/// The messages of a compound packet, in order.
pub struct Messages<'a> {
    rest: &'a [u8],
    /// Further targets of a full intra request that is being walked.
    intra: &'a [u8],
}

pub fn messages(compound: &[u8]) -> Messages<'_> {
    Messages {
        rest: compound,
        intra: &[],
    }
}

impl<'a> Iterator for Messages<'a> {
    type Item = Message<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((entry, rest)) = self.intra.split_at_checked(8) {
                self.intra = rest;
                return Some(Message::KeyframeRequest {
                    ssrc: word(entry, 0)?,
                });
            }
            let (header, _) = self.rest.split_at_checked(4)?;
            let len = 4 + 4 * usize::from(u16::from_be_bytes([header[2], header[3]]));
            let (first, kind) = (header[0], header[1]);
            let (packet, rest) = self.rest.split_at_checked(len)?;
            self.rest = rest;
            if first >> 6 != 2 {
                return None;
            }
            let Some(body) = without_padding(packet, first) else {
                continue;
            };
            if kind == PAYLOAD_FEEDBACK && first & 0x1f == FIR {
                self.intra = body.get(8..).unwrap_or_default();
                continue;
            }
            if let Some(message) = message(first & 0x1f, kind, body) {
                return Some(message);
            }
        }
    }
}

fn without_padding(packet: &[u8], first: u8) -> Option<&[u8]> {
    let padding = if first & 0x20 != 0 {
        usize::from(*packet.last()?)
    } else {
        0
    };
    packet.get(4..packet.len().checked_sub(padding)?)
}

fn message(count: u8, kind: u8, body: &[u8]) -> Option<Message<'_>> {
    Some(match (kind, count) {
        (SENDER_REPORT, _) => {
            let info = SenderInfo {
                ssrc: word(body, 0)?,
                ntp: u64::from(word(body, 4)?) << 32 | u64::from(word(body, 8)?),
                timestamp: word(body, 12)?,
                packets: word(body, 16)?,
                bytes: word(body, 20)?,
            };
            Message::SenderReport(
                info,
                Blocks {
                    left: count,
                    rest: &body[24..],
                },
            )
        }
        (RECEIVER_REPORT, _) => Message::ReceiverReport(Blocks {
            left: count,
            rest: body.get(4..)?,
        }),
        (TRANSPORT_FEEDBACK, NACK) => Message::Nack {
            ssrc: word(body, 4)?,
            lost: Lost {
                rest: &body[8..],
                base: 0,
                mask: 0,
                first: false,
            },
        },
        (TRANSPORT_FEEDBACK, TRANSPORT_CC) => {
            Message::TransportFeedback(TransportFeedback::parse(body)?)
        }
        (PAYLOAD_FEEDBACK, PLI) => Message::KeyframeRequest {
            ssrc: word(body, 4)?,
        },
        (PAYLOAD_FEEDBACK, APPLICATION) => {
            if body.get(8..12)? != b"REMB" {
                return None;
            }
            let estimate = word(body, 12)?;
            let exponent = (estimate >> 18) & 0x3f;
            let mantissa = u64::from(estimate & 0x3_ffff);
            Message::Remb {
                bitrate_bps: mantissa
                    .checked_shl(exponent)
                    .filter(|b| b >> exponent == mantissa)?,
            }
        }
        (GOODBYE, 1..) => Message::Goodbye {
            ssrc: word(body, 0)?,
        },
        _ => return None,
    })
}

/// Report blocks of one sender or receiver report.
#[derive(Clone, Debug)]
pub struct Blocks<'a> {
    left: u8,
    rest: &'a [u8],
}

impl Iterator for Blocks<'_> {
    type Item = ReportBlock;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let (block, rest) = self.rest.split_at_checked(24)?;
        self.rest = rest;
        let loss = word(block, 4)?;
        let cumulative = loss & 0xff_ffff;
        Some(ReportBlock {
            ssrc: word(block, 0)?,
            fraction_lost: (loss >> 24) as u8,
            cumulative_lost: if cumulative & 0x80_0000 == 0 {
                cumulative
            } else {
                0
            },
            highest_sequence: word(block, 8)?,
            jitter: word(block, 12)?,
            last_sender_report: word(block, 16)?,
            delay_since_last_sender_report: word(block, 20)?,
        })
    }
}

/// The sequence numbers of a negative acknowledgement.
#[derive(Clone, Debug)]
pub struct Lost<'a> {
    rest: &'a [u8],
    base: u16,
    mask: u16,
    first: bool,
}

impl Iterator for Lost<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        loop {
            if std::mem::take(&mut self.first) {
                return Some(self.base);
            }
            if self.mask != 0 {
                let bit = self.mask.trailing_zeros() as u16;
                self.mask &= self.mask - 1;
                return Some(self.base.wrapping_add(bit + 1));
            }
            let (entry, rest) = self.rest.split_at_checked(4)?;
            self.rest = rest;
            self.base = u16::from_be_bytes([entry[0], entry[1]]);
            self.mask = u16::from_be_bytes([entry[2], entry[3]]);
            self.first = true;
        }
    }
}

/// A few bytes can speak of sixty thousand packets; an honest report covers those of a fraction of a second.
const REPORTED_MAX: u16 = 4_096;

/// Transport-wide feedback: which packets arrived, and when.
#[derive(Clone, Debug)]
pub struct TransportFeedback<'a> {
    pub base_sequence: u16,
    pub report: u8,
    /// Reference time, units of 64 ms.
    pub reference: i32,
    left: u16,
    rest: &'a [u8],
}

impl<'a> TransportFeedback<'a> {
    fn parse(body: &'a [u8]) -> Option<Self> {
        let reference = word(body, 12)?;
        Some(Self {
            base_sequence: u16::from_be_bytes([*body.get(8)?, *body.get(9)?]),
            left: u16::from_be_bytes([*body.get(10)?, *body.get(11)?]),
            reference: (reference & !0xff).cast_signed() >> 8,
            report: reference as u8,
            rest: &body[16..],
        })
    }

    /// The packets in order: sequence number, and the arrival in microseconds since the reference's epoch. None at all
    /// when the report speaks of more than [`REPORTED_MAX`].
    pub fn packets(&self) -> Vec<(u16, Option<i64>)> {
        if self.left > REPORTED_MAX {
            return Vec::new();
        }
        let mut symbols = Vec::new();
        let mut rest = self.rest;
        while symbols.len() < usize::from(self.left) {
            let Some((chunk, after)) = rest.split_at_checked(2) else {
                return Vec::new();
            };
            rest = after;
            let chunk = u16::from_be_bytes([chunk[0], chunk[1]]);
            match chunk >> 14 {
                0 | 1 => {
                    let symbol = (chunk >> 13) & 0x3;
                    symbols.extend(std::iter::repeat_n(symbol, usize::from(chunk & 0x1fff)));
                }
                2 => symbols.extend((0..14).rev().map(|bit| (chunk >> bit) & 1)),
                _ => symbols.extend((0..7).rev().map(|pair| (chunk >> (2 * pair)) & 3)),
            }
        }
        symbols.truncate(usize::from(self.left));
        let mut at = i64::from(self.reference) * 64_000;
        let mut packets = Vec::with_capacity(symbols.len());
        for (offset, symbol) in symbols.into_iter().enumerate() {
            let delta = match (symbol, rest) {
                (1, [delta, after @ ..]) => {
                    rest = after;
                    Some(i64::from(*delta))
                }
                (2, [high, low, after @ ..]) => {
                    rest = after;
                    Some(i64::from(i16::from_be_bytes([*high, *low])))
                }
                _ => None,
            };
            let arrival = delta.map(|delta| {
                at += delta * 250;
                at
            });
            packets.push((self.base_sequence.wrapping_add(offset as u16), arrival));
        }
        packets
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..at + 4)?;
    Some(u32::from_be_bytes([word[0], word[1], word[2], word[3]]))
}
