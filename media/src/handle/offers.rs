//! Answers offers and restarts: numbers are given and remembered here, packets are the worker's business.

use super::answered::{Published, PublishedTrack, Received, RestartAnswer, Slot};
use std::sync::Arc;

use super::{Media, etag};
use crate::engine::Admission;
use crate::registry::{PeerEntry, SlotEntry, SourceEntry};
use crate::router::{PeerId, Shard, SlotId, SlotSpec, SourceId, SourceSpec};
use crate::sdp::{self, Agreement, Fragment, IceCredentials, OfferRefusal, Purpose};
use crate::worker::Command;

impl Media {
    /// Answers a client that sends (WHIP). Its sources are open until [`Self::gate`] closes them.
    ///
    /// # Errors
    /// Any [`OfferRefusal`]; nothing is kept then.
    pub fn publish(&self, offer: &str) -> Result<Published, OfferRefusal> {
        let agreement = sdp::agree(offer, Purpose::Publish, &self.0.local)?;
        let mut registry = self.registry();
        registry.room()?;
        let peer = PeerId(registry.number());
        let shard = registry.least_loaded(|shard| self.is_live(shard));
        let mut tracks = Vec::with_capacity(agreement.media.len());
        let mut sources = Vec::with_capacity(agreement.media.len());
        for media in &agreement.media {
            let source = SourceId(registry.number());
            tracks.push(PublishedTrack {
                source,
                mid: media.mid.clone(),
                kind: media.kind,
                codec: media
                    .payloads
                    .first()
                    .map_or("", |payload| payload.codec.name())
                    .to_owned(),
            });
            let spec = SourceSpec {
                source,
                kind: media.kind,
                mid: media.mid.clone(),
                payloads: media.payloads.clone(),
                extensions: media.extensions,
                feedback: media.feedback,
                ssrcs: media.remote_ssrcs.clone(),
                rids: media.rids.clone(),
            };
            let entry = SourceEntry {
                peer,
                shard,
                spec: Arc::new(spec.clone()),
            };
            registry.sources.insert(source, entry);
            sources.push(spec);
        }
        let entry = entry(
            shard,
            &agreement,
            tracks.iter().map(|track| track.source).collect(),
            Vec::new(),
        );
        registry.admit(peer, entry);
        drop(registry);
        let etag = etag(&agreement.local_ice);
        let answer = agreement.answer.clone();
        self.admit(shard, peer, agreement, sources, Vec::new());
        Ok(Published {
            peer,
            answer,
            etag,
            tracks,
        })
    }

    /// Answers a client that receives (WHEP); each section it wants to receive is a slot.
    ///
    /// # Errors
    /// Any [`OfferRefusal`]; nothing is kept then.
    pub fn receive(&self, offer: &str) -> Result<Received, OfferRefusal> {
        let agreement = sdp::agree(offer, Purpose::Receive, &self.0.local)?;
        let mut registry = self.registry();
        registry.room()?;
        let peer = PeerId(registry.number());
        let shard = registry.least_loaded(|shard| self.is_live(shard));
        let mut slots = Vec::with_capacity(agreement.media.len());
        let mut specs = Vec::with_capacity(agreement.media.len());
        for media in &agreement.media {
            let Some(ssrcs) = media.local else { continue };
            let slot = SlotId(registry.number());
            let entry = SlotEntry {
                peer,
                shard,
                kind: media.kind,
                payloads: media.payloads.clone(),
            };
            registry.slots.insert(slot, entry);
            slots.push(Slot {
                slot,
                mid: media.mid.clone(),
                kind: media.kind,
            });
            specs.push(SlotSpec {
                slot,
                kind: media.kind,
                mid: media.mid.clone(),
                payloads: media.payloads.clone(),
                extensions: media.extensions,
                feedback: media.feedback,
                ssrc: ssrcs.media,
                rtx_ssrc: media.has_rtx().then_some(ssrcs.rtx),
                cname: ssrcs.cname(),
            });
        }
        let entry = entry(
            shard,
            &agreement,
            Vec::new(),
            slots.iter().map(|slot| slot.slot).collect(),
        );
        registry.admit(peer, entry);
        drop(registry);
        let etag = etag(&agreement.local_ice);
        let answer = agreement.answer.clone();
        self.admit(shard, peer, agreement, Vec::new(), specs);
        Ok(Received {
            peer,
            answer,
            etag,
            slots,
        })
    }

    fn admit(
        &self,
        shard: Shard,
        peer: PeerId,
        agreed: Agreement,
        sources: Vec<SourceSpec>,
        slots: Vec<SlotSpec>,
    ) {
        let admission = Admission {
            peer,
            local_ice: agreed.local_ice,
            remote_ufrag: agreed.remote_ice.ufrag,
            fingerprint: agreed.fingerprint,
            sources,
            slots,
        };
        // A worker that has ended shows in every count; the client will find nobody to talk to.
        let _ = self.tell(shard, Command::Admit(Box::new(admission)));
    }

    /// Takes a trickle fragment (WHIP/WHEP PATCH): candidates are not needed, new credentials restart ICE.
    ///
    /// # Errors
    /// The fragment cannot be read, or the peer is gone.
    pub fn restart_ice(&self, peer: PeerId, fragment: &str) -> Result<RestartAnswer, OfferRefusal> {
        let fragment = Fragment::parse(fragment)?;
        let mut registry = self.registry();
        let entry = registry.peers.get(&peer).ok_or(OfferRefusal::UnknownPeer)?;
        let Some(remote) = fragment.ice.filter(|ice| *ice != entry.remote_ice) else {
            return Ok(RestartAnswer::Trickled);
        };
        let local = IceCredentials::generate();
        let remote_ufrag = remote.ufrag.clone();
        let shard = registry
            .restart(peer, &local, remote)
            .ok_or(OfferRefusal::UnknownPeer)?;
        drop(registry);
        let answer = RestartAnswer::Restarted {
            fragment: sdp::restart_answer(&self.0.local, &local),
            etag: etag(&local),
        };
        let command = Command::RestartIce {
            peer,
            local,
            remote_ufrag,
        };
        self.tell(shard, command)
            .map_err(|_| OfferRefusal::UnknownPeer)?;
        Ok(answer)
    }
}

fn entry(
    shard: Shard,
    agreement: &Agreement,
    sources: Vec<SourceId>,
    slots: Vec<SlotId>,
) -> PeerEntry {
    PeerEntry {
        shard,
        former_ufrag: None,
        local_ice: agreement.local_ice.clone(),
        remote_ice: agreement.remote_ice.clone(),
        sources,
        slots,
    }
}
