//! ICE-TCP, passive side (RFC 6544): RFC 4571 frames on connections that clients open, for networks that drop UDP.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use super::Class;

/// Connections held at once, and from one address (a county office behind one gateway).
const CONNECTIONS_MAX: usize = 1_024;
const CONNECTIONS_PER_ADDRESS_MAX: usize = 64;
/// No frame is longer than a datagram would be.
const FRAME_MAX: usize = 2_048;
/// What may wait for a slow connection: about half a second at 2 Mbit/s; more would be delay, not help.
const OUTBOX_MAX: usize = 128 * 1024;
/// A connection that says nothing for this long has lost its consent, or never had it.
const IDLE: Duration = Duration::from_secs(30);
/// A first frame is due by then.
const SPEAK_WITHIN: Duration = Duration::from_secs(5);

/// The listening port and its connections.
pub struct Tcp {
    listener: TcpListener,
    connections: BTreeMap<SocketAddr, Connection>,
    /// One datagram in the making.
    room: Vec<u8>,
    to: Option<SocketAddr>,
}

struct Connection {
    stream: TcpStream,
    inbox: Vec<u8>,
    outbox: Vec<u8>,
    spoke: bool,
    heard_at: Instant,
}

impl Tcp {
    /// Listens.
    ///
    /// # Errors
    /// The address is taken or not ours.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let (connections, room) = (BTreeMap::new(), Vec::new());
        Ok(Self {
            listener,
            connections,
            room,
            to: None,
        })
    }

    /// The bound address.
    ///
    /// # Errors
    /// As `getsockname`.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// What a sleeping worker has to watch.
    pub fn watch(&self, waiting: &mut Vec<libc::pollfd>) {
        let watch = |fd, events| libc::pollfd {
            fd,
            events,
            revents: 0,
        };
        waiting.push(watch(self.listener.as_raw_fd(), libc::POLLIN));
        waiting.extend(self.connections.values().map(|connection| {
            let more = if connection.outbox.is_empty() {
                0
            } else {
                libc::POLLOUT
            };
            watch(connection.stream.as_raw_fd(), libc::POLLIN | more)
        }));
    }

    /// Takes new connections and whole frames; returns the connections that have ended.
    pub fn receive(
        &mut self,
        now: Instant,
        mut take: impl FnMut(SocketAddr, &mut [u8]),
    ) -> Vec<SocketAddr> {
        self.accept(now);
        let mut ended = Vec::new();
        for (from, connection) in &mut self.connections {
            let alive = connection.read(now, |frame| take(*from, frame)).is_ok()
                && connection.write().is_ok()
                && now < connection.heard_at + if connection.spoke { IDLE } else { SPEAK_WITHIN };
            if !alive {
                ended.push(*from);
            }
        }
        for from in &ended {
            self.connections.remove(from);
        }
        ended
    }

    fn accept(&mut self, now: Instant) {
        while let Ok((stream, from)) = self.listener.accept() {
            let same = self
                .connections
                .keys()
                .filter(|known| known.ip() == from.ip())
                .count();
            let full =
                self.connections.len() >= CONNECTIONS_MAX || same >= CONNECTIONS_PER_ADDRESS_MAX;
            if full || stream.set_nonblocking(true).is_err() {
                continue;
            }
            // Frames are whole packets; waiting for more only delays them.
            let _ = stream.set_nodelay(true);
            let (inbox, outbox) = (Vec::new(), Vec::new());
            let connection = Connection {
                stream,
                inbox,
                outbox,
                spoke: false,
                heard_at: now,
            };
            self.connections.insert(from, connection);
        }
    }

    /// What follows goes to `to`; false when there is no such connection or it is too slow.
    pub fn open(&mut self, to: SocketAddr) -> bool {
        let fits = self
            .connections
            .get(&to)
            .is_some_and(|connection| connection.outbox.len() < OUTBOX_MAX);
        self.to = fits.then_some(to);
        fits
    }

    /// Room for one datagram.
    pub fn room(&mut self, len: usize) -> &mut [u8] {
        if self.room.len() < len {
            self.room.resize(len, 0);
        }
        &mut self.room[..len]
    }

    /// The first `len` bytes of the last room are a datagram.
    pub fn commit(&mut self, len: usize) {
        if let Some(connection) = self.to.and_then(|to| self.connections.get_mut(&to))
            && let Ok(frame) = u16::try_from(len)
        {
            connection.outbox.extend(frame.to_be_bytes());
            connection.outbox.extend(&self.room[..len]);
        }
    }

    /// Sends what the connections take now; the rest waits for them.
    pub fn send(&mut self) {
        for connection in self.connections.values_mut() {
            // A broken connection shows at the next read.
            let _ = connection.write();
        }
    }
}

impl Connection {
    fn read(&mut self, now: Instant, mut take: impl FnMut(&mut [u8])) -> io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        // One buffer a turn: a flood on one connection must not starve the others.
        match self.stream.read(&mut buffer) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(len) => self.inbox.extend(&buffer[..len]),
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) =>
            {
                return Ok(());
            }
            Err(error) => return Err(error),
        }
        let mut at = 0;
        while let Some(head) = self.inbox.get(at..at + 2) {
            let len = usize::from(u16::from_be_bytes([head[0], head[1]]));
            if len > FRAME_MAX {
                return Err(ErrorKind::InvalidData.into());
            }
            let Some(frame) = self.inbox.get_mut(at + 2..at + 2 + len) else {
                break;
            };
            // Only a connectivity check can open a path; anything else first is not a client.
            if !self.spoke && Class::of(frame) != Class::Stun {
                return Err(ErrorKind::InvalidData.into());
            }
            self.spoke = true;
            self.heard_at = now;
            take(frame);
            at += 2 + len;
        }
        self.inbox.drain(..at);
        Ok(())
    }

    fn write(&mut self) -> io::Result<()> {
        while !self.outbox.is_empty() {
            match self.stream.write(&self.outbox) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(len) => drop(self.outbox.drain(..len)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
