//! Who receives what: takes protected datagrams in, hands protected datagrams out, knows no socket and no clock.
//!
//! The worker's loop around it:
//! 1. every SRTP or SRTCP datagram of a peer whose address is proven: [`Router::handle_datagram`];
//! 2. when the socket is dry: [`Router::flush`], which walks receiver by receiver so that keys stay hot and
//!    datagrams to one address come in a run;
//! 3. [`Router::poll_event`] until empty;
//! 4. sleep until [`Router::poll_timeout`], then [`Router::handle_timeout`] and 2.
//!
//! Decrypted packets are stored once, in the ring of their layer; each receiver's copy is patched and sealed inside
//! the datagram buffer that the [`Outbox`] lends.

mod clock;
mod control;
mod downlink;
mod feedback;
mod flush;
mod ids;
mod inbound;
mod mirror;
mod note;
mod peer;
mod record;
mod spec;
mod stats;
mod table;
mod timers;

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

pub use ids::{PeerId, SlotId, SourceId};
pub use mirror::Foreign;
pub(crate) use mirror::Mirror;
pub use note::{Batch, Note, Shard};
pub(crate) use spec::LAYERS_MAX;
pub use spec::{
    Feedback, Priority, RouteError, RouteSpec, RouterConfig, RouterEvent, SlotSpec, SourceSpec,
};
pub use stats::{LayerStats, PeerStats, SlotStats, SourceStats};

use crate::bwe::Leg;
use crate::egress::Slot;
use crate::ingress::{Source, TransportRecorder};
use crate::rtp::Extension;
use crate::srtp;
use clock::WallClock;
use peer::{Peer, Stream};
use table::Table;

/// The largest datagram the router writes, sealed.
pub const DATAGRAM_MAX: usize = 1500;
/// Events nobody fetches are lost beyond this many; they are news, not state.
const EVENTS_MAX: usize = 4096;

pub(crate) type Sources = Table<SourceId, Source>;

/// Where sealed datagrams go. The worker implements it over its send arena.
pub trait Outbox {
    /// The datagrams that follow go to `peer`; `false` skips them (no address yet, or its queue is full).
    fn open(&mut self, peer: PeerId) -> bool;
    /// Room for one datagram of at least [`DATAGRAM_MAX`] bytes; used only after `open` returned true. Asking again
    /// without a `commit` gives the same room.
    fn room(&mut self) -> &mut [u8];
    /// The first `len` bytes of the last `room` are a whole sealed datagram.
    fn commit(&mut self, len: usize);
}

/// All peers, sources, slots and routes of one worker.
pub struct Router {
    config: RouterConfig,
    clock: WallClock,
    peers: Table<PeerId, Peer>,
    sources: Sources,
    /// Dense index of the peer, position among its slots.
    slots: BTreeMap<SlotId, (usize, usize)>,
    /// Sources with packets for the coming flush.
    fresh_sources: Vec<usize>,
    /// Peers with something to send in the coming flush.
    fresh_peers: Vec<usize>,
    /// Sources and layers whose key frame a slot waits for; kept for its memory.
    wishes: Vec<(usize, Option<usize>)>,
    events: VecDeque<RouterEvent>,
    /// Sources of other routers that are kept here.
    mirrors: Vec<usize>,
    /// When a mirror wants to ask for a key frame again.
    mirrors_due: Option<Instant>,
    notes: VecDeque<(Shard, Note)>,
}

impl Router {
    /// `wall` is the time since 1970 at `now`.
    pub fn new(config: RouterConfig, now: Instant, wall: Duration) -> Self {
        Self {
            config,
            clock: WallClock::new(now, wall),
            peers: Table::default(),
            sources: Table::default(),
            slots: BTreeMap::new(),
            fresh_sources: Vec::new(),
            fresh_peers: Vec::new(),
            wishes: Vec::new(),
            events: VecDeque::new(),
            mirrors: Vec::new(),
            mirrors_due: None,
            notes: VecDeque::new(),
        }
    }

    /// Makes room for a peer; sources and slots may be added before its keys are known.
    pub fn add_peer(&mut self, peer: PeerId) {
        self.remove_peer(peer);
        self.peers.insert(peer, Peer::new(peer));
    }

