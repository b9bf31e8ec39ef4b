//! The door of the media server: calls are checked here and carried out by a worker thread.

mod answered;
mod config;
mod offers;

use std::io;
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::dtls::Identity;
use crate::engine::{Directory, Engine, EngineStats, MediaEvent};
use crate::net::tcp::Tcp;
use crate::net::udp::Udp;
use crate::record::Tap;
use crate::registry::{Registry, SlotEntry};
use crate::router::{
    Foreign, PeerId, PeerStats, RouteError, RouteSpec, RouterConfig, Shard, SlotId, SlotStats,
    SourceId, SourceSpec, SourceStats,
};
use crate::sdp::{IceCredentials, LocalSide};
use crate::worker::{Command, Link, Links, Worker};

pub use answered::{CallError, Published, PublishedTrack, Received, RestartAnswer, Slot};
pub use config::MediaConfig;

/// Events waiting for their owner.
const EVENTS_MAX: usize = 65_536;
/// How long a count is waited for.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// The media server. Clones are handles to the same one; it ends with the last of them.
#[derive(Clone)]
pub struct Media(Arc<Inner>);

struct Inner {
    registry: Arc<Mutex<Registry>>,
    local: LocalSide,
    /// By shard.
    workers: Vec<Running>,
}

/// One worker as its callers see it.
struct Running {
    link: Link,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Media {
    /// Binds, makes a certificate and starts the workers. Events are for one owner; they are dropped, loudness
    /// first, when nobody takes them.
    ///
    /// # Errors
    /// The address is taken or not ours, or the system has no more threads or descriptors.
    pub fn start(config: MediaConfig) -> io::Result<(Self, Receiver<MediaEvent>)> {
        let sockets = Udp::bind_group(config.udp, config.worker_count())?;
        Self::start_on(config, sockets)
    }

    /// As [`Self::start`], one datagram per kernel message: for measuring what segmentation earns.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_unsegmented(config: MediaConfig) -> io::Result<(Self, Receiver<MediaEvent>)> {
        let sockets = Udp::bind_group(config.udp, config.worker_count())?;
        Self::start_on(config, sockets.into_iter().map(Udp::without_gso).collect())
    }

    fn start_on(
        config: MediaConfig,
        sockets: Vec<Udp>,
    ) -> io::Result<(Self, Receiver<MediaEvent>)> {
        let identity = Arc::new(Identity::generate()?);
        let bound = match sockets.first() {
            Some(socket) => socket.local_addr()?,
            None => return Err(io::ErrorKind::NotConnected.into()),
        };
        let mut tcp = config.tcp.map(Tcp::bind).transpose()?;
        let tcp_bound = tcp.as_ref().map(Tcp::local_addr).transpose()?;
        let local = LocalSide {
            udp: config::advertised(&config.advertised, bound),
            tcp: tcp_bound.map_or_else(Vec::new, |bound| {
                config::advertised(&config.advertised, bound)
            }),
            fingerprint: identity.fingerprint().to_owned(),
        };
        let (report, events) = sync_channel(EVENTS_MAX);
        let directory = (sockets.len() > 1).then(Arc::<Directory>::default);
        let registry = Registry::new(sockets.len(), directory.clone());
        let registry = Arc::new(Mutex::new(registry));
        let (now, wall) = (Instant::now(), wall_clock());
        let mut links = Vec::with_capacity(sockets.len());
        let mut inboxes = Vec::with_capacity(sockets.len());
        for _ in &sockets {
            let (link, inbox) = Link::new()?;
            links.push(link);
            inboxes.push(inbox);
        }
        let takes_tcp = tcp.is_some();
        let mut workers = Vec::with_capacity(sockets.len());
        for (at, (udp, inbox)) in sockets.into_iter().zip(inboxes).enumerate() {
            let mut engine = Engine::new(Arc::clone(&identity), RouterConfig::default(), now, wall);
            if let Some(directory) = &directory {
                engine = engine.in_group(Shard(at), Arc::clone(directory));
            }
            let worker = Worker::new(
                engine,
                udp,
                // The first worker listens; the others are given their connections by it.
                tcp.take().or_else(|| takes_tcp.then(Tcp::connections_only)),
                inbox,
                Links::new(Shard(at), links.clone()),
                report.clone(),
                Arc::clone(&registry),
            );
            let thread = std::thread::Builder::new()
                .name(format!("media-{at}"))
                .spawn(move || worker.run())?;
            workers.push(Running {
                link: links[at].clone(),
                thread: Mutex::new(Some(thread)),
            });
        }
        tracing::info!(address = %bound, workers = workers.len(), "the media server listens");
        let media = Self(Arc::new(Inner {
            registry,
            local,
            workers,
        }));
        Ok((media, events))
    }

    /// The UDP addresses written into answers.
    pub fn udp_addresses(&self) -> &[SocketAddr] {
        &self.0.local.udp
    }

    /// As [`Self::route_as`], every layer and as the programme.
    ///
    /// # Errors
    /// As [`Self::route_as`].
    pub fn route(
        &self,
        peer: PeerId,
        slot: SlotId,
        source: Option<SourceId>,
    ) -> Result<(), CallError> {
        self.route_as(peer, slot, source, RouteSpec::default())
    }

