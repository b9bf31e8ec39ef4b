//! The door of the media server: calls are checked here and carried out by a worker thread.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::dtls::Identity;
use crate::engine::{Admission, Engine, EngineStats, MediaEvent};
use crate::net::udp::Udp;
use crate::net::wake::Wake;
use crate::registry::{PeerEntry, Registry, TrackEntry};
use crate::router::{
    PeerId, PeerStats, RouteError, RouterConfig, SlotId, SlotSpec, SourceId, SourceSpec,
    SourceStats,
};
use crate::rtp::MediaKind;
use crate::sdp::{self, Agreement, Fragment, IceCredentials, LocalSide, OfferRefusal, Purpose};
use crate::worker::{Command, Worker};

/// Calls waiting for a worker; it takes them thousands of times a second.
const COMMANDS_MAX: usize = 4_096;
/// Events waiting for their owner.
const EVENTS_MAX: usize = 65_536;
/// How long a count is waited for.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// Where the media server listens and what it tells clients.
#[derive(Debug, Clone)]
pub struct MediaConfig {
    /// Address of the one public UDP port; port 0 lets the system choose.
    pub udp: SocketAddr,
    /// Addresses clients can reach; empty: those of this machine that the socket is bound to.
    pub advertised: Vec<IpAddr>,
    /// Worker threads. One serves everything at present; larger values are taken as one.
    pub workers: usize,
    /// Address of the TCP port for networks that drop UDP.
    pub tcp: Option<SocketAddr>,
}

impl Default for MediaConfig {
    fn default() -> Self {
        Self {
            udp: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            advertised: Vec::new(),
            workers: 1,
            tcp: None,
        }
    }
}

/// An answered offer of a client that sends.
#[derive(Debug, Clone)]
pub struct Published {
    /// Its number.
    pub peer: PeerId,
    /// The SDP answer.
    pub answer: String,
    /// `ETag` of the ICE generation (RFC 9725, 4.3.1), without quotes.
    pub etag: String,
    /// Accepted tracks, in the order of the offer.
    pub tracks: Vec<PublishedTrack>,
}

/// One published track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedTrack {
    /// Its number, for routes and gates.
    pub source: SourceId,
    /// Its `a=mid`.
    pub mid: String,
    /// Audio or video.
    pub kind: MediaKind,
    /// `VP8`, `H264` or `opus`.
    pub codec: String,
}

/// An answered offer of a client that receives.
#[derive(Debug, Clone)]
pub struct Received {
    /// Its number.
    pub peer: PeerId,
    /// The SDP answer.
    pub answer: String,
    /// As [`Published::etag`].
    pub etag: String,
    /// Places into which sources can be routed, in the order of the offer.
    pub slots: Vec<Slot>,
}

/// One place of a receiving client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Its number, for routes.
    pub slot: SlotId,
    /// Its `a=mid`.
    pub mid: String,
    /// Audio or video.
    pub kind: MediaKind,
}

/// What a PATCH of a WHIP or WHEP session comes to (RFC 9725, 4.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RestartAnswer {
    /// Candidates of the present generation: nothing to say (204).
    Trickled,
    /// New credentials (200, `application/trickle-ice-sdpfrag`).
    Restarted {
        /// The body.
        fragment: String,
        /// The new `ETag`, without quotes.
        etag: String,
    },
}

/// Why a call had no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The slot, source or peer is not there or does not fit.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// The media server has ended.
    #[error("the media server has ended")]
    Stopped,
}

/// The media server. Clones are handles to the same one; it ends with the last of them.
#[derive(Clone)]
pub struct Media(Arc<Inner>);

struct Inner {
    registry: Arc<Mutex<Registry>>,
    local: LocalSide,
    commands: SyncSender<Command>,
    wake: Arc<Wake>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Media {
    /// Binds, makes a certificate and starts the workers. Events are for one owner; they are dropped, loudness
    /// first, when nobody takes them.
    ///
    /// # Errors
    /// The address is taken or not ours, or the system has no more threads or descriptors.
    pub fn start(config: MediaConfig) -> io::Result<(Self, Receiver<MediaEvent>)> {
        let udp = Udp::bind(config.udp)?;
        Self::start_on(config, udp)
    }

    /// As [`Self::start`], one datagram per kernel message: for measuring what segmentation earns.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_unsegmented(config: MediaConfig) -> io::Result<(Self, Receiver<MediaEvent>)> {
        let udp = Udp::bind(config.udp)?.without_gso();
        Self::start_on(config, udp)
    }

