//! What a worker sends at the end of each turn.

use crate::engine::Sink;
use crate::net::Remote;
use crate::net::arena::Arena;
use crate::net::udp::Udp;

/// Most bytes of one turn. A turn this large means the worker has been starved; what does not fit is
/// lost like on any full link, and repaired or refreshed.
const TURN_BYTES_MAX: usize = 8 << 20;

/// The engine's sink over the worker's socket.
pub struct Outgoing {
    arena: Arena,
}

impl Outgoing {
    /// `gso`: the kernel segments.
    pub fn new(gso: bool) -> Self {
        Self {
            arena: Arena::new(gso),
        }
    }

    /// Sends what has been gathered.
    pub fn send(&mut self, udp: &mut Udp) {
        if self.arena.is_empty() {
            return;
        }
        let (_, lost) = udp.send(&mut self.arena);
        if lost > 0 {
            tracing::debug!(lost, "the send buffer was full; datagrams were dropped");
        }
    }
}

impl Sink for Outgoing {
    fn open(&mut self, to: Remote) -> bool {
        if self.arena.len() > TURN_BYTES_MAX {
            return false;
        }
        self.arena.open(to.addr);
        true
    }

    fn room(&mut self, len: usize) -> &mut [u8] {
        self.arena.room(len)
    }

    fn commit(&mut self, len: usize) {
        self.arena.commit(len);
    }
}
