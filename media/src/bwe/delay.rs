//! Whether packets take longer and longer: the arrival-time model and over-use detector of the delay-based controller
//! (draft-ietf-rmcat-gcc-02, sections 5.2 to 5.4), with a least-squares slope in place of the Kalman filter.
//!
//! Beside the slope it knows the standing queue: the shortest way among the packets of a report against the shortest
//! ever seen lately. Random jitter bends slopes, but it does not lengthen the shortest way, and a queue that stands
//! still bends no slope.

/// Packets sent within this time are one group.
const GROUP_US: u64 = 5_000;
const SAMPLES: usize = 20;
const SMOOTHING: f64 = 0.9;
const GAIN: f64 = 4.0;
const THRESHOLD_MS: std::ops::RangeInclusive<f64> = 6.0..=600.0;
const K_UP: f64 = 0.0087;
const K_DOWN: f64 = 0.039;
/// Over-use has to last this long.
const PATIENCE_MS: f64 = 10.0;
/// Below this the slope is noise of clocks and schedulers.
const STANDING_MIN_US: i64 = 6_000;
/// A queue this long is over-use whatever the slope says.
const STANDING_MAX_US: i64 = 180_000;
/// The shortest way is remembered for one to two of these.
const BASE_US: u64 = 15_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    Normal,
    Overuse,
    Underuse,
}

#[derive(Clone, Copy)]
struct Group {
    first_us: u64,
    sent_us: u64,
    arrived_us: i64,
}

pub(super) struct Delay {
    group: Option<Group>,
    previous: Option<Group>,
    accumulated_ms: f64,
    smoothed_ms: f64,
    samples: [(f64, f64); SAMPLES],
    count: usize,
    first_arrival_us: i64,
    threshold_ms: f64,
    slope: f64,
    overusing_ms: f64,
    signal: Signal,
    /// Shortest ways of the present and the previous span.
    base: [Option<i64>; 2],
    base_since_us: u64,
    standing_us: i64,
    /// Mean above the shortest way, smoothed over reports.
    spread_us: i64,
    sum_us: i64,
    packets: i64,
    /// The shortest way within the report being taken.
    shortest_us: Option<i64>,
}

impl Default for Delay {
    fn default() -> Self {
        Self {
            group: None,
            previous: None,
            accumulated_ms: 0.0,
            smoothed_ms: 0.0,
            samples: [(0.0, 0.0); SAMPLES],
            count: 0,
            first_arrival_us: 0,
            threshold_ms: 12.5,
            slope: 0.0,
            overusing_ms: 0.0,
            signal: Signal::Normal,
            base: [None; 2],
            base_since_us: 0,
            standing_us: 0,
            spread_us: 0,
            sum_us: 0,
            packets: 0,
            shortest_us: None,
        }
    }
}

impl Delay {
    /// Takes one packet of a report, in the order of sending.
    pub(super) fn arrived(&mut self, sent_us: u64, arrived_us: i64) {
        let way = arrived_us - sent_us as i64;
        self.sum_us += way;
        self.packets += 1;
        self.shortest_us = Some(self.shortest_us.map_or(way, |shortest| shortest.min(way)));
        match &mut self.group {
            Some(group) if sent_us < group.first_us => {}
            Some(group) if sent_us - group.first_us <= GROUP_US => {
                group.sent_us = group.sent_us.max(sent_us);
                group.arrived_us = group.arrived_us.max(arrived_us);
            }
            _ => {
                let next = Group {
                    first_us: sent_us,
                    sent_us,
                    arrived_us,
                };
                if let Some(done) = self.group.replace(next) {
                    if let Some(before) = self.previous {
                        self.compare(before, done);
                    }
                    self.previous = Some(done);
                }
            }
        }
    }

