//! Reads the SRTP profiles out of a client's first DTLS flight, which travels in the clear.

use std::collections::VecDeque;

const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const USE_SRTP: u16 = 14;
/// Post-quantum key shares make hellos of about 1.7 KiB; nothing honest comes near this.
const HELLO_MAX: usize = 16 * 1024;
/// Datagrams held back while the hello is incomplete.
const HELD_MAX: usize = 16;

/// A ClientHello being gathered from its fragments.
#[derive(Default)]
pub struct Hello {
    held: VecDeque<Vec<u8>>,
    body: Vec<u8>,
    /// (start, end) of what has arrived of `body`.
    ranges: Vec<(usize, usize)>,
    total: Option<usize>,
}

impl Hello {
    /// Adds a datagram; true once the whole hello is there. Datagrams that are no hello are forgotten.
    pub fn push(&mut self, datagram: &[u8]) -> bool {
        let mut useful = false;
        let mut rest = datagram;
        while rest.len() > 13 {
            let len = usize::from(u16::from_be_bytes([rest[11], rest[12]]));
            let Some(record) = rest.get(13..13 + len) else {
                break;
            };
            if rest[0] == HANDSHAKE {
                useful |= self.record(record);
            }
            rest = &rest[13 + len..];
        }
        if useful {
            if self.held.len() == HELD_MAX {
                self.held.pop_front();
            }
            self.held.push_back(datagram.to_vec());
        }
        self.complete()
    }

    fn record(&mut self, record: &[u8]) -> bool {
        if record.len() < 12 || record[0] != CLIENT_HELLO {
            return false;
        }
        let word = |at: usize| {
            usize::from(record[at]) << 16
                | usize::from(record[at + 1]) << 8
                | usize::from(record[at + 2])
        };
        let (total, offset, len) = (word(1), word(6), word(9));
        let end = offset + len;
        if total > HELLO_MAX || end > total || self.ranges.len() >= 4 * HELD_MAX {
            return false;
        }
        let Some(fragment) = record.get(12..12 + len) else {
            return false;
        };
        if self.total.is_some_and(|known| known != total) {
            // Another hello: its sender has begun anew.
            *self = Self::default();
        }
        self.total = Some(total);
        self.body.resize(total, 0);
        self.body[offset..end].copy_from_slice(fragment);
        self.ranges.push((offset, end));
        true
    }

    fn complete(&self) -> bool {
        let Some(total) = self.total else {
            return false;
        };
        let mut ranges = self.ranges.clone();
        ranges.sort_unstable();
        let reached = ranges.into_iter().fold(0, |reached, (start, end)| {
            if start <= reached {
                reached.max(end)
            } else {
                reached
            }
        });
        reached == total
    }

    /// The datagrams gathered, in order of arrival.
    pub fn take(&mut self) -> VecDeque<Vec<u8>> {
        std::mem::take(&mut self.held)
    }

    /// Wire numbers of the protection profiles in `use_srtp`, in the client's order.
    pub fn srtp_profiles(&self) -> Option<Vec<u16>> {
        let mut body = Reader(&self.body);
        body.skip(2 + 32)?;
        for width in [1, 1, 2, 1] {
            // Session id, cookie, cipher suites, compression methods.
            let len = body.number(width)?;
            body.skip(len)?;
        }
        let len = body.number(2)?;
        let mut extensions = Reader(body.skip(len)?);
        loop {
            let kind = extensions.number(2)?;
            let len = extensions.number(2)?;
            let mut value = Reader(extensions.skip(len)?);
            if kind == usize::from(USE_SRTP) {
                let len = value.number(2)?;
                let list = value.skip(len)?;
                return Some(
                    list.chunks_exact(2)
                        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
                        .collect(),
                );
            }
        }
    }
}

/// Takes bytes off the front, never past the end.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn skip(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self, width: usize) -> Option<usize> {
        self.skip(width).map(|bytes| {
            bytes
                .iter()
                .fold(0, |number, byte| number << 8 | usize::from(*byte))
        })
    }
}
