//! Wall time of the router's clock, in the forms RTCP wants.

use std::time::{Duration, Instant};

/// Seconds from 1900 to 1970.
const NTP_TO_UNIX: u64 = 2_208_988_800;

#[derive(Clone, Copy)]
pub(super) struct WallClock {
    started: Instant,
    /// Since 1970, at `started`.
    wall: Duration,
}

impl WallClock {
    pub(super) fn new(started: Instant, wall: Duration) -> Self {
        Self { started, wall }
    }

    /// NTP time, 32.32.
    pub(super) fn ntp(self, now: Instant) -> u64 {
        let wall = self.wall + now.saturating_duration_since(self.started);
        let fraction = (u64::from(wall.subsec_nanos()) << 32) / 1_000_000_000;
        (wall.as_secs() + NTP_TO_UNIX) << 32 | fraction
    }

    /// Microseconds since the start.
    pub(super) fn us(self, now: Instant) -> u64 {
        now.saturating_duration_since(self.started).as_micros() as u64
    }

    /// The next whole multiple of `every` since the start, later than `now`.
    pub(super) fn next_beat(self, now: Instant, every: Duration) -> Instant {
        let passed = now.saturating_duration_since(self.started).as_micros();
        let beats = (passed / every.as_micros() + 1) as u32;
        self.started + every * beats
    }

    pub(super) fn started(self) -> Instant {
        self.started
    }
}

/// The round trip a report block tells about (RFC 3550, 6.4.1); `None` before the receiver saw a sender report.
pub(super) fn round_trip(ntp: u64, last_sender_report: u32, delay: u32) -> Option<Duration> {
    if last_sender_report == 0 {
        return None;
    }
    let passed = ((ntp >> 16) as u32)
        .wrapping_sub(last_sender_report)
        .wrapping_sub(delay);
    // Clock steps and rounding can make it come out just below zero.
    let passed = if passed > 0x8000_0000 { 0 } else { passed };
    Some(Duration::from_micros(
        u64::from(passed) * 1_000_000 / 65_536,
    ))
}