    /// Gives a peer its keys, after DTLS has completed and the fingerprint has been found right.
    ///
    /// # Errors
    /// [`RouteError::NoSuchPeer`].
    pub fn secure(
        &mut self,
        now: Instant,
        peer: PeerId,
        session: srtp::Session,
    ) -> Result<(), RouteError> {
        let entry = self
            .peers
            .get_mut(peer)
            .ok_or(RouteError::NoSuchPeer(peer))?;
        entry.stats.srtp_profile = Some(session.profile());
        entry.session = Some(session);
        entry.report_at = Some(now + peer::REPORT_EVERY);
        entry.deadline = entry.report_at;
        if entry.receives_video() {
            entry.look_at = Some(self.clock.next_beat(now, peer::LOOK_EVERY));
            entry.deadline = entry.report_at.min(entry.look_at);
        }
        // Whoever comes late needs a picture to begin with.
        for slot in &entry.slots {
            if let Some((at, layer)) = slot.waits_for()
                && let Some(source) = self.sources.at_mut(at)
            {
                source.want_keyframe(layer);
            }
        }
        Ok(())
    }

    /// Forgets a peer with its sources and slots. Slots that showed one of its sources fall silent.
    pub fn remove_peer(&mut self, peer: PeerId) {
        let Some((at, removed)) = self.peers.remove(peer) else {
            return;
        };
        self.fresh_peers.retain(|listed| *listed != at);
        for slot in &removed.slots {
            self.slots.remove(&slot.spec.slot);
        }
        for (_, source) in self.sources.iter_mut() {
            source.receivers.retain(|receiver| *receiver != at);
        }
        for source in removed.sources {
            if let Some(source) = self.sources.at(source) {
                self.remove_source(source.spec.source);
            }
        }
    }

    /// Forgets a source, here and with those who follow it.
    fn remove_source(&mut self, id: SourceId) {
        let Some((at, source)) = self.sources.remove(id) else {
            return;
        };
        self.fresh_sources.retain(|listed| *listed != at);
        self.mirrors.retain(|mirror| *mirror != at);
        for (_, peer) in self.peers.iter_mut() {
            peer.slots.iter_mut().for_each(|slot| slot.forget(id));
        }
        for follower in source.followers {
            self.post(follower, Note::Gone(id));
        }
    }

    /// Adds a track that `peer` publishes. It is open.
    ///
    /// # Errors
    /// [`RouteError::NoSuchPeer`].
    pub fn add_source(
        &mut self,
        now: Instant,
        peer: PeerId,
        spec: SourceSpec,
    ) -> Result<(), RouteError> {
        let started = self.clock.started();
        let entry = self
            .peers
            .get_mut(peer)
            .ok_or(RouteError::NoSuchPeer(peer))?;
        if spec.feedback.transport_cc && spec.extensions.id(Extension::TransportCc).is_some() {
            entry
                .transport
                .get_or_insert_with(|| TransportRecorder::new(started));
        }
        entry.remb |= spec.feedback.remb;
        let ssrcs = spec.ssrcs.clone();
        let id = spec.source;
        let mut source = Source::new(now, peer, spec);
        // Layers of a simulcast are told apart by RID, never by the order of SSRC lines.
        let named = ssrcs.first().copied().filter(|_| source.layers.len() == 1);
        if let Some((ssrc, rtx_ssrc)) = named {
            source.layers[0].ssrc = Some(ssrc);
            source.layers[0].rtx_ssrc = rtx_ssrc;
        }
        let at = self.sources.insert(id, source);
        entry.sources.push(at);
        for ssrc in named
            .into_iter()
            .flat_map(|(ssrc, rtx_ssrc)| std::iter::once(ssrc).chain(rtx_ssrc))
        {
            entry.streams.push(Stream {
                ssrc,
                source: at,
                layer: 0,
            });
        }
        Ok(())
    }

    /// Adds a track that `peer` receives. Nothing is shown in it yet.
    ///
    /// # Errors
    /// [`RouteError::NoSuchPeer`].
    pub fn add_slot(&mut self, peer: PeerId, spec: SlotSpec) -> Result<(), RouteError> {
        let at = self
            .peers
            .position(peer)
            .ok_or(RouteError::NoSuchPeer(peer))?;
        let entry = self.peers.at_mut(at).expect("a position is of a row");
        if spec.feedback.transport_cc && spec.extensions.id(Extension::TransportCc).is_some() {
            entry
                .leg
                .get_or_insert_with(|| Box::new(Leg::new(self.clock.started())));
        }
        self.slots.insert(spec.slot, (at, entry.slots.len()));
        entry.slots.push(Slot::new(spec));
        Ok(())
    }

