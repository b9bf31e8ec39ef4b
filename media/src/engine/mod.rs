//! Everything a worker decides: whose datagram it is, what it may do, when it ends. No socket, no clock.
//!
//! Datagrams go through three gates, each cheaper to fail than the next: an address proven by an
//! authenticated connectivity check, a DTLS handshake with the certificate the offer promised, and
//! SRTP authentication in the router.

mod directory;
mod event;
mod group;
mod limits;
mod session;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use directory::Directory;
pub use event::{LostReason, MediaEvent};
pub use group::{Notice, Whose};
pub use session::Admission;

use crate::dtls::{DtlsFailure, Identity};
use crate::ice::Checked;
use crate::ice::stun::Request;
use crate::net::{Class, Remote};
use crate::record::Tap;
use crate::router::{
    DATAGRAM_MAX, Outbox, PeerId, PeerStats, RouteError, RouteSpec, Router, RouterConfig,
    RouterEvent, Shard, SlotId, SlotStats, SourceId, SourceStats,
};
use crate::sdp::IceCredentials;
use group::Group;
use limits::Strangers;
use session::Session;

/// Media that waited longer than this in the kernel is dropped: late pictures are worse than lost
/// ones, which are repaired or refreshed.
pub const MEDIA_AGE_MAX: Duration = Duration::from_millis(250);
/// A peer that has not completed its handshake by then is forgotten.
pub const CONNECT_WITHIN: Duration = Duration::from_secs(30);
/// How often consent is looked at.
const SWEEP: Duration = Duration::from_secs(1);

/// Where the engine's datagrams go.
pub trait Sink {
    /// What follows goes to `to`; false when that way is closed or full.
    fn open(&mut self, to: Remote) -> bool;
    /// Room for one datagram of `len` bytes.
    fn room(&mut self, len: usize) -> &mut [u8];
    /// The first `len` bytes of the last room are a datagram.
    fn commit(&mut self, len: usize);
}

/// Counters of the whole engine; per-peer ones are in [`PeerStats`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EngineStats {
    /// Checks without a known name or a right password.
    pub checks_refused: u64,
    /// DTLS or media from addresses nobody has proven, and datagrams of no known kind.
    pub strangers: u64,
    /// Datagrams beyond what their peer or their place may send, dropped unread.
    pub limited: u64,
    /// Media dropped because it had waited longer than [`MEDIA_AGE_MAX`].
    pub dropped_late: u64,
    /// Media packets sent to the peers there are now, retransmissions included.
    pub packets_out: u64,
    /// Peers held now.
    pub peers: u64,
    /// Addresses proven now.
    pub paths: u64,
    /// Datagrams handed to the worker that serves their peer, because the kernel gave them to another.
    pub handed_over: u64,
    /// Batches that another worker was too starved to take.
    pub lost_between: u64,
}

impl EngineStats {
    /// Both together.
    pub fn plus(self, other: Self) -> Self {
        Self {
            checks_refused: self.checks_refused + other.checks_refused,
            strangers: self.strangers + other.strangers,
            limited: self.limited + other.limited,
            dropped_late: self.dropped_late + other.dropped_late,
            packets_out: self.packets_out + other.packets_out,
            peers: self.peers + other.peers,
            paths: self.paths + other.paths,
            handed_over: self.handed_over + other.handed_over,
            lost_between: self.lost_between + other.lost_between,
        }
    }
}

/// All peers of one worker.
pub struct Engine {
    identity: Arc<Identity>,
    router: Router,
    /// Boxed: the nodes of a tree are half empty, and a session is large while it shakes hands.
    peers: BTreeMap<PeerId, Box<Session>>,
    by_ufrag: HashMap<String, PeerId>,
    by_remote: HashMap<Remote, PeerId>,
    /// Peers whose handshake is under way: only these have handshake timers.
    handshaking: BTreeSet<PeerId>,
    /// Peers with keys that have not yet shown that they have them too.
    settling: BTreeSet<PeerId>,
    transmits: VecDeque<(Remote, Vec<u8>)>,
    events: VecDeque<MediaEvent>,
    /// The engines that share the port, unless this is the only one.
    group: Option<Group>,
    notices: VecDeque<(Shard, Notice)>,
    sweep_at: Instant,
    strangers: Strangers,
    stats: EngineStats,
    /// Whose datagram, timer or stream is being worked on; blamed if that panics.
    busy: Option<PeerId>,
}

