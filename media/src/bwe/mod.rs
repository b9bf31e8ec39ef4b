//! What a receiver's connection carries, estimated from its transport-wide feedback, and what to do with it.
//!
//! One [`Leg`] per receiving peer, without I/O and told the time. Its parts follow Google congestion control
//! (draft-ietf-rmcat-gcc-02): delay and loss based estimate, with two additions a selective forwarder needs because its
//! sources come in steps: probes by padding while it has less to send than the leg may carry, and a window on what is in
//! flight, so that a leg that breaks down is not filled with pictures that come too late.

mod allocate;
mod delay;
mod estimate;
mod history;
mod loss;
mod meter;
mod probe;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

pub(crate) use allocate::{Claim, allocate};
use estimate::Estimate;
use history::{History, Report};
use probe::Probe;

use crate::router::Priority;
use crate::rtcp::read::TransportFeedback;

/// Beside a round trip and a report and a half, what may be on its way: a little queue.
const WINDOW_SLACK_US: u64 = 150_000;
const WINDOW_MIN_BYTES: u64 = 10_000;
/// A client that has not reported by then never will: nothing is held back from it.
const PATIENCE_US: u64 = 3_000_000;
/// Without a report for so long the receiver was out of reach.
const SILENCE_US: u64 = 800_000;
/// While nothing else goes out, this elicits reports.
const KEEPALIVE_US: u64 = 100_000;
/// After something was taken away, nothing is given for so long.
const CALM_US: u64 = 2_000_000;
const ROUND_TRIP_US: u64 = 10_000_000;

/// What a leg is thought to carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    pub(crate) bps: u64,
    /// The receiver has spoken; before that only choices between layers are made.
    pub(crate) firm: bool,
    /// More than was granted before may be granted.
    pub(crate) may_raise: bool,
}

pub(crate) struct Leg {
    epoch: Instant,
    history: History,
    estimate: Estimate,
    probe: Probe,
    /// When the first packet went out.
    started_us: Option<u64>,
    report_us: Option<u64>,
    /// Between reports, smoothed.
    interval_us: u64,
    /// First arrival, by the receiver's clock, and our time then.
    clock: Option<(i64, u64)>,
    /// Shortest round trips of the present and the previous span.
    round_trip_us: [Option<u64>; 2],
    round_trip_since_us: u64,
    /// What all slots would take.
    wanted_bps: u64,
    /// What was granted, and when less than before.
    granted_bps: u64,
    taken_us: Option<u64>,
    /// A picture had to wait for the window since the last report.
    held: bool,
    keepalive_us: u64,
    /// The first probe after the first report has told.
    probed: bool,
    /// Probing has found an end, or enough.
    firm: bool,
}

impl Leg {
    pub(crate) fn new(epoch: Instant) -> Self {
        Self {
            epoch,
            history: History::default(),
            estimate: Estimate::default(),
            probe: Probe::default(),
            started_us: None,
            report_us: None,
            interval_us: 150_000,
            clock: None,
            round_trip_us: [None; 2],
            round_trip_since_us: 0,
            wanted_bps: 0,
            granted_bps: 0,
            taken_us: None,
            held: false,
            keepalive_us: 0,
            probed: false,
            firm: false,
        }
    }

