//! One receiver's copy of a stored packet: own header, own counters, shared payload.

use std::time::Instant;

use super::super::header::{Fixed, Passing, Stamps, Template};
use super::super::segment::Segment;
use crate::ingress::Stored;
use crate::router::DATAGRAM_MAX;
use crate::rtp::ExtensionMap;
use crate::srtp::OVERHEAD_MAX;

/// The instant of one flush in the forms the packets need.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    pub(crate) now: Instant,
    /// NTP time, 32.32.
    pub(crate) ntp: u64,
    /// Microseconds since the router's start.
    pub(crate) us: u64,
}

impl Clock {
    /// Fixed point 6.18 seconds.
    pub(super) fn send_time(self) -> [u8; 3] {
        let [.., a, b, c] = ((self.ntp >> 14) as u32).to_be_bytes();
        [a, b, c]
    }
}

/// One receiver's copy of a stored packet.
pub(super) struct Copy<'a> {
    pub(super) clock: Clock,
    pub(super) publisher: &'a ExtensionMap,
    pub(super) segment: &'a Segment,
    pub(super) stored: &'a Stored,
}

impl Copy<'_> {
    /// Writes the plain packet, as a retransmission when `original` is its sequence number. Answers with the lengths of
    /// the header and of the whole; `None` when it does not fit a datagram.
    pub(super) fn write(
        &self,
        room: &mut [u8],
        template: &Template,
        receiver: &ExtensionMap,
        fixed: &Fixed,
        original: Option<u16>,
        transport: Option<u16>,
    ) -> Option<(usize, usize)> {
        let stamps = Stamps {
            send_time: self.clock.send_time(),
            transport,
        };
        let passing = Passing {
            stored: self.stored,
            publisher: self.publisher,
            receiver,
        };
        let header_len = template.write(room, fixed, stamps, Some(&passing))?;
        let mut at = header_len;
        if let Some(original) = original {
            room[at..at + 2].copy_from_slice(&original.to_be_bytes());
            at += 2;
        }
        let payload = self.stored.payload();
        let end = at + payload.len();
        if end + OVERHEAD_MAX > room.len().min(DATAGRAM_MAX) {
            return None;
        }
        room[at..end].copy_from_slice(payload);
        if self.stored.vp8.has_picture_id() || self.stored.vp8.has_tl0_index() {
            let (picture_id, tl0_index) = (
                self.segment.picture_id(self.stored),
                self.segment.tl0_index(self.stored),
            );
            self.stored
                .vp8
                .rewrite(&mut room[at..end], picture_id, tl0_index);
        }
        Some((header_len, end))
    }
}
