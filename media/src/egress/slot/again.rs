//! Packets a receiver has lost, sent again out of the ring that all receivers share.

use super::super::header::Fixed;
use super::copy::Copy;
use super::{Passage, Slot};
use crate::router::Outbox;
use crate::rtp::MediaKind;

impl Slot {
    /// The receiver asks for packets again.
    pub(crate) fn asked(&mut self, sequences: impl Iterator<Item = u16>) {
        if self.spec.rtx_ssrc.is_some() {
            self.resend.asked(sequences);
        }
    }

    pub(crate) fn has_requests(&self) -> bool {
        !self.resend.is_idle()
    }

    /// Answers the receiver's requests out of the shared ring.
    ///
    /// Only on a retransmission stream of its own: sealing another packet under an index used before would give the
    /// key of an AEAD away.
    pub(crate) fn answer_requests(&mut self, way: &mut Passage<'_, impl Outbox>) {
        let queue = self.resend.take_queue();
        if self.dark {
            // It begins anew with a key frame; nothing of before will be shown.
            return self.resend.return_queue(queue);
        }
        // On a way that is full, repairs of pictures are as late as pictures.
        if self.spec.kind == MediaKind::Video && !way.has_room(self.route.priority) {
            return self.resend.return_queue(queue);
        }
        for &sequence in &queue {
            self.send_again(way, sequence);
        }
        self.resend.return_queue(queue);
    }

    fn send_again(&mut self, way: &mut Passage<'_, impl Outbox>, sequence: u16) -> Option<()> {
        let clock = way.clock;
        let rtx_ssrc = self.spec.rtx_ssrc?;
        let behind = (self.last_out as u16).wrapping_sub(sequence);
        let out = self
            .last_out
            .checked_sub(u64::from(behind))
            .filter(|out| *out >= self.begun_out)?;
        let segment = self
            .segments
            .iter()
            .rev()
            .find(|segment| segment.first_out <= out)?;
        let source = way
            .sources
            .at(segment.source)
            .filter(|source| source.spec.source == segment.id)?;
        let layer = source
            .layers
            .get(segment.layer)
            .filter(|layer| layer.epoch() == segment.epoch)?;
        let stored = layer.stored(segment.layer_position(out)?)?;
        let payload = segment.payload(stored.header.payload_type)?;
        let payload_type = payload.rtx?;
        if !self.resend.grant(clock.now, sequence, stored.packet.len()) {
            return None;
        }
        let index = self.resend.next_index();
        let size = self.template.len() + stored.payload().len() + way.overhead();
        let transport = self.template.transport().then(|| way.number(size));
        let room = way.outbox.room();
        let fixed = Fixed {
            marker: stored.header.marker,
            payload_type,
            sequence: index as u16,
            timestamp: stored
                .header
                .timestamp
                .wrapping_add(segment.timestamp_offset),
            ssrc: rtx_ssrc,
        };
        let copy = Copy {
            clock,
            publisher: &source.spec.extensions,
            segment,
            stored,
        };
        let (header_len, len) = copy.write(
            room,
            &self.template,
            &self.spec.extensions,
            &fixed,
            Some(sequence),
            transport,
        )?;
        let sealed = way
            .outbound
            .seal_rtp(rtx_ssrc, index, header_len, room, len);
        way.outbox.commit(sealed);
        way.sent.again += 1;
        way.sent.packets += 1;
        way.sent.bytes += sealed as u64;
        Some(())
    }
}