    fn us(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.epoch).as_micros() as u64
    }

    /// A packet of `size` bytes is about to be sent, so many microseconds after the epoch: answers its transport-wide
    /// sequence number.
    pub(crate) fn sent(&mut self, now_us: u64, size: usize) -> u16 {
        self.started_us.get_or_insert(now_us);
        self.estimate.sent.add(now_us, size);
        let mark = self.probe.mark();
        if mark != 0 {
            self.probe.sent(size);
        }
        self.history.sent(now_us, size, mark)
    }

    /// The receiver's report.
    pub(crate) fn reported(&mut self, now: Instant, feedback: &TransportFeedback<'_>) {
        let now_us = self.us(now);
        let gap = self
            .report_us
            .replace(now_us)
            .map_or(0, |before| now_us.saturating_sub(before));
        if (20_000..400_000).contains(&gap) {
            self.interval_us = (self.interval_us * 7 + gap) / 8;
        }
        let returned = gap > SILENCE_US && self.held;
        if returned {
            self.estimate.doubt(now_us);
            self.probe.soon(now_us);
        }
        let mut newest_sent = None;
        let mut newest_us = 0;
        for (sequence, arrival) in feedback.packets() {
            match (self.history.reported(sequence, arrival.is_some()), arrival) {
                (
                    Some(Report::Arrived {
                        sent_us,
                        size,
                        probe,
                        late,
                    }),
                    Some(arrival),
                ) => {
                    let (first, at_us) = *self.clock.get_or_insert((arrival, now_us));
                    let arrived_us = at_us as i64 + arrival - first;
                    if !returned {
                        self.estimate.loss.arrived(late);
                    }
                    self.estimate.delay.arrived(sent_us, arrived_us);
                    let at = arrived_us.max(0) as u64;
                    self.estimate.arrived.add(at, usize::from(size));
                    self.estimate.busy.arrived(arrived_us, size);
                    newest_us = newest_us.max(at);
                    self.probe
                        .arrived(probe, sent_us, arrived_us, u64::from(size));
                    newest_sent = newest_sent.max(Some(sent_us));
                }
                (Some(Report::Lost), _) if !returned => self.estimate.loss.lost(),
                _ => {}
            }
        }
        self.held = false;
        if let Some(sent_us) = newest_sent {
            self.round_trip(now_us, now_us.saturating_sub(sent_us));
            self.estimate
                .update(now_us, newest_us, self.shortest_round_trip());
        }
        if let Some(measured) = self.probe.conclude(now_us, self.shortest_round_trip()) {
            if !std::mem::replace(&mut self.probed, true) {
                self.estimate.begin(measured);
            }
            if self.estimate.proven(measured) {
                self.probe.soon(now_us);
                self.taken_us = None;
                self.firm |= self.estimate.bps() >= self.wanted_bps;
            } else {
                self.firm = true;
            }
        }
    }

    fn round_trip(&mut self, now_us: u64, measured_us: u64) {
        if now_us.saturating_sub(self.round_trip_since_us) > ROUND_TRIP_US {
            self.round_trip_us = [None, self.round_trip_us[0]];
            self.round_trip_since_us = now_us;
        }
        let shortest = &mut self.round_trip_us[0];
        *shortest = Some(shortest.map_or(measured_us, |known| known.min(measured_us)));
    }

    fn shortest_round_trip(&self) -> u64 {
        self.round_trip_us
            .iter()
            .flatten()
            .min()
            .copied()
            .unwrap_or(100_000)
    }

    /// What may be spent. `None` while nothing is known and nothing ever will be.
    pub(crate) fn budget(&self, now: Instant) -> Option<Budget> {
        let now_us = self.us(now);
        let silent = self.report_us.is_none()
            && self
                .started_us
                .is_some_and(|started| now_us.saturating_sub(started) > PATIENCE_US);
        (!silent).then(|| Budget {
            bps: self.estimate.bps(),
            firm: self.firm,
            may_raise: self
                .taken_us
                .is_none_or(|taken| now_us.saturating_sub(taken) > CALM_US),
        })
    }

    /// For the operator.
    pub(crate) fn estimate_bps(&self) -> Option<u64> {
        self.report_us.map(|_| self.estimate.bps())
    }

    /// What has been granted now, and what all slots together would take.
    pub(crate) fn granted(&mut self, now: Instant, granted_bps: u64, wanted_bps: u64) {
        if self.probed && granted_bps < self.granted_bps && wanted_bps >= self.wanted_bps {
            self.taken_us = Some(self.us(now));
        }
        self.granted_bps = granted_bps;
        self.wanted_bps = wanted_bps;
    }

    /// Whether less is carried than has been granted: not to be left until the next look.
    pub(crate) fn is_overdrawn(&self) -> bool {
        self.report_us.is_some() && self.granted_bps * 8 / 10 > self.estimate.bps()
    }

    /// Whether a new frame of this importance may begin. What is less important stops sooner.
    pub(crate) fn has_room(&mut self, priority: Priority) -> bool {
        if self.report_us.is_none() {
            return true;
        }
        let time_us = self.shortest_round_trip() + self.interval_us * 3 / 2 + WINDOW_SLACK_US;
        let window = (self.estimate.bps() * time_us / 8_000_000).max(WINDOW_MIN_BYTES);
        let share = match priority {
            Priority::Gallery => 70,
            Priority::Program => 100,
            _ => 120,
        };
        let room = self.history.in_flight() * 100 <= window * share;
        self.held |= !room;
        room
    }

    /// Bytes of padding to send now: a step of a probe, or a sign of life.
    pub(crate) fn padding(&mut self, now: Instant) -> u64 {
        let now_us = self.us(now);
        if self.held && now_us.saturating_sub(self.report_us.unwrap_or(now_us)) > KEEPALIVE_US {
            if now_us.saturating_sub(self.keepalive_us) < KEEPALIVE_US {
                return 0;
            }
            self.keepalive_us = now_us;
            return 1;
        }
        if !self.probe.is_open() && self.is_worth_probing(now_us) {
            let enough = if self.probed {
                self.wanted_bps * 8 / 5
            } else {
                // Also where only a voice is wanted so far: a picture may follow, and the guess has to be checked.
                (self.wanted_bps * 8 / 5).max(estimate::START_BPS as u64)
            };
            let target = (2 * self.estimate.bps()).min(enough);
            let spread_us = self.estimate.delay.spread_us();
            self.probe.start(now_us, target, spread_us);
        }
        self.probe.due(now_us)
    }

    fn is_worth_probing(&mut self, now_us: u64) -> bool {
        let first = !self.probed && self.granted_bps > 0;
        self.report_us
            .is_some_and(|report| now_us.saturating_sub(report) < SILENCE_US)
            && (first || self.wanted_bps * 115 / 100 > self.estimate.bps())
            && self.estimate.delay.standing_us() < 20_000
            && self.probe.may_start(now_us)
    }

    /// Nothing could be padded: there is no retransmission stream. The leg never becomes firm, so that its smallest
    /// layer goes on: only the picture itself can then tell what the leg carries.
    pub(crate) fn cannot_pad(&mut self, now: Instant) {
        let now_us = self.us(now);
        self.probed = true;
        self.probe = Probe::default();
        self.probe.not_before(now_us + 1_000_000);
    }

    /// When [`Self::padding`] has something to say next.
    pub(crate) fn deadline(&self, now: Instant) -> Option<Instant> {
        if self.probe.is_open() {
            return Some(now + probe::STEP);
        }
        self.held.then(|| now + Duration::from_micros(KEEPALIVE_US))
    }
}
