//! How the workers of one port reach each other: bounded channels and a wake, never a wait.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use super::Command;
use crate::engine::Notice;
use crate::net::Remote;
use crate::net::wake::Wake;
use crate::router::{Note, Shard};

/// Calls and notices waiting for a worker; it takes them thousands of times a second.
const COMMANDS_MAX: usize = 4_096;
/// Parcels waiting for a worker. Each is at most about 128 KiB, so that a starved worker costs 32 MiB and then loses
/// packets, like any full link.
const PARCELS_MAX: usize = 256;

/// What may get lost on the way.
pub enum Parcel {
    /// Datagrams that the kernel gave to the wrong worker.
    Datagrams(Datagrams),
    /// Packets of a source that is followed.
    Packets(Shard, Note),
}

/// Datagrams with where they came from, how long each is and how long it had waited.
pub struct Datagrams {
    pub bytes: Vec<u8>,
    pub each: Vec<(Remote, usize, Duration)>,
    pub at: Instant,
}

/// The way to one worker.
#[derive(Clone)]
pub struct Link {
    commands: SyncSender<Command>,
    parcels: SyncSender<Parcel>,
    wake: Arc<Wake>,
}

/// The worker's end of a [`Link`].
pub struct Inbox {
    pub commands: Receiver<Command>,
    pub parcels: Receiver<Parcel>,
    pub wake: Arc<Wake>,
}

impl Link {
    /// Both ends.
    ///
    /// # Errors
    /// No more file descriptors.
    pub fn new() -> std::io::Result<(Self, Inbox)> {
        let (commands, taken) = sync_channel(COMMANDS_MAX);
        let (parcels, received) = sync_channel(PARCELS_MAX);
        let wake = Arc::new(Wake::new()?);
        let inbox = Inbox {
            commands: taken,
            parcels: received,
            wake: Arc::clone(&wake),
        };
        let link = Self {
            commands,
            parcels,
            wake,
        };
        Ok((link, inbox))
    }

    /// Tells the worker; waits while it has too much to do. False when it has ended.
    pub fn tell(&self, command: Command) -> bool {
        let told = self.commands.send(command).is_ok();
        self.wake.wake();
        told
    }
}

/// A worker's ways to all others, by shard; the one to itself is there and not used.
pub struct Links {
    me: Shard,
    links: Vec<Link>,
    /// Being gathered during a turn.
    datagrams: Vec<Datagrams>,
    /// Who has to be woken at the end of the turn.
    told: Vec<bool>,
    /// What another worker had no room for; kept in order.
    waiting: VecDeque<(Shard, Command)>,
    /// Datagrams handed over.
    pub handed_over: u64,
    /// Parcels another worker had no room for.
    pub lost: u64,
}

impl Links {
    /// `me` is the worker that uses them.
    pub fn new(me: Shard, links: Vec<Link>) -> Self {
        let empty = || Datagrams {
            bytes: Vec::new(),
            each: Vec::new(),
            at: Instant::now(),
        };
        Self {
            me,
            datagrams: links.iter().map(|_| empty()).collect(),
            told: vec![false; links.len()],
            links,
            waiting: VecDeque::new(),
            handed_over: 0,
            lost: 0,
        }
    }

    /// Gathers a datagram for another worker.
    pub fn hand_over(&mut self, to: Shard, from: Remote, datagram: &[u8], age: Duration) {
        let Some(gathered) = self.datagrams.get_mut(to.0) else {
            return;
        };
        gathered.bytes.extend_from_slice(datagram);
        gathered.each.push((from, datagram.len(), age));
        self.handed_over += 1;
    }

    /// Sends what has been gathered.
    pub fn send_datagrams(&mut self, now: Instant) {
        for at in 0..self.datagrams.len() {
            let gathered = &mut self.datagrams[at];
            if gathered.each.is_empty() {
                continue;
            }
            let parcel = Datagrams {
                bytes: std::mem::take(&mut gathered.bytes),
                each: std::mem::take(&mut gathered.each),
                at: now,
            };
            self.send(Shard(at), Parcel::Datagrams(parcel));
        }
    }

    /// Sends a notice of the engine.
    pub fn notify(&mut self, to: Shard, notice: Notice) {
        match notice {
            Notice::Router(note @ Note::Packets(_)) => {
                self.send(to, Parcel::Packets(self.me, note));
            }
            notice => {
                let from = self.me;
                self.command(to, Command::Notice { from, notice });
            }
        }
    }

    /// Sends what must not get lost; keeps it while there is no room.
    pub fn command(&mut self, to: Shard, command: Command) {
        if self.waiting.is_empty() {
            self.try_command(to, command);
        } else {
            self.waiting.push_back((to, command));
        }
    }

    /// Tries again what had no room; true when some of it still has none.
    pub fn retry(&mut self) -> bool {
        for _ in 0..self.waiting.len() {
            if let Some((to, command)) = self.waiting.pop_front() {
                self.try_command(to, command);
            }
        }
        !self.waiting.is_empty()
    }

    fn try_command(&mut self, to: Shard, command: Command) {
        let Some(link) = self.links.get(to.0) else {
            return;
        };
        match link.commands.try_send(command) {
            Ok(()) => self.told[to.0] = true,
            Err(TrySendError::Full(command)) => self.waiting.push_back((to, command)),
            // It has ended, and what it served with it.
            Err(TrySendError::Disconnected(_)) => {}
        }
    }

    fn send(&mut self, to: Shard, parcel: Parcel) {
        let Some(link) = self.links.get(to.0) else {
            return;
        };
        match link.parcels.try_send(parcel) {
            Ok(()) => self.told[to.0] = true,
            Err(_) => self.lost += 1,
        }
    }

    /// Wakes whoever has been told something.
    pub fn wake(&mut self) {
        for (link, told) in self.links.iter().zip(&mut self.told) {
            if std::mem::take(told) {
                link.wake.wake();
            }
        }
    }
}
