//! Which shard serves a peer, for datagrams that the kernel gave to another one.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use crate::net::Remote;
use crate::router::Shard;

/// Asked only about what the asking shard does not know itself. Bounded by the peers there are: names come from
/// answered offers, addresses from authenticated checks.
#[derive(Default)]
pub struct Directory {
    ufrags: RwLock<HashMap<String, Shard>>,
    remotes: RwLock<HashMap<Remote, Shard>>,
}

impl Directory {
    /// Checks that name this fragment belong to `shard`.
    pub fn announce(&self, ufrag: &str, shard: Shard) {
        write(&self.ufrags).insert(ufrag.to_owned(), shard);
    }

    /// The fragment means nothing any more.
    pub fn withdraw(&self, ufrag: &str) {
        write(&self.ufrags).remove(ufrag);
    }

    /// Who answers checks that name this fragment.
    pub fn of_ufrag(&self, ufrag: &str) -> Option<Shard> {
        read(&self.ufrags).get(ufrag).copied()
    }

    /// A peer of `shard` has proven this address. Answers with the shard that had it before.
    pub fn claim(&self, remote: Remote, shard: Shard) -> Option<Shard> {
        let former = write(&self.remotes).insert(remote, shard);
        former.filter(|former| *former != shard)
    }

    /// The address is no longer used, unless another shard has claimed it since.
    pub fn release(&self, remote: Remote, shard: Shard) {
        let mut remotes = write(&self.remotes);
        if remotes.get(&remote) == Some(&shard) {
            remotes.remove(&remote);
        }
    }

    /// Who gets what comes from this address.
    pub fn of_remote(&self, remote: Remote) -> Option<Shard> {
        read(&self.remotes).get(&remote).copied()
    }
}

fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    // Each change is one insert or remove, so poison carries no news.
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
