//! Builds the RTP header of a receiver's copy, with the header extensions negotiated on that leg.

use crate::ingress::Stored;
use crate::rtp::extension::{ONE_BYTE, TWO_BYTE};
use crate::rtp::{Extension, ExtensionMap};

/// Longest one-byte element.
const ONE_BYTE_VALUE_MAX: usize = 16;

/// The extension block of a slot: what is the same in every packet, prepared once.
pub(super) struct Template {
    /// Profile word, length word, MID and abs-send-time elements; empty when none are negotiated.
    block: Vec<u8>,
    send_time_at: Option<usize>,
    transport_at: Option<usize>,
    two_byte: bool,
    passes: bool,
}

/// What is stamped on a packet as it leaves.
#[derive(Clone, Copy)]
pub(super) struct Stamps {
    /// The 24 bits of abs-send-time.
    pub(super) send_time: [u8; 3],
    /// The transport-wide sequence number.
    pub(super) transport: Option<u16>,
}

/// A stored packet whose extensions may pass, and the extension ids of the two legs.
pub(super) struct Passing<'a> {
    pub(super) stored: &'a Stored,
    pub(super) publisher: &'a ExtensionMap,
    pub(super) receiver: &'a ExtensionMap,
}

/// The fields of the fixed header that differ between copies.
pub(super) struct Fixed {
    pub(super) marker: bool,
    pub(super) payload_type: u8,
    pub(super) sequence: u16,
    pub(super) timestamp: u32,
    pub(super) ssrc: u32,
}

impl Template {
    pub(super) fn new(map: &ExtensionMap, mid: &str) -> Self {
        let ids = Extension::ALL
            .into_iter()
            .filter_map(|extension| map.id(extension));
        let two_byte = ids.clone().any(|id| id > 14) || mid.len() > ONE_BYTE_VALUE_MAX;
        let mut block = Vec::new();
        let mut send_time_at = None;
        if ids.count() > 0 {
            block.extend_from_slice(&if two_byte { TWO_BYTE } else { ONE_BYTE }.to_be_bytes());
            block.extend_from_slice(&[0, 0]);
        }
        let mut put = |id: u8, value: &[u8]| {
            block_element(two_byte, id, value.len(), |bytes| {
                block.extend_from_slice(bytes)
            });
            block.extend_from_slice(value);
            block.len() - value.len()
        };
        if let Some(id) = map.id(Extension::Mid)
            && !mid.is_empty()
            && mid.len() <= 255
        {
            put(id, mid.as_bytes());
        }
        if let Some(id) = map.id(Extension::AbsSendTime) {
            send_time_at = Some(put(id, &[0; 3]));
        }
        let mut transport_at = None;
        if let Some(id) = map.id(Extension::TransportCc) {
            transport_at = Some(put(id, &[0; 2]));
        }
        let passes = Extension::ALL
            .into_iter()
            .any(|extension| extension.passes_through() && map.id(extension).is_some());
        Self {
            block,
            send_time_at,
            transport_at,
            two_byte,
            passes,
        }
    }

    /// Whether packets are numbered transport-wide.
    pub(super) fn transport(&self) -> bool {
        self.transport_at.is_some()
    }

    /// Bytes of a header without extensions that pass through.
    pub(super) fn len(&self) -> usize {
        12 + self.block.len().next_multiple_of(4)
    }

    /// Writes the header and its extensions to the front of `room`; `None` when they would not fit.
    pub(super) fn write(
        &self,
        room: &mut [u8],
        fixed: &Fixed,
        stamps: Stamps,
        passing: Option<&Passing<'_>>,
    ) -> Option<usize> {
        room[0] = 0x80;
        room[1] = u8::from(fixed.marker) << 7 | fixed.payload_type;
        room[2..4].copy_from_slice(&fixed.sequence.to_be_bytes());
        room[4..8].copy_from_slice(&fixed.timestamp.to_be_bytes());
        room[8..12].copy_from_slice(&fixed.ssrc.to_be_bytes());
        if self.block.is_empty() {
            return Some(12);
        }
        let mut at = 12 + self.block.len();
        room[12..at].copy_from_slice(&self.block);
        if let Some(send_time_at) = self.send_time_at {
            room[12 + send_time_at..12 + send_time_at + 3].copy_from_slice(&stamps.send_time);
        }
        if let (Some(transport_at), Some(number)) = (self.transport_at, stamps.transport) {
            room[12 + transport_at..12 + transport_at + 2].copy_from_slice(&number.to_be_bytes());
        }
        if self.passes
            && let Some(passing) = passing
        {
            let stored = passing.stored;
            for (id, value) in stored.header.elements(&stored.packet) {
                let passed = passing
                    .publisher
                    .extension(id)
                    .filter(|extension| extension.passes_through());
                let Some(id) = passed.and_then(|extension| passing.receiver.id(extension)) else {
                    continue;
                };
                if value.is_empty() || (!self.two_byte && value.len() > ONE_BYTE_VALUE_MAX) {
                    continue;
                }
                let target = room.get_mut(at..at + 2 + value.len() + 4)?;
                let mut head = 0;
                block_element(self.two_byte, id, value.len(), |bytes| {
                    target[..bytes.len()].copy_from_slice(bytes);
                    head = bytes.len();
                });
                target[head..head + value.len()].copy_from_slice(value);
                at += head + value.len();
            }
        }
        if at == 16 {
            return Some(12);
        }
        while !at.is_multiple_of(4) {
            room[at] = 0;
            at += 1;
        }
        room[0] = 0x90;
        room[14..16].copy_from_slice(&(((at - 16) / 4) as u16).to_be_bytes());
        Some(at)
    }
}

fn block_element(two_byte: bool, id: u8, len: usize, put: impl FnOnce(&[u8])) {
    if two_byte {
        put(&[id, len as u8]);
    } else {
        put(&[id << 4 | (len as u8 - 1)]);
    }
}
