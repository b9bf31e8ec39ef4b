//! The thread around an engine: one socket, one sleep, no queue of media.

mod command;
mod links;
mod outgoing;

use std::any::Any;
use std::io;
use std::os::fd::AsRawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{SyncSender, TryRecvError, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

pub use command::Command;
pub use links::{Inbox, Link, Links};

use crate::engine::{Engine, LostReason, MediaEvent, Notice, Whose};
use crate::net::Remote;
use crate::net::tcp::Tcp;
use crate::net::udp::{Receiver, Udp};
use crate::registry::Registry;
use links::Parcel;
use outgoing::Outgoing;

/// Receive batches taken before what came of them is sent: bounds the delay a flood adds to others.
const BATCHES_MAX: usize = 8;
/// Parcels of other workers taken before what came of them is sent, for the same reason.
const PARCELS_PER_TURN: usize = 32;
/// How soon another worker without room is tried again.
const RETRY_AFTER: Duration = Duration::from_millis(5);

/// Everything one worker owns.
pub struct Worker {
    engine: Engine,
    receiver: Receiver,
    outgoing: Outgoing,
    inbox: Inbox,
    links: Links,
    events: SyncSender<MediaEvent>,
    registry: Arc<Mutex<Registry>>,
    /// Something could not be passed on or has not been taken in yet.
    behind: bool,
}

impl Worker {
    /// Puts the parts together; nothing runs yet.
    pub fn new(
        engine: Engine,
        udp: Udp,
        tcp: Option<Tcp>,
        inbox: Inbox,
        links: Links,
        events: SyncSender<MediaEvent>,
        registry: Arc<Mutex<Registry>>,
    ) -> Self {
        Self {
            engine,
            receiver: Receiver::default(),
            outgoing: Outgoing::new(udp, tcp),
            inbox,
            links,
            events,
            registry,
            behind: false,
        }
    }

    /// Runs until told to stop or until nobody can tell it any more.
    pub fn run(mut self) {
        loop {
            if let Err(error) = self.sleep() {
                tracing::error!(%error, "the media worker cannot wait for its socket and ends");
                return;
            }
            self.inbox.wake.drain();
            if !self.take_commands() {
                return;
            }
            self.take_parcels();
            self.receive();
            self.receive_tcp();
            let now = Instant::now();
            if self.engine.poll_timeout() <= now {
                self.guarded(|engine, _| engine.handle_timeout(now));
            }
            self.guarded(|engine, outgoing| engine.flush(Instant::now(), outgoing));
            self.outgoing.send();
            self.pass_on(now);
            self.report();
        }
    }

    fn sleep(&self) -> io::Result<()> {
        let mut wait = self
            .engine
            .poll_timeout()
            .saturating_duration_since(Instant::now());
        if self.behind {
            wait = wait.min(RETRY_AFTER);
        }
        let wait = libc::timespec {
            tv_sec: wait.as_secs().min(3_600) as libc::time_t,
            tv_nsec: libc::c_long::from(wait.subsec_nanos()),
        };
        let watch = |fd| libc::pollfd {
            fd,
            events: libc::POLLIN,
            revents: 0,
        };
        let mut waiting = vec![
            watch(self.outgoing.udp.as_raw_fd()),
            watch(self.inbox.wake.as_raw_fd()),
        ];
        if let Some(tcp) = &self.outgoing.tcp {
            tcp.watch(&mut waiting);
        }
        // SAFETY: the pointers are to locals; the signal mask is left as it is.
        let ready = unsafe {
            libc::ppoll(
                waiting.as_mut_ptr(),
                waiting.len() as libc::nfds_t,
                &raw const wait,
                std::ptr::null(),
            )
        };
        if ready < 0 {
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        }
        Ok(())
    }

    /// False when the worker is to end.
    fn take_commands(&mut self) -> bool {
        loop {
            match self.inbox.commands.try_recv() {
                Ok(Command::Stop) | Err(TryRecvError::Disconnected) => return false,
                Ok(Command::Adopt(connection)) => {
                    if let Some(tcp) = &mut self.outgoing.tcp {
                        tcp.adopt(*connection);
                    }
                }
                Ok(Command::EngineStats { answer }) => {
                    let mut stats = self.engine.stats();
                    stats.handed_over = self.links.handed_over;
                    stats.lost_between = self.links.lost;
                    let _ = answer.try_send(stats);
                }
                #[cfg(test)]
                Ok(Command::Fault { fatal: true }) => panic!("a fatal fault for a test"),
                Ok(command) => self.guarded(|engine, _| command.carry_out(engine, Instant::now())),
                Err(TryRecvError::Empty) => return true,
            }
        }
    }

    /// What other workers have passed on.
    fn take_parcels(&mut self) {
        self.behind = true;
        for _ in 0..PARCELS_PER_TURN {
            let Ok(parcel) = self.inbox.parcels.try_recv() else {
                self.behind = false;
                return;
            };
            let now = Instant::now();
            match parcel {
                Parcel::Packets(from, note) => {
                    let notice = Notice::Router(note);
                    self.guarded(|engine, _| engine.take_notice(now, from, notice));
                }
                Parcel::Datagrams(mut datagrams) => {
                    let waited = now.saturating_duration_since(datagrams.at);
                    let mut rest = datagrams.bytes.as_mut_slice();
                    for (from, len, age) in datagrams.each {
                        let (datagram, behind) = rest.split_at_mut(len);
                        rest = behind;
                        handle(&mut self.engine, now, from, datagram, age + waited);
                    }
                }
            }
        }
    }

    fn receive(&mut self) {
        for _ in 0..BATCHES_MAX {
            let now = Instant::now();
            let (engine, links) = (&mut self.engine, &mut self.links);
            let received = self.receiver.receive(&self.outgoing.udp, |datagram| {
                let from = Remote::udp(datagram.from);
                match engine.sort(now, from, datagram.bytes) {
                    Whose::Ours => handle(engine, now, from, datagram.bytes, datagram.age),
                    Whose::Other(owner) => {
                        links.hand_over(owner, from, datagram.bytes, datagram.age);
                    }
                    Whose::Nobodys => {}
                }
            });
            links.send_datagrams(now);
            match received {
                Ok(count) if count > 0 => {}
                Ok(_) => return,
                Err(error) => {
                    tracing::warn!(%error, "receiving from the media socket failed");
                    return;
                }
            }
        }
    }

    fn receive_tcp(&mut self) {
        let Some(tcp) = &mut self.outgoing.tcp else {
            return;
        };
        let now = Instant::now();
        let (engine, links) = (&mut self.engine, &mut self.links);
        let leaving = tcp.sort(now, |from, first| {
            match engine.sort(now, Remote::tcp(from), first) {
                Whose::Other(owner) => Some(owner),
                Whose::Ours | Whose::Nobodys => None,
            }
        });
        for (owner, connection) in leaving {
            links.command(owner, Command::Adopt(Box::new(connection)));
        }
        let ended = tcp.receive(now, |from, frame| {
            let from = Remote::tcp(from);
            if engine.sort(now, from, frame) == Whose::Ours {
                handle(engine, now, from, frame, Duration::ZERO);
            }
            engine.knows(from)
        });
        for remote in ended {
            engine.lose_path(Remote::tcp(remote));
        }
    }

    /// A fault of ours ends the peer it happened to, not the worker.
    fn guarded(&mut self, work: impl FnOnce(&mut Engine, &mut Outgoing)) {
        let (engine, outgoing) = (&mut self.engine, &mut self.outgoing);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(engine, outgoing))) {
            contain(engine, Instant::now(), panic.as_ref());
        }
    }

    /// Tells the other workers what they need to know.
    fn pass_on(&mut self, now: Instant) {
        self.behind |= self.links.retry();
        while let Some((to, notice)) = self.engine.poll_notice() {
            self.links.notify(to, notice);
        }
        self.links.send_datagrams(now);
        self.links.wake();
    }

    fn report(&mut self) {
        while let Some(event) = self.engine.poll_event() {
            if let MediaEvent::Lost { peer, .. } = event {
                let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
                registry.forget(peer);
            }
            match self.events.try_send(event) {
                // Loudness is worth nothing a moment later.
                Ok(())
                | Err(
                    TrySendError::Full(MediaEvent::Level { .. }) | TrySendError::Disconnected(_),
                ) => {}
                Err(TrySendError::Full(event)) => {
                    tracing::error!(?event, "nobody takes the media events; one was dropped");
                }
            }
        }
    }
}

/// One datagram, its faults contained.
fn handle(engine: &mut Engine, now: Instant, from: Remote, datagram: &mut [u8], age: Duration) {
    let work = AssertUnwindSafe(|| engine.handle_datagram(now, from, datagram, age));
    if let Err(panic) = catch_unwind(work) {
        contain(engine, now, panic.as_ref());
    }
}

fn contain(engine: &mut Engine, now: Instant, panic: &(dyn Any + Send)) {
    let what = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    let code = LostReason::Internal.code();
    tracing::error!(
        what,
        code,
        "a fault while serving a media peer; that peer ends"
    );
    engine.recover(now);
}
