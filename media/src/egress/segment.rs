//! A stretch of a slot's stream that comes from one layer: how positions and counters of that layer map into the slot.

use crate::ingress::{Source, Stored};
use crate::router::SourceId;
use crate::rtp::Payload;

/// Payload types of the publisher and what they are called on the receiver's leg.
#[derive(Clone, Copy, Debug)]
pub(super) struct PayloadMapping {
    from: u8,
    pub(super) to: u8,
    pub(super) rtx: Option<u8>,
}

pub(super) struct Segment {
    /// Dense index of the source in the router's table, valid while `id` is there.
    pub(super) source: usize,
    pub(super) id: SourceId,
    pub(super) layer: usize,
    pub(super) epoch: u32,
    pub(super) first_in: u64,
    pub(super) first_out: u64,
    /// All wrapping.
    pub(super) timestamp_offset: u32,
    pub(super) picture_offset: u16,
    pub(super) tl0_offset: u8,
    payloads: Vec<PayloadMapping>,
}

/// Where a slot's stream continues when a segment begins.
pub(super) struct Continuation {
    pub(super) first_out: u64,
    pub(super) timestamp: Option<u32>,
    pub(super) picture_id: Option<u16>,
    pub(super) tl0_index: Option<u8>,
}

impl Segment {
    pub(super) fn begin(
        source: usize,
        from: &Source,
        layer: usize,
        stored: &Stored,
        payloads: Vec<PayloadMapping>,
        after: &Continuation,
    ) -> Self {
        let offset = |next: u32, current: u32| next.wrapping_sub(current);
        Self {
            source,
            id: from.spec.source,
            layer,
            epoch: from.layers[layer].epoch(),
            first_in: stored.index,
            first_out: after.first_out,
            timestamp_offset: after
                .timestamp
                .map_or(0, |next| offset(next, stored.header.timestamp)),
            picture_offset: after
                .picture_id
                .map_or(0, |next| next.wrapping_sub(stored.vp8.picture_id) & 0x7fff),
            tl0_offset: after
                .tl0_index
                .map_or(0, |next| next.wrapping_sub(stored.vp8.tl0_index)),
            payloads,
        }
    }

    /// The slot's position for a position of the layer; `None` for what came before the segment.
    pub(super) fn out(&self, index: u64) -> Option<u64> {
        Some(index.checked_sub(self.first_in)? + self.first_out)
    }

    /// The layer's position for a position of the slot.
    pub(super) fn layer_position(&self, out: u64) -> Option<u64> {
        Some(out.checked_sub(self.first_out)? + self.first_in)
    }

    pub(super) fn picture_id(&self, stored: &Stored) -> u16 {
        stored.vp8.picture_id.wrapping_add(self.picture_offset) & 0x7fff
    }

    pub(super) fn tl0_index(&self, stored: &Stored) -> u8 {
        stored.vp8.tl0_index.wrapping_add(self.tl0_offset)
    }

    pub(super) fn payload(&self, payload_type: u8) -> Option<PayloadMapping> {
        self.payloads
            .iter()
            .find(|mapping| mapping.from == payload_type)
            .copied()
    }
}

/// What of `sent` a receiver of `wanted` can be given, each under its best payload type.
pub(super) fn map_payloads(wanted: &[Payload], sent: &[Payload]) -> Vec<PayloadMapping> {
    let best = |sent: &Payload| {
        let ranked = wanted
            .iter()
            .filter_map(|mine| Some((mine.codec.accepts(sent.codec)?, mine)));
        let (_, mine) = ranked.min_by_key(|(rank, _)| *rank)?;
        Some(PayloadMapping {
            from: sent.payload_type,
            to: mine.payload_type,
            rtx: mine.rtx_payload_type,
        })
    };
    sent.iter().filter_map(best).collect()
}
