//! Writes ticks to the sockets of one thread: one gathered write per reader and tick, no queue per reader.
//!
//! The store is the queue: a socket that cannot take more is passed over, and once it can, it gets what it missed
//! from the present state. Give sockets a small send buffer (32–64 KiB): the kernel would hide seconds of lag.

use std::io::{self, IoSlice, Write};

use super::store::{Interest, Tick, Units};
use super::wire::HEADER_BYTES;

/// Longest websocket header of a server (no mask).
const FRAME_HEADER_MAX: usize = 10;

#[derive(Debug)]
struct Reader<W> {
    socket: W,
    interest: Interest,
    /// Bytes of a message the socket took only in part: they must go first, whole.
    rest: Vec<u8>,
    /// The last tick he has completely, while he is behind.
    behind_since: Option<u64>,
    gone: bool,
}

/// The readers of one thread; their sockets are non-blocking.
#[derive(Debug)]
pub struct Shard<W> {
    readers: Vec<Reader<W>>,
    /// Who is first this time: nobody is always last.
    turn: usize,
}

/// What a round of writing did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    pub messages: u64,
    pub updates: u64,
    pub bytes: u64,
    /// Readers passed over because their socket was full.
    pub passed_over: u64,
    pub caught_up: u64,
    pub gone: u64,
}

impl<W> Default for Shard<W> {
    fn default() -> Self {
        Self {
            readers: Vec::new(),
            turn: 0,
        }
    }
}

impl<W: Write> Shard<W> {
    /// Takes a socket over and sends it everything in its view.
    pub fn join(&mut self, socket: W, interest: Interest, units: &Units, now_us: u64) {
        let snapshot = units.snapshot(&interest, now_us);
        let mut reader = Reader {
            socket,
            interest,
            rest: Vec::new(),
            behind_since: None,
            gone: false,
        };
        let mut written = Written::default();
        reader.send_whole(&snapshot, &mut written);
        self.readers.push(reader);
    }

    pub fn len(&self) -> usize {
        self.readers.len()
    }

    pub fn is_empty(&self) -> bool {
        self.readers.is_empty()
    }

    /// Sends each reader his part of the tick. Readers whose socket broke are dropped, their interest given back.
    pub fn write(&mut self, tick: &Tick, units: &mut Units, now_us: u64) -> Written {
        let mut written = Written::default();
        let count = self.readers.len();
        self.turn = if count == 0 {
            0
        } else {
            (self.turn + 1) % count
        };
        for at in 0..count {
            let reader = &mut self.readers[(self.turn + at) % count];
            reader.write(tick, units, now_us, &mut written);
        }
        if self.readers.iter().any(|reader| reader.gone) {
            for reader in self.readers.extract_if(.., |reader| reader.gone) {
                units.leave(reader.interest);
                written.gone += 1;
            }
        }
        written
    }
}

impl<W: Write> Reader<W> {
    fn write(&mut self, tick: &Tick, units: &Units, now_us: u64, written: &mut Written) {
        self.flush();
        if self.gone {
            return;
        }
        if !self.rest.is_empty() {
            self.behind_since.get_or_insert(tick.seq - 1);
            written.passed_over += 1;
            return;
        }
        if let Some(since) = self.behind_since.take() {
            let message = units.catch_up(&self.interest, since, now_us);
            written.caught_up += 1;
            self.send_whole(&message, written);
            return;
        }
        self.send_shared(tick, written);
    }

    /// The common case: header, then the shared sections where they lie, in one call.
    fn send_shared(&mut self, tick: &Tick, written: &mut Written) {
        let mut slices: Vec<IoSlice<'_>> = Vec::with_capacity(self.interest.sections().len() + 1);
        let mut head = [0; FRAME_HEADER_MAX + HEADER_BYTES];
        slices.push(IoSlice::new(&[]));
        let mut length = HEADER_BYTES;
        let updates = tick.gather(&self.interest, |bytes| {
            length += bytes.len();
            slices.push(IoSlice::new(bytes));
        });
        if updates == 0 {
            return;
        }
        let header = frame_header(&mut head, length);
        head[header..header + HEADER_BYTES].copy_from_slice(&tick.header);
        slices[0] = IoSlice::new(&head[..header + HEADER_BYTES]);
        let whole = header + length;
        let taken = match self.socket.write_vectored(&slices) {
            Ok(taken) => taken,
            Err(error) if is_full(&error) => 0,
            Err(_) => {
                self.gone = true;
                return;
            }
        };
        if taken == 0 {
            self.behind_since = Some(tick.seq - 1);
            written.passed_over += 1;
            return;
        }
        if taken < whole {
            let bytes = slices.iter().flat_map(|slice| slice.iter().copied());
            self.rest = bytes.skip(taken).collect();
        }
        written.messages += 1;
        written.updates += u64::from(updates);
        written.bytes += whole as u64;
    }

    fn send_whole(&mut self, message: &[u8], written: &mut Written) {
        let mut head = [0; FRAME_HEADER_MAX + HEADER_BYTES];
        let header = frame_header(&mut head, message.len());
        self.rest.extend_from_slice(&head[..header]);
        self.rest.extend_from_slice(message);
        written.messages += 1;
        written.bytes += self.rest.len() as u64;
        self.flush();
    }

    fn flush(&mut self) {
        let mut sent = 0;
        while sent < self.rest.len() {
            match self.socket.write(&self.rest[sent..]) {
                Ok(0) => {
                    self.gone = true;
                    break;
                }
                Ok(taken) => sent += taken,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_full(&error) => break,
                Err(_) => {
                    self.gone = true;
                    break;
                }
            }
        }
        self.rest.drain(..sent);
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}

/// A binary websocket frame of a server (RFC 6455 section 5.2); answers the header's length.
fn frame_header(head: &mut [u8], length: usize) -> usize {
    head[0] = 0x82;
    match length {
        0..=125 => {
            head[1] = length as u8;
            2
        }
        126..=65_535 => {
            head[1] = 126;
            head[2..4].copy_from_slice(&(length as u16).to_be_bytes());
            4
        }
        _ => {
            head[1] = 127;
            head[2..10].copy_from_slice(&(length as u64).to_be_bytes());
            10
        }
    }
}
