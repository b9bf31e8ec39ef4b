//! Engines that serve one port together: whose datagram it is, and what they tell each other.

use std::sync::Arc;
use std::time::Instant;

use super::directory::Directory;
use super::{Engine, PeerId};
use crate::ice::stun::Request;
use crate::net::{Class, Remote};
use crate::router::{Foreign, Note, Shard};

/// A message of one engine to another.
#[derive(Debug, Clone)]
pub enum Notice {
    /// Between the routers.
    Router(Note),
    /// A peer of the sender has proven an address that was the receiver's.
    PathTaken(Remote),
}

/// Whose a datagram is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// This engine's, or to be refused by it.
    Ours,
    /// Another engine's.
    Other(Shard),
    /// To be dropped.
    Nobodys,
}

/// Which one this engine is, and where all say what they serve.
pub(super) struct Group {
    pub me: Shard,
    pub directory: Arc<Directory>,
}

impl Engine {
    /// Serves a port together with others.
    pub fn in_group(mut self, me: Shard, directory: Arc<Directory>) -> Self {
        self.group = Some(Group { me, directory });
        self
    }

    /// Says whose datagram this is, and keeps out what strangers send beyond their allowance. Every datagram comes
    /// here once, before [`Engine::handle_datagram`].
    pub fn sort(&mut self, now: Instant, from: Remote, datagram: &[u8]) -> Whose {
        let check = Class::of(datagram) == Class::Stun;
        let known = self.by_remote.contains_key(&from);
        if known && !check {
            return Whose::Ours;
        }
        let elsewhere = self
            .group
            .as_ref()
            .filter(|_| !known)
            .and_then(|group| group.directory.of_remote(from).filter(|it| *it != group.me));
        if !check && let Some(owner) = elsewhere {
            return Whose::Other(owner);
        }
        if !known && elsewhere.is_none() {
            if !check {
                self.stats.strangers += 1;
                return Whose::Nobodys;
            }
            if !self.strangers.admit(now, from.addr.ip()) {
                self.stats.limited += 1;
                return Whose::Nobodys;
            }
        }
        let Some(group) = &self.group else {
            return Whose::Ours;
        };
        // By name even from a known address: a page may have been reloaded behind the same port.
        let named = Request::parse(datagram)
            .filter(|request| !self.by_ufrag.contains_key(request.local_ufrag))
            .and_then(|request| group.directory.of_ufrag(request.local_ufrag));
        match named.filter(|owner| *owner != group.me) {
            Some(owner) => Whose::Other(owner),
            None => Whose::Ours,
        }
    }

    /// Makes a source of another engine available here. Repeating it is harmless.
    pub fn mirror(&mut self, now: Instant, foreign: &Foreign) {
        self.router.mirror(now, foreign);
    }

    /// Takes a notice of another engine.
    pub fn take_notice(&mut self, now: Instant, from: Shard, notice: Notice) {
        match notice {
            Notice::Router(note) => self.router.take_note(now, from, note),
            Notice::PathTaken(remote) => self.lose_path(remote),
        }
    }

    /// The next notice for another engine.
    pub fn poll_notice(&mut self) -> Option<(Shard, Notice)> {
        self.notices.pop_front().or_else(|| {
            let (to, note) = self.router.poll_note()?;
            Some((to, Notice::Router(note)))
        })
    }

    /// Gives an address to a peer. Answers with the peer here that had it before.
    pub(super) fn claim(&mut self, remote: Remote, peer: PeerId) -> Option<PeerId> {
        if let Some(group) = &self.group
            && let Some(former) = group.directory.claim(remote, group.me)
        {
            self.notices.push_back((former, Notice::PathTaken(remote)));
        }
        self.by_remote.insert(remote, peer)
    }

    /// Forgets an address. Answers with whose it was.
    pub(super) fn unclaim(&mut self, remote: Remote) -> Option<PeerId> {
        if let Some(group) = &self.group {
            group.directory.release(remote, group.me);
        }
        self.by_remote.remove(&remote)
    }
}