    fn start_on(config: MediaConfig, udp: Udp) -> io::Result<(Self, Receiver<MediaEvent>)> {
        let identity = Arc::new(Identity::generate()?);
        let bound = udp.local_addr()?;
        let local = LocalSide {
            udp: advertised(&config.advertised, bound),
            tcp: Vec::new(),
            fingerprint: identity.fingerprint().to_owned(),
        };
        let (commands, waiting) = sync_channel(COMMANDS_MAX);
        let (report, events) = sync_channel(EVENTS_MAX);
        let wake = Arc::new(Wake::new()?);
        let registry = Arc::new(Mutex::new(Registry::default()));
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let engine = Engine::new(identity, RouterConfig::default(), Instant::now(), wall);
        let worker = Worker::new(
            engine,
            udp,
            waiting,
            Arc::clone(&wake),
            report,
            Arc::clone(&registry),
        );
        let thread = std::thread::Builder::new()
            .name("media-0".to_owned())
            .spawn(move || worker.run())?;
        tracing::info!(address = %bound, "the media server listens");
        let thread = Mutex::new(Some(thread));
        Ok((
            Self(Arc::new(Inner {
                registry,
                local,
                commands,
                wake,
                thread,
            })),
            events,
        ))
    }

    /// The UDP addresses written into answers.
    pub fn udp_addresses(&self) -> &[SocketAddr] {
        &self.0.local.udp
    }

