//! What was sent on a leg and not long ago, by transport-wide sequence number.

/// Packets kept at first; 24 bytes each.
const CELLS_MIN: usize = 128;
/// A gallery of sixteen at a round trip of half a second.
const CELLS_MAX: usize = 4096;
/// A packet that is overwritten sooner than this would still have been reported on: the history grows.
const WORTH_US: u64 = 1_000_000;

#[derive(Clone, Copy, Default)]
struct Cell {
    sent_us: u64,
    /// All bytes sent up to and with this packet.
    total: u64,
    size: u16,
    probe: u8,
    state: State,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Flying,
    Lost,
    Arrived,
}

/// A packet the receiver has reported on for the first time, or otherwise than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Report {
    Arrived {
        sent_us: u64,
        size: u16,
        probe: u8,
        /// It had been reported lost.
        late: bool,
    },
    Lost,
}

pub(super) struct History {
    cells: Vec<Cell>,
    /// Number of the next packet; its low 16 bits are the sequence number on the wire.
    next: u64,
    total: u64,
    /// All bytes sent up to and with the newest packet reported on.
    reported_total: u64,
    reported: u64,
}

impl Default for History {
    fn default() -> Self {
        Self {
            cells: Vec::new(),
            // One turn above zero, so that stepping back stays positive.
            next: 0x1_0000,
            total: 0,
            reported_total: 0,
            reported: 0,
        }
    }
}

impl History {
    /// Takes note of a packet about to be sent and answers its sequence number.
    pub(super) fn sent(&mut self, now_us: u64, size: usize, probe: u8) -> u16 {
        if self.cells.is_empty() {
            self.cells.resize(CELLS_MIN, Cell::default());
        }
        let oldest = self.cells[self.cell(self.next)];
        if self.cells.len() < CELLS_MAX
            && oldest.total > self.reported_total
            && now_us.saturating_sub(oldest.sent_us) < WORTH_US
        {
            self.grow();
        }
        self.total += size as u64;
        let at = self.cell(self.next);
        self.cells[at] = Cell {
            sent_us: now_us,
            total: self.total,
            size: size.min(usize::from(u16::MAX)) as u16,
            probe,
            state: State::Flying,
        };
        let sequence = self.next as u16;
        self.next += 1;
        sequence
    }

    /// Takes the receiver's word on one packet; nothing when it is known or too old.
    pub(super) fn reported(&mut self, sequence: u16, arrived: bool) -> Option<Report> {
        let newest = self.next - 1;
        let behind = (newest as u16).wrapping_sub(sequence);
        let index = newest - u64::from(behind);
        if index < 0x1_0000 || usize::from(behind) >= self.cells.len() {
            return None;
        }
        let at = self.cell(index);
        let cell = &mut self.cells[at];
        let before = cell.state;
        if before == State::Arrived || (before == State::Lost && !arrived) {
            return None;
        }
        if index >= self.reported {
            self.reported = index;
            self.reported_total = cell.total;
        }
        if !arrived {
            cell.state = State::Lost;
            return Some(Report::Lost);
        }
        cell.state = State::Arrived;
        Some(Report::Arrived {
            sent_us: cell.sent_us,
            size: cell.size,
            probe: cell.probe,
            late: before == State::Lost,
        })
    }

    /// Bytes sent after the newest packet the receiver has reported on.
    pub(super) fn in_flight(&self) -> u64 {
        self.total - self.reported_total
    }

    fn cell(&self, index: u64) -> usize {
        // The length is a power of two.
        (index & (self.cells.len() as u64 - 1)) as usize
    }

    fn grow(&mut self) {
        let before = self.cells.len() as u64;
        let mut cells = vec![Cell::default(); self.cells.len() * 2];
        for index in self.next.saturating_sub(before)..self.next {
            cells[(index % (2 * before)) as usize] = self.cells[(index % before) as usize];
        }
        self.cells = cells;
    }
}
