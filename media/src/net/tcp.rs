//! ICE-TCP, passive side (RFC 6544): RFC 4571 frames on connections that clients open, for networks that drop UDP.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Class;
use super::seats::{Seat, Seats};

/// No frame is longer than a datagram would be.
const FRAME_MAX: usize = 2_048;
/// What may wait for a slow connection: about half a second at 2 Mbit/s; more would be delay, not help.
const OUTBOX_MAX: usize = 128 * 1024;
/// A connection that says nothing for this long has lost its consent, or never had it.
const IDLE: Duration = Duration::from_secs(30);
/// By then a connection has shown an authentic check; until then nothing it says prolongs its life.
const PROVE_WITHIN: Duration = Duration::from_secs(5);

/// The listening port, at the one worker that has it, and the connections of this worker's peers.
pub struct Tcp {
    listener: Option<TcpListener>,
    seats: Arc<Seats>,
    connections: BTreeMap<SocketAddr, Connection>,
    /// One datagram in the making.
    room: Vec<u8>,
    to: Option<SocketAddr>,
}

/// A client's connection.
pub struct Connection {
    from: SocketAddr,
    stream: TcpStream,
    inbox: Vec<u8>,
    outbox: Vec<u8>,
    spoke: bool,
    /// It is a path of some peer.
    proven: bool,
    /// The client has closed it, or it broke.
    ended: bool,
    heard_at: Instant,
    _seat: Seat,
}

impl Tcp {
    /// Listens.
    ///
    /// # Errors
    /// The address is taken or not ours.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(Self {
            listener: Some(listener),
            ..Self::connections_only()
        })
    }

    /// For a worker that is given its connections by another.
    pub fn connections_only() -> Self {
        Self {
            listener: None,
            seats: Arc::default(),
            connections: BTreeMap::new(),
            room: Vec::new(),
            to: None,
        }
    }

    /// The bound address.
    ///
    /// # Errors
    /// As `getsockname`, and when this side does not listen.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match &self.listener {
            Some(listener) => listener.local_addr(),
            None => Err(ErrorKind::NotConnected.into()),
        }
    }

    /// What a sleeping worker has to watch.
    pub fn watch(&self, waiting: &mut Vec<libc::pollfd>) {
        let watch = |fd, events| libc::pollfd {
            fd,
            events,
            revents: 0,
        };
        let listener = self.listener.iter().map(AsRawFd::as_raw_fd);
        waiting.extend(listener.map(|fd| watch(fd, libc::POLLIN)));
        waiting.extend(self.connections.values().map(|connection| {
            let more = if connection.outbox.is_empty() {
                0
            } else {
                libc::POLLOUT
            };
            watch(connection.stream.as_raw_fd(), libc::POLLIN | more)
        }));
    }

    /// Takes new connections. Those whose first frame belongs `elsewhere` are handed out for there; they still hold
    /// that frame.
    pub fn sort<T>(
        &mut self,
        now: Instant,
        mut elsewhere: impl FnMut(SocketAddr, &[u8]) -> Option<T>,
    ) -> Vec<(T, Connection)> {
        let mut leaving = Vec::new();
        self.accept(now);
        for (from, connection) in &mut self.connections {
            if connection.spoke {
                continue;
            }
            connection.ended = connection.fill().is_err();
            let first = frame(&connection.inbox, 0).ok().flatten();
            if let Some(range) = first
                && let Some(owner) = elsewhere(*from, &connection.inbox[range])
            {
                leaving.push((owner, *from));
            }
        }
        leaving
            .into_iter()
            .filter_map(|(owner, from)| Some((owner, self.connections.remove(&from)?)))
            .collect()
    }

    /// Takes over a connection.
    pub fn adopt(&mut self, connection: Connection) {
        self.connections.insert(connection.from, connection);
    }

    /// Takes whole frames; `take` answers whether the connection is a proven path of some peer. Returns the connections
    /// that have ended.
    pub fn receive(
        &mut self,
        now: Instant,
        mut take: impl FnMut(SocketAddr, &mut [u8]) -> bool,
    ) -> Vec<SocketAddr> {
        let mut ended = Vec::new();
        for (from, connection) in &mut self.connections {
            let alive = connection.read(now, |frame| take(*from, frame)).is_ok()
                && connection.write().is_ok()
                && now
                    < connection.heard_at
                        + if connection.proven {
                            IDLE
                        } else {
                            PROVE_WITHIN
                        };
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
        let Some(listener) = &self.listener else {
            return;
        };
        while let Ok((stream, from)) = listener.accept() {
            let Some(seat) = Seats::take(&self.seats, from.ip()) else {
                continue;
            };
            if stream.set_nonblocking(true).is_err() {
                continue;
            }
            // Frames are whole packets; waiting for more only delays them.
            let _ = stream.set_nodelay(true);
            let connection = Connection {
                from,
                stream,
                inbox: Vec::new(),
                outbox: Vec::new(),
                spoke: false,
                proven: false,
                ended: false,
                heard_at: now,
                _seat: seat,
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
    /// Reads what is there, at most one buffer: a flood on one connection must not starve the others.
    fn fill(&mut self) -> io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        match self.stream.read(&mut buffer) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(len) => {
                self.inbox.extend(&buffer[..len]);
                Ok(())
            }
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) =>
            {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn read(&mut self, now: Instant, mut take: impl FnMut(&mut [u8]) -> bool) -> io::Result<()> {
        // Before its first frame a connection is read by `sort` alone, lest that frame be taken unsorted.
        if self.spoke {
            self.ended = self.fill().is_err();
        }
        let mut at = 0;
        while let Some(range) = frame(&self.inbox, at)? {
            let frame = &mut self.inbox[range.clone()];
            // Only a connectivity check can open a path; anything else first is not a client.
            if !self.spoke && Class::of(frame) != Class::Stun {
                return Err(ErrorKind::InvalidData.into());
            }
            self.spoke = true;
            self.proven = take(frame);
            if self.proven {
                self.heard_at = now;
            }
            at = range.end;
        }
        self.inbox.drain(..at);
        if self.ended {
            return Err(ErrorKind::UnexpectedEof.into());
        }
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

/// Where the frame that begins at `at` has its bytes (RFC 4571); `None` while it is not whole.
///
/// # Errors
/// A frame longer than any datagram: this is not a client of ours.
pub fn frame(bytes: &[u8], at: usize) -> io::Result<Option<Range<usize>>> {
    let Some(head) = bytes.get(at..at + 2) else {
        return Ok(None);
    };
    let len = usize::from(u16::from_be_bytes([head[0], head[1]]));
    if len > FRAME_MAX {
        return Err(ErrorKind::InvalidData.into());
    }
    let range = at + 2..at + 2 + len;
    Ok(Some(range).filter(|range| range.end <= bytes.len()))
}
