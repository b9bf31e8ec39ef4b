//! Which peers, sources and slots exist, as far as calls can be checked without asking a worker.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::Directory;
use crate::router::{PeerId, Shard, SlotId, SourceId, SourceSpec};
use crate::rtp::{MediaKind, Payload};
use crate::sdp::{IceCredentials, OfferRefusal};

/// Peers one server holds.
pub const PEERS_MAX: usize = 8_192;

/// One peer.
#[derive(Debug, Clone)]
pub struct PeerEntry {
    /// Who serves it.
    pub shard: Shard,
    pub local_ice: IceCredentials,
    pub remote_ice: IceCredentials,
    /// The fragment before the last restart, valid until the next one.
    pub former_ufrag: Option<String>,
    pub sources: Vec<SourceId>,
    pub slots: Vec<SlotId>,
}

/// A source.
#[derive(Debug, Clone)]
pub struct SourceEntry {
    pub peer: PeerId,
    /// Who serves its publisher.
    pub shard: Shard,
    pub spec: Arc<SourceSpec>,
}

/// A slot.
#[derive(Debug, Clone)]
pub struct SlotEntry {
    pub peer: PeerId,
    /// Who serves its receiver.
    pub shard: Shard,
    pub kind: MediaKind,
    pub payloads: Vec<Payload>,
}

/// All of them.
pub struct Registry {
    next: u64,
    pub peers: BTreeMap<PeerId, PeerEntry>,
    pub sources: BTreeMap<SourceId, SourceEntry>,
    pub slots: BTreeMap<SlotId, SlotEntry>,
    /// Where shards look for the owner of a datagram; none when there is one shard.
    directory: Option<Arc<Directory>>,
    /// Tracks by shard.
    load: Vec<usize>,
}

impl Registry {
    /// For as many shards.
    pub fn new(shards: usize, directory: Option<Arc<Directory>>) -> Self {
        Self {
            next: 0,
            peers: BTreeMap::new(),
            sources: BTreeMap::new(),
            slots: BTreeMap::new(),
            directory,
            load: vec![0; shards.max(1)],
        }
    }

    /// The shard with the least to do among those that `live`.
    pub fn least_loaded(&self, live: impl Fn(Shard) -> bool) -> Shard {
        let shards = (0..self.load.len()).map(Shard);
        shards
            .filter(|shard| live(*shard))
            .min_by_key(|shard| self.load[shard.0])
            .unwrap_or_default()
    }

    /// Takes a peer in; from now on its checks find their shard.
    pub fn admit(&mut self, peer: PeerId, entry: PeerEntry) {
        if let Some(directory) = &self.directory {
            directory.announce(&entry.local_ice.ufrag, entry.shard);
        }
        self.load[entry.shard.0] += 1 + entry.sources.len() + entry.slots.len();
        self.peers.insert(peer, entry);
    }

    /// Gives a peer new credentials. Answers with its shard, `None` when there is no such peer.
    pub fn restart(
        &mut self,
        peer: PeerId,
        local: &IceCredentials,
        remote: IceCredentials,
    ) -> Option<Shard> {
        let entry = self.peers.get_mut(&peer)?;
        let former = std::mem::replace(&mut entry.local_ice, local.clone());
        entry.remote_ice = remote;
        let forgotten = entry.former_ufrag.replace(former.ufrag);
        if let Some(directory) = &self.directory {
            directory.announce(&local.ufrag, entry.shard);
            if let Some(forgotten) = forgotten {
                directory.withdraw(&forgotten);
            }
        }
        Some(entry.shard)
    }

    /// A number never given before; peers, sources and slots share one sequence.
    pub fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Whether one more peer fits.
    pub fn room(&self) -> Result<(), OfferRefusal> {
        if self.peers.len() < PEERS_MAX {
            Ok(())
        } else {
            Err(OfferRefusal::Full)
        }
    }

    /// Forgets a peer with its tracks; false when it was not there.
    pub fn forget(&mut self, peer: PeerId) -> bool {
        let Some(entry) = self.peers.remove(&peer) else {
            return false;
        };
        if let Some(directory) = &self.directory {
            directory.withdraw(&entry.local_ice.ufrag);
            if let Some(former) = &entry.former_ufrag {
                directory.withdraw(former);
            }
        }
        self.load[entry.shard.0] -= 1 + entry.sources.len() + entry.slots.len();
        for source in entry.sources {
            self.sources.remove(&source);
        }
        for slot in entry.slots {
            self.slots.remove(&slot);
        }
        true
    }
}
