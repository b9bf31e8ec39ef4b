//! The bitrate of a layer as it arrives, smoothed over about a second.

use std::time::{Duration, Instant};

/// Long enough to hold several frames of a shared screen, short enough that an allocator sees a change of scene.
const WINDOW: Duration = Duration::from_millis(500);

#[derive(Default)]
pub(super) struct Rate {
    since: Option<Instant>,
    bytes: u64,
    packets: u64,
    bps: u64,
    /// Packets per second.
    pps: u64,
}

impl Rate {
    pub(super) fn add(&mut self, now: Instant, bytes: usize) {
        let since = *self.since.get_or_insert(now);
        let passed = now.saturating_duration_since(since);
        if passed >= WINDOW {
            let measured = self.bytes * 8_000_000 / passed.as_micros() as u64;
            self.pps = self.packets * 1_000_000 / passed.as_micros() as u64;
            // A pause says nothing about what the stream needs when it goes on.
            if passed < 4 * WINDOW {
                self.bps = if self.bps == 0 {
                    measured
                } else {
                    (self.bps + measured) / 2
                };
            }
            self.since = Some(now);
            self.bytes = 0;
            self.packets = 0;
        }
        self.bytes += bytes as u64;
        self.packets += 1;
        if self.bps == 0 && passed >= WINDOW / 4 {
            // The first guess of a new layer, until a whole window has passed.
            self.bps = self.bytes * 8_000_000 / passed.as_micros().max(1) as u64;
        }
    }

    pub(super) fn bps(&self) -> u64 {
        self.bps
    }

    pub(super) fn pps(&self) -> u64 {
        self.pps
    }
}
