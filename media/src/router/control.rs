//! RTCP waiting for the next flush, cut into datagrams.

/// A datagram is closed once it is longer than this; the longest single message still fits behind it.
const CUT: usize = 700;

/// What waits for a peer that cannot be sent to; beyond this, newer messages are dropped.
const WAITING_MAX: usize = 16 * 1024;

#[derive(Default)]
pub(super) struct Control {
    buffer: Vec<u8>,
    /// Where datagrams end; what follows the last one is still open.
    cuts: Vec<usize>,
}

impl Control {
    /// Lets `write` append one message.
    pub(super) fn append(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        if self.buffer.len() > WAITING_MAX {
            return;
        }
        write(&mut self.buffer);
        if self.buffer.len() - self.cuts.last().copied().unwrap_or(0) > CUT {
            self.cuts.push(self.buffer.len());
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// Hands out the datagrams and forgets them.
    pub(super) fn drain(&mut self, mut each: impl FnMut(&[u8])) {
        if self.cuts.last().is_none_or(|cut| *cut < self.buffer.len()) {
            self.cuts.push(self.buffer.len());
        }
        let mut start = 0;
        for &end in &self.cuts {
            each(&self.buffer[start..end]);
            start = end;
        }
        self.buffer.clear();
        self.cuts.clear();
    }
}