impl Engine {
    /// `wall` is the time since 1970 at `now`.
    pub fn new(
        identity: Arc<Identity>,
        config: RouterConfig,
        now: Instant,
        wall: Duration,
    ) -> Self {
        Self {
            identity,
            router: Router::new(config, now, wall),
            peers: BTreeMap::new(),
            by_ufrag: HashMap::new(),
            by_remote: HashMap::new(),
            handshaking: BTreeSet::new(),
            settling: BTreeSet::new(),
            transmits: VecDeque::new(),
            events: VecDeque::new(),
            group: None,
            notices: VecDeque::new(),
            sweep_at: now + SWEEP,
            strangers: Strangers::default(),
            stats: EngineStats::default(),
            busy: None,
        }
    }

    /// Lets a peer in whose offer has been answered.
    pub fn admit(&mut self, now: Instant, admission: Admission) {
        let peer = admission.peer;
        self.router.add_peer(peer);
        for source in admission.sources {
            if let Err(error) = self.router.add_source(now, peer, source) {
                tracing::error!(peer.id = peer.0, %error, "a peer's own source was refused");
            }
        }
        for slot in admission.slots {
            if let Err(error) = self.router.add_slot(peer, slot) {
                tracing::error!(peer.id = peer.0, %error, "a peer's own slot was refused");
            }
        }
        self.by_ufrag
            .insert(admission.local_ice.ufrag.clone(), peer);
        let session = Session::new(
            now,
            Arc::clone(&self.identity),
            admission.local_ice,
            admission.remote_ufrag,
            admission.fingerprint,
        );
        self.peers.insert(peer, Box::new(session));
        self.handshaking.insert(peer);
    }

    /// Shows a source in a slot, or nothing.
    ///
    /// # Errors
    /// As [`Router::route`].
    pub fn route(
        &mut self,
        now: Instant,
        slot: SlotId,
        source: Option<SourceId>,
        spec: RouteSpec,
    ) -> Result<(), RouteError> {
        self.router.route(now, slot, source, spec)
    }

    /// Opens or closes a source.
    ///
    /// # Errors
    /// As [`Router::gate`].
    pub fn gate(&mut self, source: SourceId, open: bool) -> Result<(), RouteError> {
        self.router.gate(source, open)
    }

    /// Has a source recorded, or no longer.
    ///
    /// # Errors
    /// As [`Router::tap`].
    pub fn tap(
        &mut self,
        now: Instant,
        source: SourceId,
        tap: Option<Box<Tap>>,
    ) -> Result<(), RouteError> {
        self.router.tap(now, source, tap)
    }

    /// New credentials on both sides; media goes on meanwhile.
    pub fn restart_ice(
        &mut self,
        now: Instant,
        peer: PeerId,
        local: IceCredentials,
        remote_ufrag: String,
    ) {
        let Some(session) = self.peers.get_mut(&peer) else {
            return;
        };
        let before: Vec<String> = session.ice.local_ufrags().map(str::to_owned).collect();
        self.by_ufrag.insert(local.ufrag.clone(), peer);
        session.ice.restart(now, local, remote_ufrag);
        for old in before {
            if !session.ice.local_ufrags().any(|valid| valid == old) {
                self.by_ufrag.remove(&old);
            }
        }
    }

    /// Forgets a peer that its owner no longer wants; no event.
    pub fn remove(&mut self, now: Instant, peer: PeerId) {
        let Some(mut session) = self.peers.remove(&peer) else {
            return;
        };
        session.dtls.close(now);
        if let Some(to) = session.ice.selected() {
            while let Some(datagram) = session.dtls.poll_transmit() {
                self.transmits.push_back((to, datagram.to_vec()));
            }
        }
        self.handshaking.remove(&peer);
        self.settling.remove(&peer);
        self.router.remove_peer(peer);
        for ufrag in session.ice.local_ufrags() {
            self.by_ufrag.remove(ufrag);
        }
        for remote in session.ice.remotes() {
            if self.by_remote.get(&remote) == Some(&peer) {
                self.unclaim(remote);
            }
        }
    }

    /// Forgets a peer and says why.
    fn lose(&mut self, now: Instant, peer: PeerId, reason: LostReason) {
        if self.peers.contains_key(&peer) {
            self.remove(now, peer);
            self.events.push_back(MediaEvent::Lost { peer, reason });
        }
    }

    /// Whether a peer has proven this address.
    pub fn knows(&self, remote: Remote) -> bool {
        self.by_remote.contains_key(&remote)
    }