    /// Shows `source` in `slot` of `peer`, or nothing. Numbering goes on continuously for the client; video changes
    /// over at the next key frame, which is asked for. Repeating a route is harmless; another `spec` changes how the same
    /// source is carried.
    ///
    /// # Errors
    /// [`CallError::Route`] when slot, source or codec do not fit; the route stays as it was.
    pub fn route_as(
        &self,
        peer: PeerId,
        slot: SlotId,
        source: Option<SourceId>,
        spec: RouteSpec,
    ) -> Result<(), CallError> {
        let registry = self.registry();
        let place = registry
            .slots
            .get(&slot)
            .filter(|place| place.peer == peer)
            .ok_or(RouteError::NoSuchSlot(slot))?;
        let shard = place.shard;
        let mut foreign = None;
        if let Some(source) = source {
            let track = registry
                .sources
                .get(&source)
                .ok_or(RouteError::NoSuchSource(source))?;
            fits(place, &track.spec)?;
            if track.shard != shard {
                foreign = Some(Foreign {
                    from: track.shard,
                    publisher: track.peer,
                    spec: Arc::clone(&track.spec),
                });
            }
        }
        drop(registry);
        let command = Command::Route {
            slot,
            source,
            foreign,
            spec,
        };
        self.tell(shard, command)
    }

    /// Opens or closes a source. A closed source's packets end here, whatever its client does.
    ///
    /// # Errors
    /// [`RouteError::NoSuchSource`].
    pub fn gate(&self, source: SourceId, open: bool) -> Result<(), CallError> {
        let shard = self
            .registry()
            .sources
            .get(&source)
            .map(|entry| entry.shard)
            .ok_or(RouteError::NoSuchSource(source))?;
        self.tell(shard, Command::Gate { source, open })
    }

    /// Has a source's packets copied to the recorder, or no longer. What its gate holds back is not recorded.
    ///
    /// # Errors
    /// [`RouteError::NoSuchSource`].
    pub fn tap(&self, source: SourceId, tap: Option<Tap>) -> Result<(), CallError> {
        let shard = self
            .registry()
            .sources
            .get(&source)
            .map(|entry| entry.shard)
            .ok_or(RouteError::NoSuchSource(source))?;
        let tap = tap.map(Box::new);
        self.tell(shard, Command::Tap { source, tap })
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
        let mut registry = self.registry();
        let shard = registry.peers.get(&peer).map(|entry| entry.shard);
        registry.forget(peer);
        drop(registry);
        if let Some(shard) = shard {
            let _ = self.tell(shard, Command::Remove(peer));
        }
    }

    /// Counters of a peer, `None` when it is gone.
    pub fn stats(&self, peer: PeerId) -> Option<PeerStats> {
        let shard = self.registry().peers.get(&peer)?.shard;
        self.ask(shard, |answer| Command::PeerStats { peer, answer })?
    }

    /// What a slot shows, `None` when it is gone.
    pub fn slot_stats(&self, slot: SlotId) -> Option<SlotStats> {
        let shard = self.registry().slots.get(&slot)?.shard;
        self.ask(shard, |answer| Command::SlotStats { slot, answer })?
    }

    /// Counters of a source, `None` when it is gone.
    pub fn source_stats(&self, source: SourceId) -> Option<SourceStats> {
        let shard = self.registry().sources.get(&source)?.shard;
        let mut stats = self.ask(shard, |answer| Command::SourceStats { source, answer })??;
        for other in self.shards().filter(|other| *other != shard) {
            let there = self.ask(other, |answer| Command::SourceStats { source, answer });
            stats.receivers += there.flatten().map_or(0, |there| there.receivers);
        }
        Some(stats)
    }

    /// Counters of the whole server, `None` when it has ended.
    pub fn engine_stats(&self) -> Option<EngineStats> {
        let asked = self
            .shards()
            .map(|shard| self.ask(shard, |answer| Command::EngineStats { answer }));
        asked.flatten().reduce(EngineStats::plus)
    }

    fn shards(&self) -> impl Iterator<Item = Shard> + use<> {
        (0..self.0.workers.len()).map(Shard)
    }

    /// Whether a worker can be given peers.
    pub(crate) fn is_live(&self, shard: Shard) -> bool {
        let thread = self.0.workers[shard.0].thread.lock();
        thread
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .is_some_and(|thread| !thread.is_finished())
    }

    pub(crate) fn ask<T>(
        &self,
        shard: Shard,
        command: impl FnOnce(SyncSender<T>) -> Command,
    ) -> Option<T> {
        let (answer, answered) = sync_channel(1);
        self.tell(shard, command(answer)).ok()?;
        answered.recv_timeout(ANSWER_WITHIN).ok()
    }

    /// Ends the workers and waits for them. Later calls have no effect.
    pub fn stop(&self) {
        self.0.stop();
    }

    pub(crate) fn tell(&self, shard: Shard, command: Command) -> Result<(), CallError> {
        match self.0.workers[shard.0].link.tell(command) {
            true => Ok(()),
            false => Err(CallError::Stopped),
        }
    }

    pub(crate) fn registry(&self) -> MutexGuard<'_, Registry> {
        // Every change under the lock is whole after each statement that can panic, so poison carries no news.
        self.0
            .registry
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
impl Inner {
    fn stop(&self) {
        for worker in &self.workers {
            worker.link.tell(Command::Stop);
        }
        for worker in &self.workers {
            let thread = worker
                .thread
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            if let Some(thread) = thread
                && thread.join().is_err()
            {
                tracing::error!("a media worker had ended by a fault");
            }
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
    }
}

fn fits(place: &SlotEntry, track: &SourceSpec) -> Result<(), RouteError> {
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

/// Time since 1970, once, at the start: sender reports carry wall time (RFC 3550, 6.4.1).
#[expect(
    clippy::disallowed_methods,
    reason = "the media server does not know the platform's clock, and receivers compare these times \
              between towers"
)]
fn wall_clock() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}