    /// Answers a client that sends (WHIP). Its sources are open until [`Self::gate`] closes them.
    ///
    /// # Errors
    /// Any [`OfferRefusal`]; nothing is kept then.
    pub fn publish(&self, offer: &str) -> Result<Published, OfferRefusal> {
        let agreement = sdp::agree(offer, Purpose::Publish, &self.0.local)?;
        let mut registry = self.registry();
        registry.room()?;
        let peer = PeerId(registry.number());
        let mut tracks = Vec::with_capacity(agreement.media.len());
        let mut sources = Vec::with_capacity(agreement.media.len());
        for media in &agreement.media {
            let source = SourceId(registry.number());
            let entry = TrackEntry {
                peer,
                kind: media.kind,
                payloads: media.payloads.clone(),
            };
            registry.sources.insert(source, entry);
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
            sources.push(SourceSpec {
                source,
                kind: media.kind,
                mid: media.mid.clone(),
                payloads: media.payloads.clone(),
                extensions: media.extensions,
                feedback: media.feedback,
                ssrcs: media.remote_ssrcs.clone(),
                rids: media.rids.clone(),
            });
        }
        let entry = entry(
            &agreement,
            tracks.iter().map(|track| track.source).collect(),
            Vec::new(),
        );
        registry.peers.insert(peer, entry);
        drop(registry);
        let etag = etag(&agreement.local_ice);
        let answer = agreement.answer.clone();
        self.admit(peer, agreement, sources, Vec::new());
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
        let mut slots = Vec::with_capacity(agreement.media.len());
        let mut specs = Vec::with_capacity(agreement.media.len());
        for media in &agreement.media {
            let Some(ssrcs) = media.local else { continue };
            let slot = SlotId(registry.number());
            let entry = TrackEntry {
                peer,
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
            &agreement,
            Vec::new(),
            slots.iter().map(|slot| slot.slot).collect(),
        );
        registry.peers.insert(peer, entry);
        drop(registry);
        let etag = etag(&agreement.local_ice);
        let answer = agreement.answer.clone();
        self.admit(peer, agreement, Vec::new(), specs);
        Ok(Received {
            peer,
            answer,
            etag,
            slots,
        })
    }

    fn admit(
        &self,
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
        let _ = self.tell(Command::Admit(Box::new(admission)));
    }

    /// Shows `source` in `slot` of `peer`, or nothing. Numbering goes on continuously for the client; video changes
    /// over at the next key frame, which is asked for. Repeating a route is harmless.
    ///
    /// # Errors
    /// [`CallError::Route`] when slot, source or codec do not fit; the route stays as it was.
    pub fn route(
        &self,
        peer: PeerId,
        slot: SlotId,
        source: Option<SourceId>,
    ) -> Result<(), CallError> {
        {
            let registry = self.registry();
            let place = registry
                .slots
                .get(&slot)
                .ok_or(RouteError::NoSuchSlot(slot))?;
            if place.peer != peer {
                return Err(RouteError::NoSuchSlot(slot).into());
            }
            if let Some(source) = source {
                let track = registry
                    .sources
                    .get(&source)
                    .ok_or(RouteError::NoSuchSource(source))?;
                fits(place, track)?;
            }
        }
        self.tell(Command::Route { slot, source })
    }

    /// Opens or closes a source. A closed source's packets end here, whatever its client does.
    ///
    /// # Errors
    /// [`RouteError::NoSuchSource`].
    pub fn gate(&self, source: SourceId, open: bool) -> Result<(), CallError> {
        if !self.registry().sources.contains_key(&source) {
            return Err(RouteError::NoSuchSource(source).into());
        }
        self.tell(Command::Gate { source, open })
    }

    /// Takes a trickle fragment (WHIP/WHEP PATCH): candidates are not needed, new credentials restart ICE.
    ///
    /// # Errors
    /// The fragment cannot be read, or the peer is gone.
    pub fn restart_ice(&self, peer: PeerId, fragment: &str) -> Result<RestartAnswer, OfferRefusal> {
        let fragment = Fragment::parse(fragment)?;
        let mut registry = self.registry();
        let entry = registry
            .peers
            .get_mut(&peer)
            .ok_or(OfferRefusal::UnknownPeer)?;
        let Some(remote) = fragment.ice.filter(|ice| *ice != entry.remote_ice) else {
            return Ok(RestartAnswer::Trickled);
        };
        let local = IceCredentials::generate();
        let remote_ufrag = remote.ufrag.clone();
        entry.remote_ice = remote;
        entry.local_ice = local.clone();
        drop(registry);
        let answer = RestartAnswer::Restarted {
            fragment: sdp::restart_answer(&self.0.local, &local),
            etag: etag(&local),
        };
        self.tell(Command::RestartIce {
            peer,
            local,
            remote_ufrag,
        })
        .map_err(|_| OfferRefusal::UnknownPeer)?;
        Ok(answer)
    }

    /// The present `ETag` of a peer's ICE generation, without quotes.
    pub fn etag(&self, peer: PeerId) -> Option<String> {
        self.registry()
            .peers
            .get(&peer)
            .map(|entry| etag(&entry.local_ice))
    }

    /// Ends a peer; its sources and slots go with it. Unknown peers are ignored, so doing it twice is harmless.
    pub fn remove(&self, peer: PeerId) {
        if self.registry().forget(peer) {
            let _ = self.tell(Command::Remove(peer));
        }
    }

    /// Counters of a peer, `None` when it is gone.
    pub fn stats(&self, peer: PeerId) -> Option<PeerStats> {
        let (answer, answered) = sync_channel(1);
        self.tell(Command::PeerStats { peer, answer }).ok()?;
        answered.recv_timeout(ANSWER_WITHIN).ok().flatten()
    }

    /// Counters of a source, `None` when it is gone.
    pub fn source_stats(&self, source: SourceId) -> Option<SourceStats> {
        let (answer, answered) = sync_channel(1);
        self.tell(Command::SourceStats { source, answer }).ok()?;
        answered.recv_timeout(ANSWER_WITHIN).ok().flatten()
    }

    /// Counters of the whole server, `None` when it has ended.
    pub fn engine_stats(&self) -> Option<EngineStats> {
        let (answer, answered) = sync_channel(1);
        self.tell(Command::EngineStats { answer }).ok()?;
        answered.recv_timeout(ANSWER_WITHIN).ok()
    }

    /// Ends the workers and waits for them. Later calls have no effect.
    pub fn stop(&self) {
        self.0.stop();
    }

    fn tell(&self, command: Command) -> Result<(), CallError> {
        self.0
            .commands
            .send(command)
            .map_err(|_| CallError::Stopped)?;
        self.0.wake.wake();
        Ok(())
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        // Every change under the lock is whole after each statement that can panic, so poison carries no news.
        self.0
            .registry
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn stop(&self) {
        let _ = self.commands.send(Command::Stop);
        self.wake.wake();
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the media worker had ended by a fault");
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
    }
}

fn entry(agreement: &Agreement, sources: Vec<SourceId>, slots: Vec<SlotId>) -> PeerEntry {
    PeerEntry {
        local_ice: agreement.local_ice.clone(),
        remote_ice: agreement.remote_ice.clone(),
        sources,
        slots,
    }
}

fn fits(place: &TrackEntry, track: &TrackEntry) -> Result<(), RouteError> {
    if place.kind != track.kind {
        return Err(RouteError::KindMismatch);
    }
    let common = place.payloads.iter().any(|mine| {
        track
            .payloads
            .iter()
            .any(|sent| mine.codec.accepts(sent.codec).is_some())
    });
    if common {
        Ok(())
    } else {
        Err(RouteError::NoCommonCodec)
    }
}

/// The local fragment names a generation: it changes with every restart and is no secret.
fn etag(ice: &IceCredentials) -> String {
    ice.ufrag.clone()
}

/// What to write into answers: what the owner said, or where the socket is.
fn advertised(wanted: &[IpAddr], bound: SocketAddr) -> Vec<SocketAddr> {
    let port = bound.port();
    if !wanted.is_empty() {
        return wanted.iter().map(|ip| SocketAddr::new(*ip, port)).collect();
    }
    if !bound.ip().is_unspecified() {
        return vec![bound];
    }
    let mut addresses: Vec<SocketAddr> = outward_address()
        .map(|ip| SocketAddr::new(ip, port))
        .into_iter()
        .collect();
    addresses.push(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    addresses
}

/// The address the system would send from toward another network; connecting a datagram socket sends nothing.
fn outward_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(198, 51, 100, 1), 9)).ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_unspecified() && !ip.is_loopback()).then_some(ip)
}
