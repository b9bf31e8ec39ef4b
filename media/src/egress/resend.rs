//! Which retransmissions a receiver gets: not twice within a round trip, and never more than a share of its stream.

use std::time::{Duration, Instant};

/// Retransmitted bytes may be this share of the media bytes, in percent.
const SHARE_PERCENT: i64 = 15;
/// What may be sent again at once after a quiet time, bytes: two seconds' worth of losses of a 1.5 Mbit/s stream at 10 %.
const BURST: i64 = 40_000;
/// Packets a receiver may ask for between two flushes.
const QUEUE_MAX: usize = 512;
/// Memory of when a sequence number was sent again.
const RECENT: usize = 256;
const RTT_INITIAL: Duration = Duration::from_millis(60);
const RTT_MIN: Duration = Duration::from_millis(5);

pub(super) struct Resend {
    queue: Vec<u16>,
    /// By `sequence % RECENT`; allocated with the first retransmission, most receivers lose nothing.
    recent: Vec<Option<(u16, Instant)>>,
    credit: i64,
    rtt: Option<Duration>,
    /// Packet index of the retransmission stream.
    index: u64,
}

impl Resend {
    pub(super) fn new(first_index: u64) -> Self {
        Self {
            queue: Vec::new(),
            recent: Vec::new(),
            credit: BURST * 100,
            rtt: None,
            index: first_index,
        }
    }

    pub(super) fn asked(&mut self, sequences: impl Iterator<Item = u16>) {
        let room = QUEUE_MAX - self.queue.len().min(QUEUE_MAX);
        self.queue.extend(sequences.take(room));
    }

    pub(super) fn is_idle(&self) -> bool {
        self.queue.is_empty()
    }

    pub(super) fn take_queue(&mut self) -> Vec<u16> {
        std::mem::take(&mut self.queue)
    }

    /// Gives the queue's memory back for the next time.
    pub(super) fn return_queue(&mut self, mut queue: Vec<u16>) {
        queue.clear();
        self.queue = queue;
    }

    pub(super) fn round_trip(&mut self, rtt: Duration) {
        self.rtt = Some(self.rtt.map_or(rtt, |before| (before * 7 + rtt) / 8));
    }

    pub(super) fn rtt(&self) -> Option<Duration> {
        self.rtt
    }

    /// Media bytes sent earn credit.
    pub(super) fn earned(&mut self, bytes: usize) {
        self.credit = (self.credit + bytes as i64 * SHARE_PERCENT).min(BURST * 100);
    }

    /// Whether `sequence` may be sent again now; if so it counts as sent.
    pub(super) fn grant(&mut self, now: Instant, sequence: u16, bytes: usize) -> bool {
        let cost = bytes as i64 * 100;
        if self.credit < cost {
            return false;
        }
        if self.recent.is_empty() {
            self.recent.resize(RECENT, None);
        }
        // A smoothed round trip may lie above the true one, and a second request is honest one true round trip later.
        let guard = (self.rtt.unwrap_or(RTT_INITIAL) * 7 / 8).max(RTT_MIN);
        let cell = &mut self.recent[usize::from(sequence) % RECENT];
        if cell
            .is_some_and(|(sent, at)| sent == sequence && now.saturating_duration_since(at) < guard)
        {
            return false;
        }
        *cell = Some((sequence, now));
        self.credit -= cost;
        true
    }

    /// The next packet index of the retransmission stream.
    pub(super) fn next_index(&mut self) -> u64 {
        self.index += 1;
        self.index
    }
}