    /// Shows `source` in `slot`, or nothing. Video changes over at the new source's next key frame, which is asked for;
    /// until then the old one goes on. Repeating a route is harmless; repeating it with another `spec` changes how the
    /// source is carried.
    ///
    /// # Errors
    /// The slot or source does not exist, or they do not fit; the route stays as it was.
    pub fn route(
        &mut self,
        now: Instant,
        slot: SlotId,
        source: Option<SourceId>,
        spec: RouteSpec,
    ) -> Result<(), RouteError> {
        let &(peer_at, slot_at) = self.slots.get(&slot).ok_or(RouteError::NoSuchSlot(slot))?;
        let peer = self
            .peers
            .at_mut(peer_at)
            .expect("slots are forgotten with their peer");
        let before = [peer.slots[slot_at].shown(), peer.slots[slot_at].routed()];
        match source {
            None => peer.slots[slot_at].clear(),
            Some(id) => {
                let at = self
                    .sources
                    .position(id)
                    .ok_or(RouteError::NoSuchSource(id))?;
                let entry = self.sources.at_mut(at).expect("a position is of a row");
                let slot = &mut peer.slots[slot_at];
                slot.accepts(entry)?;
                let known = slot.routed() == Some(id);
                if !known || slot.route_spec() != spec {
                    slot.show(now, at, entry, spec);
                    if let Some((_, layer)) = slot.waits_for() {
                        entry.want_keyframe(layer);
                    }
                    if !entry.receivers.contains(&peer_at) {
                        entry.receivers.push(peer_at);
                    }
                    let publisher = entry.publisher;
                    // What the downlink leaves for it is decided before its key frame is here.
                    if peer.look_at.is_some() {
                        peer.look_at = Some(now);
                        peer.deadline = Some(now);
                    }
                    self.wake(now, publisher);
                }
            }
        }
        for id in before.into_iter().flatten() {
            self.release(peer_at, id);
        }
        Ok(())
    }

    /// Opens or closes a source. A closed source's packets are dropped at ingress whatever its client does.
    ///
    /// # Errors
    /// [`RouteError::NoSuchSource`].
    pub fn gate(&mut self, source: SourceId, open: bool) -> Result<(), RouteError> {
        let entry = self
            .sources
            .get_mut(source)
            .ok_or(RouteError::NoSuchSource(source))?;
        entry.gate(open);
        Ok(())
    }

    pub fn poll_event(&mut self) -> Option<RouterEvent> {
        self.events.pop_front()
    }

    pub fn peer_stats(&self, peer: PeerId) -> Option<PeerStats> {
        let peer = self.peers.get(peer)?;
        let mut stats = peer.stats;
        let from_peer = peer
            .sources
            .iter()
            .filter_map(|at| self.sources.at(*at))
            .map(|source| source.stats().lost);
        stats.lost = from_peer
            .chain(peer.slots.iter().map(|slot| slot.lost))
            .sum();
        stats.rtt_ms = peer
            .slots
            .iter()
            .filter_map(Slot::rtt)
            .min()
            .map(|rtt| rtt.as_millis() as u32);
        stats.estimate_bps = peer.leg.as_ref().and_then(|leg| leg.estimate_bps());
        Some(stats)
    }

    /// `None` when the slot is gone.
    pub fn slot_stats(&self, slot: SlotId) -> Option<SlotStats> {
        let &(peer, at) = self.slots.get(&slot)?;
        Some(self.peers.at(peer)?.slots[at].stats())
    }

    /// Media packets sent to the peers there are now.
    pub fn packets_out(&self) -> u64 {
        let peers = self.peers.iter();
        peers.map(|(_, peer)| peer.stats.packets_out).sum()
    }

    pub fn source_stats(&self, source: SourceId) -> Option<SourceStats> {
        self.sources.get(source).map(Source::stats)
    }

    /// Takes a peer off a source's receivers unless another of its slots uses it.
    fn release(&mut self, peer_at: usize, id: SourceId) {
        let Some(peer) = self.peers.at(peer_at) else {
            return;
        };
        if !peer.slots.iter().any(|slot| slot.uses(id))
            && let Some(source) = self.sources.get_mut(id)
        {
            source.receivers.retain(|receiver| *receiver != peer_at);
        }
    }

    /// Has a peer looked at when time passes next.
    fn wake(&mut self, now: Instant, peer: PeerId) {
        if let Some(peer) = self.peers.get_mut(peer) {
            peer.deadline = Some(now);
        }
    }

    fn announce(&mut self, event: RouterEvent) {
        if self.events.len() < EVENTS_MAX {
            self.events.push_back(event);
        }
    }
}
