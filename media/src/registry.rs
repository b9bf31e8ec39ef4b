//! Which peers, sources and slots exist, as far as calls can be checked without asking a worker.

use std::collections::BTreeMap;

use crate::router::{PeerId, SlotId, SourceId};
use crate::rtp::{MediaKind, Payload};
use crate::sdp::{IceCredentials, OfferRefusal};

/// Peers one server holds.
pub const PEERS_MAX: usize = 8_192;

/// One peer.
#[derive(Debug, Clone)]
pub struct PeerEntry {
    pub local_ice: IceCredentials,
    pub remote_ice: IceCredentials,
    pub sources: Vec<SourceId>,
    pub slots: Vec<SlotId>,
}

/// A source or slot.
#[derive(Debug, Clone)]
pub struct TrackEntry {
    pub peer: PeerId,
    pub kind: MediaKind,
    pub payloads: Vec<Payload>,
}

/// All of them.
#[derive(Default)]
pub struct Registry {
    next: u64,
    pub peers: BTreeMap<PeerId, PeerEntry>,
    pub sources: BTreeMap<SourceId, TrackEntry>,
    pub slots: BTreeMap<SlotId, TrackEntry>,
}

impl Registry {
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
        for source in entry.sources {
            self.sources.remove(&source);
        }
        for slot in entry.slots {
            self.slots.remove(&slot);
        }
        true
    }
}