    /// Takes one datagram that is this engine's ([`Self::sort`]). `age` is how long it waited in the kernel.
    pub fn handle_datagram(
        &mut self,
        now: Instant,
        from: Remote,
        datagram: &mut [u8],
        age: Duration,
    ) {
        self.busy = None;
        let class = Class::of(datagram);
        let known = self.by_remote.get(&from).copied();
        if let Some(session) = known.and_then(|peer| self.peers.get_mut(&peer))
            && !session.allowance.admit(now, class, datagram)
        {
            self.stats.limited += 1;
            return;
        }
        if class == Class::Stun {
            return self.handle_check(now, from, datagram);
        }
        let Some(peer) = known else {
            self.stats.strangers += 1;
            return;
        };
        self.busy = Some(peer);
        match class {
            Class::Dtls => self.handle_dtls(now, peer, from, datagram),
            Class::Media if age > MEDIA_AGE_MAX && !crate::srtp::is_rtcp(datagram) => {
                self.stats.dropped_late += 1;
            }
            Class::Media => {
                let authentic = self.router.handle_datagram(now, peer, datagram);
                // Who protects media has our last flight: nothing of the handshake will be asked for again.
                if authentic
                    && !self.settling.is_empty()
                    && self.settling.remove(&peer)
                    && let Some(session) = self.peers.get_mut(&peer)
                {
                    session.dtls.settle();
                }
            }
            Class::Stun | Class::Other => self.stats.strangers += 1,
        }
    }

    fn handle_check(&mut self, now: Instant, from: Remote, datagram: &[u8]) {
        let known = Request::parse(datagram).and_then(|request| {
            let peer = *self.by_ufrag.get(request.local_ufrag)?;
            Some((request, peer, self.peers.get_mut(&peer)?))
        });
        let Some((request, peer, session)) = known else {
            self.stats.checks_refused += 1;
            return;
        };
        self.busy = Some(peer);
        let Checked::Answered {
            answer,
            learnt,
            forgotten,
        } = session.ice.check(now, from, &request)
        else {
            self.stats.checks_refused += 1;
            return;
        };
        // An address proven by a newer peer is no longer the older one's: a page reloaded behind
        // the same port.
        if learnt
            && let Some(former) = self.claim(from, peer)
            && former != peer
            && let Some(former) = self.peers.get_mut(&former)
        {
            former.ice.lose(from);
        }
        if let Some(forgotten) = forgotten {
            self.unclaim(forgotten);
        }
        self.transmits.push_back((from, answer));
    }

    fn handle_dtls(&mut self, now: Instant, peer: PeerId, from: Remote, datagram: &[u8]) {
        let Some(session) = self.peers.get_mut(&peer) else {
            return;
        };
        let outcome = session.dtls.handle(now, datagram);
        // The flight answers to where the client speaks from: it may not have nominated a path yet.
        while let Some(answer) = session.dtls.poll_transmit() {
            self.transmits.push_back((from, answer.to_vec()));
        }
        match outcome {
            Ok(None) => {}
            Ok(Some(keys)) => {
                let srtp = keys.profile();
                session.secured = true;
                self.handshaking.remove(&peer);
                self.settling.insert(peer);
                if self.router.secure(now, peer, keys).is_ok() {
                    self.events.push_back(MediaEvent::Connected { peer, srtp });
                }
            }
            Err(failure) => {
                tracing::info!(peer.id = peer.0, %failure, "a media peer's DTLS has ended");
                self.lose(now, peer, LostReason::from(failure));
            }
        }
    }

    /// When [`Self::handle_timeout`] wants to be called next.
    pub fn poll_timeout(&self) -> Instant {
        let handshakes = self
            .handshaking
            .iter()
            .filter_map(|peer| self.peers.get(peer)?.dtls.poll_timeout())
            .min();
        [handshakes, self.router.poll_timeout()]
            .into_iter()
            .flatten()
            .fold(self.sweep_at, Instant::min)
    }

