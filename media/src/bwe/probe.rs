//! Short bursts of padding that find out whether a leg carries more than is sent on it (libwebrtc calls them clusters).

use std::time::Duration;

/// Length of a burst: the first where delays are even, up to the last where they spread, so that the spread does not
/// drown what is measured.
const BURST_US: std::ops::RangeInclusive<u64> = 20_000..=150_000;
/// Padding is sent in steps of this, so that the burst has a rate.
pub(super) const STEP: Duration = Duration::from_millis(2);
const BYTES_MIN: u64 = 1_600;
const BYTES_MAX: u64 = 60_000;
/// After a burst that found nothing more.
const AGAIN_US: u64 = 2_500_000;
/// Reports may take this long and a round trip.
const WAIT_US: u64 = 400_000;

#[derive(Default)]
pub(super) struct Probe {
    /// Packets of the burst carry this number; 0 is no burst.
    id: u8,
    target_bps: u64,
    goal: u64,
    burst_us: u64,
    sent: u64,
    started_us: u64,
    /// Set while bytes are still to be sent.
    open: bool,
    running: bool,
    next_us: u64,
    first_sent_us: u64,
    last_sent_us: u64,
    first_arrival_us: i64,
    last_arrival_us: i64,
    arrived: u64,
    first_size: u64,
    packets: u32,
}

impl Probe {
    /// The number to send packets under now.
    pub(super) fn mark(&self) -> u8 {
        if self.open { self.id } else { 0 }
    }

    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    pub(super) fn may_start(&self, now_us: u64) -> bool {
        !self.running && now_us >= self.next_us
    }

    /// No sooner than this.
    pub(super) fn not_before(&mut self, at_us: u64) {
        self.next_us = self.next_us.max(at_us);
    }

    /// As soon as something is worth it.
    pub(super) fn soon(&mut self, now_us: u64) {
        self.next_us = now_us;
    }

    /// `spread_us` is by how much packets of one report differ in their way.
    pub(super) fn start(&mut self, now_us: u64, target_bps: u64, spread_us: u64) {
        let id = self.id % 255 + 1;
        let wide = if spread_us > 15_000 { 5 * spread_us } else { 0 };
        let burst_us = wide.clamp(*BURST_US.start(), *BURST_US.end());
        *self = Self {
            id,
            target_bps,
            burst_us,
            goal: (target_bps * burst_us / 8_000_000).clamp(BYTES_MIN, BYTES_MAX),
            started_us: now_us,
            open: true,
            running: true,
            ..Self::default()
        };
    }

    /// Bytes of padding to send now.
    pub(super) fn due(&self, now_us: u64) -> u64 {
        if !self.open {
            return 0;
        }
        let passed = now_us.saturating_sub(self.started_us) + STEP.as_micros() as u64;
        let by_now = (self.target_bps * passed / 8_000_000).min(self.goal);
        by_now.saturating_sub(self.sent)
    }

    pub(super) fn sent(&mut self, bytes: usize) {
        self.sent += bytes as u64;
        self.open = self.sent < self.goal;
    }

    pub(super) fn arrived(&mut self, id: u8, sent_us: u64, arrived_us: i64, size: u64) {
        if id != self.id || !self.running {
            return;
        }
        if self.packets == 0 {
            (self.first_sent_us, self.last_sent_us) = (sent_us, sent_us);
            (self.first_arrival_us, self.last_arrival_us) = (arrived_us, arrived_us);
            self.first_size = size;
        }
        self.first_sent_us = self.first_sent_us.min(sent_us);
        self.last_sent_us = self.last_sent_us.max(sent_us);
        if arrived_us < self.first_arrival_us {
            self.first_arrival_us = arrived_us;
            self.first_size = size;
        }
        self.last_arrival_us = self.last_arrival_us.max(arrived_us);
        self.arrived += size;
        self.packets += 1;
    }

    /// What the burst measured, once it is in or overdue: bits per second, at most what it aimed at.
    pub(super) fn conclude(&mut self, now_us: u64, round_trip_us: u64) -> Option<u64> {
        let overdue = now_us > self.started_us + self.burst_us + WAIT_US + round_trip_us;
        if !self.running || self.open && !overdue {
            return None;
        }
        let whole = self.arrived * 10 >= self.sent.max(1) * 9;
        if !whole && !overdue {
            return None;
        }
        self.running = false;
        self.open = false;
        self.next_us = now_us + AGAIN_US;
        if self.packets < 4 || self.arrived * 10 < self.sent * 7 {
            return Some(0);
        }
        let span = (self.last_arrival_us - self.first_arrival_us).max(1) as u64;
        let bytes = self.arrived - self.first_size;
        Some((bytes * 8_000_000 / span).min(self.target_bps))
    }
}
