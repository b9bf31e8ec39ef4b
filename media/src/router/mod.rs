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

mod ids;
mod spec;
mod stats;
mod table;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

pub use ids::{PeerId, SlotId, SourceId};
pub use spec::{Feedback, RouteError, RouterConfig, RouterEvent, SlotSpec, SourceSpec};
pub use stats::{PeerStats, SourceStats};

use crate::srtp::{self, is_rtcp};
use table::Table;

/// The largest datagram the router writes, sealed: fits an IPv6 path with the minimum Ethernet MTU and room for tunnels.
pub const DATAGRAM_MAX: usize = 1500;

/// Where sealed datagrams go. The worker implements it over its send arena.
pub trait Outbox {
    /// The datagrams that follow go to `peer`; `false` skips them (no address yet, or its queue is full).
    fn open(&mut self, peer: PeerId) -> bool;
    /// Room for one datagram of at least [`DATAGRAM_MAX`] bytes; used only after `open` returned true.
    fn room(&mut self) -> &mut [u8];
    /// The first `len` bytes of the last `room` are a whole sealed datagram.
    fn commit(&mut self, len: usize);
}

/// All peers, sources, slots and routes of one worker.
pub struct Router {
    config: RouterConfig,
    peers: Table<PeerId, Peer>,
    events: VecDeque<RouterEvent>,
    /// `wall` at `started`, since 1970; sender reports carry wall time.
    started: Instant,
    wall: Duration,
}

struct Peer {
    session: Option<srtp::Session>,
    stats: PeerStats,
}

impl Router {
    /// `wall` is the time since 1970 at `now`.
    pub fn new(config: RouterConfig, now: Instant, wall: Duration) -> Self {
        Self {
            config,
            peers: Table::default(),
            events: VecDeque::new(),
            started: now,
            wall,
        }
    }

    /// Makes room for a peer; sources and slots may be added before its keys are known.
    pub fn add_peer(&mut self, peer: PeerId) {
        self.peers.insert(
            peer,
            Peer {
                session: None,
                stats: PeerStats::default(),
            },
        );
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
        let _ = now;
        let entry = self
            .peers
            .get_mut(peer)
            .ok_or(RouteError::NoSuchPeer(peer))?;
        entry.stats.srtp_profile = Some(session.profile());
        entry.session = Some(session);
        Ok(())
    }

    /// Forgets a peer with its sources and slots. Slots that showed one of its sources fall silent.
    pub fn remove_peer(&mut self, peer: PeerId) {
        self.peers.remove(peer);
    }

    /// # Errors
    /// [`RouteError::NoSuchPeer`].
    pub fn add_source(&mut self, peer: PeerId, spec: SourceSpec) -> Result<(), RouteError> {
        let _ = spec;
        self.peers
            .get_mut(peer)
            .map(|_| ())
            .ok_or(RouteError::NoSuchPeer(peer))
    }

    /// # Errors
    /// [`RouteError::NoSuchPeer`].
    pub fn add_slot(&mut self, peer: PeerId, spec: SlotSpec) -> Result<(), RouteError> {
        let _ = spec;
        self.peers
            .get_mut(peer)
            .map(|_| ())
            .ok_or(RouteError::NoSuchPeer(peer))
    }

    /// Shows `source` in `slot`, or nothing. Video changes over at the new source's next key frame, which is asked for;
    /// until then the old one goes on. Repeating a route is harmless.
    ///
    /// # Errors
    /// The slot or source does not exist, or they do not fit; the route stays as it was.
    pub fn route(
        &mut self,
        now: Instant,
        slot: SlotId,
        source: Option<SourceId>,
    ) -> Result<(), RouteError> {
        let _ = (now, source);
        Err(RouteError::NoSuchSlot(slot))
    }

    /// Opens or closes a source. A closed source's packets are dropped at ingress whatever its client does.
    ///
    /// # Errors
    /// [`RouteError::NoSuchSource`].
    pub fn gate(&mut self, now: Instant, source: SourceId, open: bool) -> Result<(), RouteError> {
        let _ = (now, open);
        Err(RouteError::NoSuchSource(source))
    }

    /// Takes one SRTP or SRTCP datagram, decrypting it in place. What does not authenticate is counted and dropped.
    pub fn handle_datagram(&mut self, now: Instant, peer: PeerId, datagram: &mut [u8]) {
        let _ = (now, self.config, self.started, self.wall);
        let Some(peer) = self.peers.get_mut(peer) else {
            return;
        };
        let Some(session) = &mut peer.session else {
            return;
        };
        let opened = if is_rtcp(datagram) {
            session.inbound.unprotect_rtcp(datagram)
        } else {
            session.inbound.unprotect_rtp(datagram)
        };
        match opened {
            Ok(len) => {
                peer.stats.packets_in += 1;
                peer.stats.bytes_in += len as u64;
            }
            Err(_) => peer.stats.refused += 1,
        }
    }

    /// When [`Self::handle_timeout`] wants to be called next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        None
    }

    /// Lets time pass: reports, negative acknowledgements, key frame requests.
    pub fn handle_timeout(&mut self, now: Instant) {
        let _ = now;
    }

    /// Writes everything that is due to the receivers.
    pub fn flush(&mut self, now: Instant, outbox: &mut impl Outbox) {
        let _ = (now, outbox);
    }

    pub fn poll_event(&mut self) -> Option<RouterEvent> {
        self.events.pop_front()
    }

    pub fn peer_stats(&self, peer: PeerId) -> Option<PeerStats> {
        self.peers.get(peer).map(|peer| peer.stats)
    }

    pub fn source_stats(&self, source: SourceId) -> Option<SourceStats> {
        let _ = source;
        None
    }
}