    /// Ends a report.
    pub(super) fn conclude(&mut self, now_us: u64) -> Signal {
        if let Some(shortest) = self.shortest_us.take() {
            if now_us.saturating_sub(self.base_since_us) > BASE_US {
                self.base = [None, self.base[0]];
                self.base_since_us = now_us;
            }
            self.base[0] = Some(self.base[0].map_or(shortest, |base| base.min(shortest)));
            let base = self.base.iter().flatten().min().copied();
            self.standing_us = shortest - base.unwrap_or(shortest);
            let mean = self.sum_us / self.packets;
            self.spread_us = (self.spread_us * 7 + mean - shortest) / 8;
            (self.sum_us, self.packets) = (0, 0);
        }
        if self.standing_us > STANDING_MAX_US {
            return Signal::Overuse;
        }
        match self.signal {
            Signal::Overuse if self.standing_us < STANDING_MIN_US => Signal::Normal,
            signal => signal,
        }
    }

    /// How long the shortest way of the last report was above the shortest known: the queue that stands on the way.
    pub(super) fn standing_us(&self) -> i64 {
        self.standing_us
    }

    /// By how much packets of one report differ in their way.
    pub(super) fn spread_us(&self) -> u64 {
        self.spread_us.max(0).unsigned_abs()
    }

    /// Forgets slopes over a time without reports.
    pub(super) fn restart(&mut self) {
        *self = Self {
            base: self.base,
            base_since_us: self.base_since_us,
            ..Self::default()
        };
    }

    fn compare(&mut self, before: Group, done: Group) {
        let sent_ms = (done.sent_us - before.sent_us) as f64 / 1000.0;
        let arrived_ms = (done.arrived_us - before.arrived_us) as f64 / 1000.0;
        if self.count == 0 {
            self.first_arrival_us = done.arrived_us;
        }
        self.accumulated_ms += arrived_ms - sent_ms;
        self.smoothed_ms = SMOOTHING * self.smoothed_ms + (1.0 - SMOOTHING) * self.accumulated_ms;
        let at_ms = (done.arrived_us - self.first_arrival_us) as f64 / 1000.0;
        self.samples[self.count % SAMPLES] = (at_ms, self.smoothed_ms);
        self.count += 1;
        let before = self.slope;
        if self.count >= SAMPLES {
            self.slope = slope(&self.samples).unwrap_or(self.slope);
        }
        self.detect(before, sent_ms);
    }

    fn detect(&mut self, before: f64, passed_ms: f64) {
        let trend = self.count.min(60) as f64 * self.slope * GAIN;
        if trend > self.threshold_ms {
            self.overusing_ms += passed_ms;
            if self.overusing_ms > PATIENCE_MS && self.slope >= before {
                self.overusing_ms = 0.0;
                self.signal = Signal::Overuse;
            }
        } else {
            self.overusing_ms = 0.0;
            self.signal = if trend < -self.threshold_ms {
                Signal::Underuse
            } else {
                Signal::Normal
            };
        }
        // The threshold follows the noise, slowly up and quickly down, but not a single large jump.
        let distance = trend.abs() - self.threshold_ms;
        if distance < 15.0 {
            let k = if distance < 0.0 { K_DOWN } else { K_UP };
            self.threshold_ms = (self.threshold_ms + k * distance * passed_ms.min(100.0))
                .clamp(*THRESHOLD_MS.start(), *THRESHOLD_MS.end());
        }
    }
}

/// Least squares through (time, delay).
fn slope(samples: &[(f64, f64)]) -> Option<f64> {
    let n = samples.len() as f64;
    let (x, y) = samples
        .iter()
        .fold((0.0, 0.0), |(x, y), sample| (x + sample.0, y + sample.1));
    let (x, y) = (x / n, y / n);
    let (over, under) = samples.iter().fold((0.0, 0.0), |(over, under), sample| {
        (
            over + (sample.0 - x) * (sample.1 - y),
            under + (sample.0 - x).powi(2),
        )
    });
    (under > 0.0).then(|| over / under)
}
