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

    /// The other engine whose datagram this is; `None` when it is this one's, or nobody's.
    pub fn owner(&self, from: Remote, datagram: &[u8]) -> Option<Shard> {
        let group = self.group.as_ref()?;
        let owner = if Class::of(datagram) == Class::Stun {
            // By name even from a known address: a page may have been reloaded behind the same port.
            let ufrag = Request::parse(datagram)?.local_ufrag;
            if self.by_ufrag.contains_key(ufrag) {
                return None;
            }
            group.directory.of_ufrag(ufrag)
        } else if self.by_remote.contains_key(&from) {
            None
        } else {
            group.directory.of_remote(from)
        };
        owner.filter(|owner| *owner != group.me)
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
