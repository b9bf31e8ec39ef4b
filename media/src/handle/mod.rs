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
use crate::engine::{Engine, EngineStats, MediaEvent};
use crate::net::tcp::Tcp;
use crate::net::udp::Udp;
use crate::net::wake::Wake;
use crate::registry::{Registry, TrackEntry};
use crate::router::{PeerId, PeerStats, RouteError, RouterConfig, SlotId, SourceId, SourceStats};
use crate::sdp::{IceCredentials, LocalSide};
use crate::worker::{Command, Worker};

pub use answered::{CallError, Published, PublishedTrack, Received, RestartAnswer, Slot};
pub use config::MediaConfig;

/// Calls waiting for a worker; it takes them thousands of times a second.
const COMMANDS_MAX: usize = 4_096;
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
        let tcp = config.tcp.map(Tcp::bind).transpose()?;
        let tcp_bound = tcp.as_ref().map(Tcp::local_addr).transpose()?;
        let local = LocalSide {
            udp: config::advertised(&config.advertised, bound),
            tcp: tcp_bound.map_or_else(Vec::new, |bound| {
                config::advertised(&config.advertised, bound)
            }),
            fingerprint: identity.fingerprint().to_owned(),
        };
        let (commands, waiting) = sync_channel(COMMANDS_MAX);
        let (report, events) = sync_channel(EVENTS_MAX);
        let wake = Arc::new(Wake::new()?);
        let registry = Arc::new(Mutex::new(Registry::default()));
        let wall = wall_clock();
        let engine = Engine::new(identity, RouterConfig::default(), Instant::now(), wall);
        let worker = Worker::new(
            engine,
            udp,
            tcp,
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
