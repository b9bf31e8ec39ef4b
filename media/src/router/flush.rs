//! The hot path: for each receiver with news, every packet is copied, patched and sealed inside its datagram.

use std::time::Instant;

use crate::egress::{Clock, Passage, Sent, Slot};
use crate::srtp::OVERHEAD_MAX;

use super::{Outbox, Router};

impl Router {
    /// Writes everything that is due to the peers.
    pub fn flush(&mut self, now: Instant, outbox: &mut impl Outbox) {
        let clock = Clock {
            now,
            ntp: self.clock.ntp(now),
            us: self.clock.us(now),
        };
        let fresh_sources = std::mem::take(&mut self.fresh_sources);
        for &at in &fresh_sources {
            let Some(source) = self.sources.at(at) else {
                continue;
            };
            for &receiver in &source.receivers {
                if let Some(peer) = self.peers.at_mut(receiver)
                    && !std::mem::replace(&mut peer.listed, true)
                {
                    self.fresh_peers.push(receiver);
                }
            }
        }
        let fresh_peers = std::mem::take(&mut self.fresh_peers);
        for &at in &fresh_peers {
            self.flush_peer(clock, at, outbox);
        }
        for &at in &fresh_sources {
            self.pass_on(at);
            self.copy_to_recorder(clock, at);
            if let Some(source) = self.sources.at_mut(at) {
                source.listed = false;
                source
                    .layers
                    .iter_mut()
                    .for_each(|layer| layer.clear_batch());
            }
        }
        self.ask_for_mirrors(now);
        // Both lists keep their memory for the next flush, with whatever was listed meanwhile.
        self.fresh_sources = reuse(fresh_sources, &self.fresh_sources);
        self.fresh_peers = reuse(fresh_peers, &self.fresh_peers);
    }

    fn flush_peer(&mut self, clock: Clock, at: usize, outbox: &mut impl Outbox) {
        let Some(peer) = self.peers.at_mut(at) else {
            return;
        };
        peer.listed = false;
        let Some(session) = &mut peer.session else {
            return;
        };
        if !outbox.open(peer.id) {
            return;
        }
        peer.control.drain(|compound| {
            let room = outbox.room();
            if compound.len() + OVERHEAD_MAX <= room.len() {
                room[..compound.len()].copy_from_slice(compound);
                if let Ok(len) = session.outbound.protect_rtcp(room, compound.len()) {
                    outbox.commit(len);
                }
            }
        });
        let mut way = Passage {
            clock,
            sources: &self.sources,
            outbound: &session.outbound,
            outbox,
            sent: Sent::default(),
            leg: peer.leg.as_deref_mut(),
        };
        let mut left = None;
        self.wishes.clear();
        for slot in &mut peer.slots {
            let gone = slot.forward(&mut way);
            left = left.or(gone);
            if slot.has_requests() {
                slot.answer_requests(&mut way);
            }
            self.wishes.extend(slot.waits_for());
        }
        pad(&mut way, &mut peer.slots);
        let sent = way.sent;
        peer.deadline = peer
            .leg
            .as_ref()
            .and_then(|leg| leg.deadline(clock.now))
            .into_iter()
            .chain(peer.deadline)
            .min();
        peer.stats.packets_out += sent.packets;
        peer.stats.bytes_out += sent.bytes;
        peer.stats.retransmitted += sent.again;
        self.pass_on_wishes(clock.now);
        if let Some(source) = left {
            self.release_unused(at, source);
        }
    }

    /// After a change-over: a flush may leave several sources at once, so all that the peer no longer uses are released.
    fn release_unused(&mut self, at: usize, first: super::SourceId) {
        self.release(at, first);
        let Some(peer) = self.peers.at(at) else {
            return;
        };
        for (_, source) in self.sources.iter_mut() {
            if source.receivers.contains(&at)
                && !peer.slots.iter().any(|slot| slot.uses(source.spec.source))
            {
                source.receivers.retain(|receiver| *receiver != at);
            }
        }
    }
}

/// Sends the padding a leg asks for, on the first slot that can.
fn pad(way: &mut Passage<'_, impl Outbox>, slots: &mut [Slot]) {
    let now = way.clock.now;
    let bytes = way.leg.as_mut().map_or(0, |leg| leg.padding(now));
    if bytes > 0
        && !slots.iter_mut().any(|slot| slot.pad(way, bytes))
        && let Some(leg) = &mut way.leg
    {
        leg.cannot_pad(now);
    }
}

fn reuse(mut memory: Vec<usize>, meanwhile: &[usize]) -> Vec<usize> {
    memory.clear();
    memory.extend_from_slice(meanwhile);
    memory
}
