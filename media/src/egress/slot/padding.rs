//! Padding on the retransmission stream: what probes are made of, and a sign of life while no picture may go out.

use super::super::header::{Fixed, Stamps};
use super::{Passage, Slot};
use crate::router::Outbox;
use crate::rtp::Payload;

/// The most one packet can carry: the length is its last byte.
const PADDING: usize = 255;

impl Slot {
    /// Sends at least `bytes` of padding; false when this slot has no stream for it.
    pub(crate) fn pad(&mut self, way: &mut Passage<'_, impl Outbox>, bytes: u64) -> bool {
        let rtx = |payload: &Payload| payload.rtx_payload_type;
        let payload_type = self.spec.payloads.iter().find_map(rtx);
        let (Some(ssrc), Some(payload_type)) = (self.spec.rtx_ssrc, payload_type) else {
            return false;
        };
        let mut sent = 0;
        while sent < bytes {
            let index = self.resend.next_index();
            let fixed = Fixed {
                marker: false,
                payload_type,
                sequence: index as u16,
                timestamp: self.last_timestamp,
                ssrc,
            };
            let size = self.template.len() + PADDING + way.overhead();
            let stamps = Stamps {
                send_time: way.clock.send_time(),
                transport: self.template.transport().then(|| way.number(size)),
            };
            let room = way.outbox.room();
            let Some(header_len) = self.template.write(room, &fixed, stamps, None) else {
                return false;
            };
            let len = header_len + PADDING;
            room[0] |= 0x20;
            room[header_len..len].fill(0);
            room[len - 1] = PADDING as u8;
            let sealed = way.outbound.seal_rtp(ssrc, index, header_len, room, len);
            way.outbox.commit(sealed);
            way.sent.packets += 1;
            way.sent.bytes += sealed as u64;
            sent += sealed as u64;
        }
        true
    }
}
