//! Datagrams waiting to be sent, in one block of memory, gathered into segmentation runs.

use std::net::SocketAddr;

/// Segments the kernel takes in one message (`UDP_MAX_SEGMENTS` was 64 for long).
const SEGMENTS_MAX: usize = 60;
/// Bytes of one message: a UDP payload ends at 65,507.
const RUN_BYTES_MAX: usize = 64_000;

/// Memory is asked for in steps of this.
const GROW: usize = 64 * 1024;

/// One kernel message: datagrams of equal length (the last may be shorter) to one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Destination.
    pub to: SocketAddr,
    /// Where its bytes begin in the arena.
    pub start: usize,
    /// All its bytes.
    pub len: usize,
    /// Length of each datagram but possibly the last.
    pub segment: usize,
    /// A shorter datagram ended the run.
    closed: bool,
}

impl Run {
    /// How many datagrams it holds.
    pub fn datagrams(&self) -> usize {
        self.len.div_ceil(self.segment.max(1))
    }
}

/// The send arena of one worker. Memory is kept between batches.
#[derive(Default)]
pub struct Arena {
    bytes: Vec<u8>,
    used: usize,
    runs: Vec<Run>,
    to: Option<SocketAddr>,
    gso: bool,
}

impl Arena {
    /// `gso`: gather runs; without it each datagram is its own message.
    pub fn new(gso: bool) -> Self {
        Self {
            gso,
            ..Self::default()
        }
    }

    /// Stops gathering, for kernels and devices that refuse it.
    pub fn disable_gso(&mut self) {
        self.gso = false;
    }

    /// What follows goes to `to`.
    pub fn open(&mut self, to: SocketAddr) {
        self.to = Some(to);
    }

    /// `len` bytes to write the next datagram into.
    pub fn room(&mut self, len: usize) -> &mut [u8] {
        let end = self.used + len;
        if self.bytes.len() < end {
            self.bytes.resize(end.next_multiple_of(GROW), 0);
        }
        &mut self.bytes[self.used..end]
    }

    /// The first `len` bytes of the last `room` are a datagram.
    pub fn commit(&mut self, len: usize) {
        let Some(to) = self.to else { return };
        if len == 0 {
            return;
        }
        let start = self.used;
        self.used += len;
        if let Some(run) = self.runs.last_mut()
            && self.gso
            && !run.closed
            && run.to == to
            && len <= run.segment
            && run.len + len <= RUN_BYTES_MAX
            && run.datagrams() < SEGMENTS_MAX
        {
            run.len += len;
            run.closed = len < run.segment;
            return;
        }
        self.runs.push(Run {
            to,
            start,
            len,
            segment: len,
            closed: false,
        });
    }

    /// What is waiting, in order.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The bytes of a run.
    pub fn bytes(&self, run: &Run) -> &[u8] {
        &self.bytes[run.start..run.start + run.len]
    }

    /// Bytes waiting.
    pub fn len(&self) -> usize {
        self.used
    }

    /// Nothing is waiting.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Forgets what has been sent.
    pub fn clear(&mut self) {
        self.used = 0;
        self.runs.clear();
        self.to = None;
    }
}
