//! What a receiver's downlink carries, shared out among its slots.

use std::time::Instant;

use super::peer::Peer;
use super::{Router, Sources};
use crate::bwe::{Budget, allocate};
use crate::rtcp::read::TransportFeedback;

impl Router {
    pub(super) fn handle_transport(
        &mut self,
        now: Instant,
        at: usize,
        feedback: &TransportFeedback<'_>,
    ) {
        let peer = self.peers.at_mut(at).expect("the caller found it");
        let Some(leg) = &mut peer.leg else {
            return;
        };
        leg.reported(now, feedback);
        if leg.is_overdrawn() && peer.look_at.is_some() {
            peer.look_at = Some(now);
            peer.deadline = Some(now);
        }
    }
}

/// Grants each slot what the estimate leaves for it; everything, where there is no estimate.
pub(super) fn share_out(peer: &mut Peer, sources: &Sources, now: Instant) {
    let remb = peer.stats.remb_bps.map(|bps| Budget {
        bps,
        firm: true,
        may_raise: true,
    });
    let known = peer.leg.as_ref().and_then(|leg| leg.budget(now));
    let Some(budget) = known.or(remb) else {
        peer.slots
            .iter_mut()
            .for_each(|slot| slot.set_free(now, sources));
        return;
    };
    let mut claims = Vec::with_capacity(peer.slots.len());
    let mut places = Vec::with_capacity(peer.slots.len());
    for (place, slot) in peer.slots.iter().enumerate() {
        if let Some(claim) = slot.claim(now, sources) {
            claims.push(claim);
            places.push(place);
        }
    }
    let mut grants = Vec::new();
    allocate(budget.bps, budget.may_raise, &claims, &mut grants);
    let (mut granted, mut wanted) = (0, 0);
    for ((claim, layer), place) in claims.iter().zip(grants).zip(places) {
        granted += claim.cost(layer);
        wanted += claim.best();
        peer.slots[place].granted(now, layer, budget.firm, sources);
    }
    if let Some(leg) = &mut peer.leg {
        leg.granted(now, granted, wanted);
    }
}
