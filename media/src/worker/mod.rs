//! The thread around an engine: one socket, one sleep, no queue of media.

mod command;
mod outgoing;

use std::any::Any;
use std::io;
use std::os::fd::AsRawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver as Commands, SyncSender, TryRecvError, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

pub use command::Command;

use crate::engine::{Engine, LostReason, MediaEvent};
use crate::net::Remote;
use crate::net::tcp::Tcp;
use crate::net::udp::{Receiver, Udp};
use crate::net::wake::Wake;
use crate::registry::Registry;
use outgoing::Outgoing;

/// Receive batches taken before what came of them is sent: bounds the delay a flood adds to others.
const BATCHES_MAX: usize = 8;

/// Everything one worker owns.
pub struct Worker {
    engine: Engine,
    receiver: Receiver,
    outgoing: Outgoing,
    commands: Commands<Command>,
    wake: Arc<Wake>,
    events: SyncSender<MediaEvent>,
    registry: Arc<Mutex<Registry>>,
}

impl Worker {
    /// Puts the parts together; nothing runs yet.
    pub fn new(
        engine: Engine,
        udp: Udp,
        tcp: Option<Tcp>,
        commands: Commands<Command>,
        wake: Arc<Wake>,
        events: SyncSender<MediaEvent>,
        registry: Arc<Mutex<Registry>>,
    ) -> Self {
        let outgoing = Outgoing::new(udp, tcp);
        let receiver = Receiver::default();
        Self {
            engine,
            receiver,
            outgoing,
            commands,
            wake,
            events,
            registry,
        }
    }

    /// Runs until told to stop or until nobody can tell it any more.
    pub fn run(mut self) {
        loop {
            if let Err(error) = self.sleep() {
                tracing::error!(%error, "the media worker cannot wait for its socket and ends");
                return;
            }
            if !self.take_commands() {
                return;
            }
            self.receive();
            self.receive_tcp();
            let now = Instant::now();
            if self.engine.poll_timeout() <= now {
                self.guarded(|engine, _| engine.handle_timeout(now));
            }
            self.guarded(|engine, outgoing| engine.flush(Instant::now(), outgoing));
            self.outgoing.send();
            self.report();
        }
    }

    fn sleep(&self) -> io::Result<()> {
        let wait = self
            .engine
            .poll_timeout()
            .saturating_duration_since(Instant::now());
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
            watch(self.wake.as_raw_fd()),
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
        self.wake.drain();
        loop {
            match self.commands.try_recv() {
                Ok(Command::Stop) | Err(TryRecvError::Disconnected) => return false,
                Ok(command) => self.guarded(|engine, _| command.carry_out(engine, Instant::now())),
                Err(TryRecvError::Empty) => return true,
            }
        }
    }

    fn receive(&mut self) {
        for _ in 0..BATCHES_MAX {
            let now = Instant::now();
            let engine = &mut self.engine;
            let received = self.receiver.receive(&self.outgoing.udp, |datagram| {
                let from = Remote::udp(datagram.from);
                let work = AssertUnwindSafe(|| {
                    engine.handle_datagram(now, from, datagram.bytes, datagram.age);
                });
                if let Err(panic) = catch_unwind(work) {
                    contain(engine, now, panic.as_ref());
                }
            });
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
        let engine = &mut self.engine;
        let ended = tcp.receive(now, |from, frame| {
            let from = Remote::tcp(from);
            let work =
                AssertUnwindSafe(|| engine.handle_datagram(now, from, frame, Duration::ZERO));
            if let Err(panic) = catch_unwind(work) {
                contain(engine, now, panic.as_ref());
            }
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
