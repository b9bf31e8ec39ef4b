//! What a worker sends at the end of each turn.

use crate::engine::Sink;
use crate::net::arena::Arena;
use crate::net::tcp::Tcp;
use crate::net::udp::Udp;
use crate::net::{Remote, Transport};

/// Most bytes of one turn. A turn this large means the worker has been starved; what does not fit is
/// lost like on any full link, and repaired or refreshed.
const TURN_BYTES_MAX: usize = 8 << 20;

/// The engine's sink over the worker's sockets.
pub struct Outgoing {
    arena: Arena,
    pub tcp: Option<Tcp>,
    /// The datagram in the making goes by TCP.
    by_tcp: bool,
}

impl Outgoing {
    /// `gso`: the kernel segments.
    pub fn new(gso: bool, tcp: Option<Tcp>) -> Self {
        Self {
            arena: Arena::new(gso),
            tcp,
            by_tcp: false,
        }
    }

    /// Sends what has been gathered.
    pub fn send(&mut self, udp: &mut Udp) {
        if let Some(tcp) = &mut self.tcp {
            tcp.send();
        }
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
        self.by_tcp = to.transport == Transport::Tcp;
        if self.by_tcp {
            return self.tcp.as_mut().is_some_and(|tcp| tcp.open(to.addr));
        }
        if self.arena.len() > TURN_BYTES_MAX {
            return false;
        }
        self.arena.open(to.addr);
        true
    }

    fn room(&mut self, len: usize) -> &mut [u8] {
        match &mut self.tcp {
            Some(tcp) if self.by_tcp => tcp.room(len),
            _ => self.arena.room(len),
        }
    }

    fn commit(&mut self, len: usize) {
        match &mut self.tcp {
            Some(tcp) if self.by_tcp => tcp.commit(len),
            _ => self.arena.commit(len),
        }
    }
}
