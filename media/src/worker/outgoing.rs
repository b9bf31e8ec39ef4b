//! What a worker sends: gathered into pieces that stay in the cache, and sent piece by piece.

use crate::engine::Sink;
use crate::net::arena::Arena;
use crate::net::tcp::Tcp;
use crate::net::udp::Udp;
use crate::net::{Remote, Transport};

/// Bytes gathered before they are sent. Large enough for many kernel messages at once, small enough to cost a worker
/// with hundreds of receivers no memory that grows with them.
const PIECE_BYTES: usize = 256 * 1024;
/// Most bytes of one turn. A turn this large means the worker has been starved; what does not fit is
/// lost like on any full link, and repaired or refreshed.
const TURN_BYTES_MAX: usize = 8 << 20;

/// The engine's sink over the worker's sockets.
pub struct Outgoing {
    pub udp: Udp,
    arena: Arena,
    pub tcp: Option<Tcp>,
    /// The datagram in the making goes by TCP.
    by_tcp: bool,
    /// Bytes of this turn that have been sent already.
    sent: usize,
    lost: u64,
}

impl Outgoing {
    /// Over these sockets.
    pub fn new(udp: Udp, tcp: Option<Tcp>) -> Self {
        Self {
            arena: Arena::new(udp.gso()),
            udp,
            tcp,
            by_tcp: false,
            sent: 0,
            lost: 0,
        }
    }

    /// Sends what is still gathered and ends the turn.
    pub fn send(&mut self) {
        if let Some(tcp) = &mut self.tcp {
            tcp.send();
        }
        self.send_piece();
        self.sent = 0;
        let lost = std::mem::take(&mut self.lost);
        if lost > 0 {
            tracing::debug!(lost, "the send buffer was full; datagrams were dropped");
        }
    }

    fn send_piece(&mut self) {
        if self.arena.is_empty() {
            return;
        }
        self.sent += self.arena.len();
        let (_, lost) = self.udp.send(&mut self.arena);
        self.lost += lost;
    }
}

impl Sink for Outgoing {
    fn open(&mut self, to: Remote) -> bool {
        self.by_tcp = to.transport == Transport::Tcp;
        if self.by_tcp {
            return self.tcp.as_mut().is_some_and(|tcp| tcp.open(to.addr));
        }
        if self.arena.len() >= PIECE_BYTES {
            self.send_piece();
        }
        if self.sent > TURN_BYTES_MAX {
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
