//! RTP timestamps as wall time: by the publisher's sender reports, before them by the earliest arrivals.

use super::model::SenderClock;
use crate::rtp::MediaKind;

/// Smaller changes of a clock's reading are jitter.
const STEP_US: i64 = 5_000;
/// Without reports the clock's drift is followed by the earliest arrival of each such stretch.
const STRETCH_US: i64 = 5_000_000;

pub(super) struct Timeline {
    rate_hz: i64,
    /// The newest timestamp, as it came and without its turn-over.
    newest: Option<(u32, i64)>,
    /// Wall time of tick zero.
    offset_us: Option<i64>,
    reported: bool,
    stretch_until_us: i64,
    earliest_us: i64,
}

impl Timeline {
    pub(super) fn new(kind: MediaKind) -> Self {
        Self {
            rate_hz: match kind {
                MediaKind::Audio => 48_000,
                MediaKind::Video => 90_000,
            },
            newest: None,
            offset_us: None,
            reported: false,
            stretch_until_us: i64::MIN,
            earliest_us: i64::MAX,
        }
    }

    /// When what carries `timestamp` was captured, microseconds since 1970, give or take the shortest way here.
    pub(super) fn place(
        &mut self,
        timestamp: u32,
        arrived_us: i64,
        clock: Option<SenderClock>,
    ) -> i64 {
        let ticks = self.unwrap(timestamp);
        let passed_us = self.micros(ticks);
        if let Some(clock) = clock {
            let read = ticks + i64::from(clock.timestamp.wrapping_sub(timestamp).cast_signed());
            let offset = clock.wall_us - self.micros(read);
            let known = self.offset_us.filter(|_| self.reported);
            if known.is_none_or(|known| (known - offset).abs() > STEP_US) {
                self.offset_us = Some(offset);
            }
            self.reported = true;
        } else if !self.reported {
            self.follow_arrivals(arrived_us - passed_us, arrived_us);
        }
        self.offset_us.unwrap_or(arrived_us - passed_us) + passed_us
    }

    fn follow_arrivals(&mut self, offset_us: i64, arrived_us: i64) {
        self.earliest_us = self.earliest_us.min(offset_us);
        let known = *self.offset_us.get_or_insert(offset_us);
        if offset_us < known {
            self.offset_us = Some(offset_us);
        }
        if arrived_us >= self.stretch_until_us {
            if self.stretch_until_us != i64::MIN {
                self.offset_us = Some(self.earliest_us);
            }
            self.stretch_until_us = arrived_us + STRETCH_US;
            self.earliest_us = i64::MAX;
        }
    }

    fn unwrap(&mut self, timestamp: u32) -> i64 {
        let ticks = match self.newest {
            None => i64::from(timestamp),
            Some((before, ticks)) => {
                ticks + i64::from(timestamp.wrapping_sub(before).cast_signed())
            }
        };
        self.newest = Some((timestamp, ticks));
        ticks
    }

    fn micros(&self, ticks: i64) -> i64 {
        (i128::from(ticks) * 1_000_000 / i128::from(self.rate_hz)) as i64
    }
}
