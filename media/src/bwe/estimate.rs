//! What a leg carries: additive and multiplicative increase, multiplicative decrease (draft-ietf-rmcat-gcc-02, 5.5),
//! bounded by losses and lifted by probes.

use super::delay::{Delay, Signal};
use super::loss::Loss;
use super::meter::Meter;

/// Before anything is known.
pub(super) const START_BPS: f64 = 1_000_000.0;
const RANGE_BPS: (f64, f64) = (40_000.0, 60_000_000.0);
/// Multiplicative decrease, of what arrived.
const BETA: f64 = 0.85;
/// Multiplicative increase per second while the limit is not known.
const GROWTH: f64 = 1.08;
/// A sender that uses less of the estimate than this is limited by what it has to say, not by the leg.
const LIMITED_BY_SOURCE: f64 = 0.65;
/// A queue that stands longer than this is drained before anything grows.
const DRAIN_US: i64 = 30_000;
/// A queue this long is no noise: what arrived is what the leg carries.
const CERTAIN_US: i64 = 40_000;

pub(super) struct Estimate {
    bps: f64,
    /// What arrived when the leg was full last, smoothed.
    full_bps: Option<f64>,
    updated_us: Option<u64>,
    decreased_us: u64,
    pub(super) delay: Delay,
    pub(super) loss: Loss,
    /// By the receiver's clock.
    pub(super) arrived: Meter,
    pub(super) busy: Busy,
    pub(super) sent: Meter,
}

/// Arrivals of the last reports during which a queue stood: then the leg was never idle, and the rate is what it
/// carries, even if the source has just begun to send more.
#[derive(Default)]
pub(super) struct Busy {
    bytes: u64,
    first_us: Option<i64>,
    last_us: i64,
    /// Smoothed over a few reports of one queue.
    bps: Option<f64>,
}

impl Busy {
    pub(super) fn arrived(&mut self, at_us: i64, size: u16) {
        match self.first_us {
            None => (self.first_us, self.last_us) = (Some(at_us), at_us),
            Some(_) => {
                self.bytes += u64::from(size);
                self.last_us = self.last_us.max(at_us);
            }
        }
    }

    fn conclude(&mut self, stood: bool) -> Option<f64> {
        let first_us = self.first_us.take().filter(|_| stood);
        let bytes = std::mem::take(&mut self.bytes);
        let measured = first_us
            .map(|first_us| (self.last_us - first_us) as f64)
            .filter(|span| *span > 20_000.0)
            .map(|span| bytes as f64 * 8e6 / span);
        self.bps = match (self.bps, measured) {
            (Some(before), Some(measured)) => Some(0.5 * before + 0.5 * measured),
            (before, None) if stood => before,
            (_, measured) => measured,
        };
        self.bps
    }
}

impl Default for Estimate {
    fn default() -> Self {
        Self {
            bps: START_BPS,
            full_bps: None,
            updated_us: None,
            decreased_us: 0,
            delay: Delay::default(),
            loss: Loss::default(),
            arrived: Meter::default(),
            busy: Busy::default(),
            sent: Meter::default(),
        }
    }
}

impl Estimate {
    pub(super) fn bps(&self) -> u64 {
        self.bps as u64
    }

    /// Sends less than the leg is thought to carry.
    pub(super) fn limited_by_source(&mut self, now_us: u64) -> bool {
        self.sent
            .bps(now_us)
            .is_none_or(|sent| (sent as f64) < LIMITED_BY_SOURCE * self.bps)
    }

    /// Ends a report; its packets have been told to `delay`, `loss` and `arrived`, whose newest is `newest_us`.
    pub(super) fn update(&mut self, now_us: u64, newest_us: u64, round_trip_us: u64) -> Signal {
        let signal = self.delay.conclude(now_us);
        let standing_us = self.delay.standing_us();
        let arrived = self.arrived.bps(newest_us).map(|bps| bps as f64);
        let busy = self.busy.conclude(standing_us > CERTAIN_US);
        let limited = self.limited_by_source(now_us);
        let passed_s =
            (now_us.saturating_sub(self.updated_us.replace(now_us).unwrap_or(now_us))) as f64 / 1e6;
        match signal {
            Signal::Overuse => {
                let pause = 100_000 + round_trip_us.min(200_000);
                if now_us.saturating_sub(self.decreased_us) >= pause {
                    self.decrease(now_us, busy);
                }
            }
            Signal::Underuse => {}
            Signal::Normal if standing_us < DRAIN_US && !limited => {
                self.increase(passed_s.min(1.0), arrived, round_trip_us);
            }
            Signal::Normal => {}
        }
        self.bps = self
            .loss
            .judge(now_us, self.bps, standing_us > DRAIN_US)
            .clamp(RANGE_BPS.0, RANGE_BPS.1);
        signal
    }

    /// To a share of what arrived while a queue stood; without one, of what was believed.
    fn decrease(&mut self, now_us: u64, busy: Option<f64>) {
        self.decreased_us = now_us;
        let next = BETA * busy.unwrap_or(self.bps);
        if let Some(arrived) = busy {
            // Far from what was known: the leg has changed.
            self.full_bps = Some(match self.full_bps {
                Some(full) if (arrived / full - 1.0).abs() < 0.3 => 0.9 * full + 0.1 * arrived,
                _ => arrived,
            });
        }
        self.bps = self.bps.min(next);
    }

    fn increase(&mut self, passed_s: f64, arrived: Option<f64>, round_trip_us: u64) {
        let before = self.bps;
        let near = self
            .full_bps
            .zip(arrived)
            .is_some_and(|(full, arrived)| arrived > 0.85 * full && arrived < 1.15 * full);
        if near {
            // One packet per response time.
            let response_s = round_trip_us as f64 / 1e6 + 0.1;
            self.bps += passed_s / response_s * 9_600.0;
        } else {
            self.full_bps = self
                .full_bps
                .filter(|full| arrived.is_none_or(|arrived| arrived < 1.15 * full));
            self.bps *= GROWTH.powf(passed_s);
        }
        if let Some(arrived) = arrived {
            self.bps = self.bps.min(before.max(1.5 * arrived + 10_000.0));
        }
    }

    /// The first probe has arrived at this rate, which knows more than the guess to begin with.
    pub(super) fn begin(&mut self, bps: u64) {
        if bps > 0 {
            self.bps = self.bps.min((bps as f64).max(RANGE_BPS.0));
        }
    }

    /// A probe has arrived at this rate.
    pub(super) fn proven(&mut self, bps: u64) -> bool {
        let bps = bps as f64;
        if bps < 1.03 * self.bps {
            return false;
        }
        self.bps = bps.min(RANGE_BPS.1);
        self.full_bps = None;
        self.loss.lift();
        true
    }

    /// The receiver was out of reach; what held before may no longer hold.
    pub(super) fn doubt(&mut self, now_us: u64) {
        self.bps = (self.bps * 0.7).max(RANGE_BPS.0);
        self.delay.restart();
        self.loss.restart(now_us);
        self.updated_us = None;
    }
}