    /// Lets time pass.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.busy = None;
        self.handle_handshakes(now);
        if now >= self.sweep_at {
            self.sweep_at = now + SWEEP;
            self.sweep(now);
        }
        if self.router.poll_timeout().is_some_and(|at| at <= now) {
            self.router.handle_timeout(now);
        }
    }

    fn handle_handshakes(&mut self, now: Instant) {
        let mut failed = Vec::new();
        for peer in &self.handshaking {
            let Some(session) = self.peers.get_mut(peer) else {
                continue;
            };
            if session.dtls.poll_timeout().is_none_or(|at| at > now) {
                continue;
            }
            let outcome = session.dtls.handle_timeout(now);
            if let Some(to) = session.ice.selected() {
                while let Some(flight) = session.dtls.poll_transmit() {
                    self.transmits.push_back((to, flight.to_vec()));
                }
            }
            if let Err(failure) = outcome {
                failed.push((*peer, failure));
            }
        }
        for (peer, failure) in failed {
            self.lose(now, peer, LostReason::from(failure));
        }
    }

    fn sweep(&mut self, now: Instant) {
        self.router.sweep_mirrors(now);
        let ended: Vec<(PeerId, LostReason)> = self
            .peers
            .iter()
            .filter_map(|(peer, session)| {
                let reason = if !session.secured && session.admitted_at + CONNECT_WITHIN <= now {
                    LostReason::NeverConnected
                } else if session.ice.expires_at() <= now {
                    LostReason::ConsentExpired
                } else {
                    return None;
                };
                Some((*peer, reason))
            })
            .collect();
        for (peer, reason) in ended {
            self.lose(now, peer, reason);
        }
    }

    /// An address serves its peer no more: its TCP connection is gone, or another peer has proven it.
    pub fn lose_path(&mut self, remote: Remote) {
        if let Some(peer) = self.unclaim(remote)
            && let Some(session) = self.peers.get_mut(&peer)
        {
            session.ice.lose(remote);
        }
    }

    /// Writes everything due: answers first, then media receiver by receiver.
    pub fn flush(&mut self, now: Instant, sink: &mut impl Sink) {
        self.busy = None;
        while let Some((to, datagram)) = self.transmits.pop_front() {
            if sink.open(to) {
                sink.room(datagram.len()).copy_from_slice(&datagram);
                sink.commit(datagram.len());
            }
        }
        let mut outbox = PeerOutbox {
            peers: &self.peers,
            busy: &mut self.busy,
            sink,
        };
        self.router.flush(now, &mut outbox);
        self.busy = None;
    }

    /// The next thing the owner should know.
    pub fn poll_event(&mut self) -> Option<MediaEvent> {
        if let Some(event) = self.events.pop_front() {
            return Some(event);
        }
        self.router.poll_event().map(|event| match event {
            RouterEvent::FirstPacket { source } => MediaEvent::FirstPacket { source },
            RouterEvent::Level { source, dbov } => MediaEvent::Level { source, dbov },
        })
    }

    /// Ends the peer whose work has just panicked, so that the others go on.
    pub fn recover(&mut self, now: Instant) {
        if let Some(peer) = self.busy.take() {
            self.lose(now, peer, LostReason::Internal);
        }
    }

    /// Counters of one peer.
    pub fn peer_stats(&self, peer: PeerId) -> Option<PeerStats> {
        self.router.peer_stats(peer)
    }

    /// What a slot shows.
    pub fn slot_stats(&self, slot: SlotId) -> Option<SlotStats> {
        self.router.slot_stats(slot)
    }

    /// Counters of one source.
    pub fn source_stats(&self, source: SourceId) -> Option<SourceStats> {
        self.router.source_stats(source)
    }

    /// Counters of the engine.
    pub fn stats(&self) -> EngineStats {
        EngineStats {
            packets_out: self.router.packets_out(),
            peers: self.peers.len() as u64,
            paths: self.by_remote.len() as u64,
            ..self.stats
        }
    }
}

/// Gives the router's datagrams the address ICE has settled on.
struct PeerOutbox<'a, S> {
    peers: &'a BTreeMap<PeerId, Box<Session>>,
    busy: &'a mut Option<PeerId>,
    sink: &'a mut S,
}

impl<S: Sink> Outbox for PeerOutbox<'_, S> {
    fn open(&mut self, peer: PeerId) -> bool {
        *self.busy = Some(peer);
        match self
            .peers
            .get(&peer)
            .and_then(|session| session.ice.selected())
        {
            Some(to) => self.sink.open(to),
            None => false,
        }
    }

    fn room(&mut self) -> &mut [u8] {
        self.sink.room(DATAGRAM_MAX)
    }

    fn commit(&mut self, len: usize) {
        self.sink.commit(len);
    }
}

impl From<DtlsFailure> for LostReason {
    fn from(failure: DtlsFailure) -> Self {
        match failure {
            DtlsFailure::Fingerprint => Self::WrongFingerprint,
            DtlsFailure::Closed => Self::Closed,
            DtlsFailure::Profile | DtlsFailure::Handshake(_) => Self::HandshakeFailed,
        }
    }
}

#[cfg(test)]
mod tests;
