//! The narrowest place of a way: one queue, drained at a rate, that drops what does not fit.

use std::time::{Duration, Instant};

pub(super) struct Bottleneck {
    /// `None`: as wide as needed.
    rate_bps: Option<u64>,
    /// What the queue holds, as the time it takes to drain.
    depth: Duration,
    free_at: Option<Instant>,
    /// Nothing overtakes within the queue, also not when the rate rises.
    last: Option<Instant>,
    pub(super) dead: bool,
    pub(super) dropped: u64,
    pub(super) bytes: u64,
    /// The longest wait since it was last asked.
    longest: Duration,
}

impl Default for Bottleneck {
    fn default() -> Self {
        Self {
            rate_bps: None,
            depth: Duration::from_secs(1),
            free_at: None,
            last: None,
            dead: false,
            dropped: 0,
            bytes: 0,
            longest: Duration::ZERO,
        }
    }
}

impl Bottleneck {
    /// What waits now waits on, at the new rate.
    pub(super) fn set_rate(&mut self, now: Instant, rate_bps: Option<u64>) {
        if let (Some(before), Some(after)) = (self.rate_bps, rate_bps) {
            let waiting = self.waiting(now).as_micros() as u64;
            self.free_at = Some(now + Duration::from_micros(waiting * before / after));
        }
        self.rate_bps = rate_bps;
    }

    /// When a packet of `bytes` leaves; `None` when it is dropped.
    pub(super) fn pass(&mut self, now: Instant, bytes: usize) -> Option<Instant> {
        // UDP and IP.
        let bytes = bytes as u64 + 28;
        let waiting = self.waiting(now);
        if self.dead || waiting > self.depth {
            self.dropped += 1;
            return None;
        }
        self.bytes += bytes;
        self.longest = self.longest.max(waiting);
        let Some(rate) = self.rate_bps else {
            return Some(now);
        };
        let out = now + waiting + Duration::from_micros(bytes * 8_000_000 / rate);
        self.free_at = Some(out);
        let out = self.last.map_or(out, |last| last.max(out));
        self.last = Some(out);
        Some(out)
    }

    pub(super) fn waiting(&self, now: Instant) -> Duration {
        self.free_at
            .map_or(Duration::ZERO, |free| free.saturating_duration_since(now))
    }

    pub(super) fn longest_wait(&mut self) -> Duration {
        std::mem::take(&mut self.longest)
    }

    pub(super) fn carried(&mut self) -> u64 {
        std::mem::take(&mut self.bytes)
    }
}
