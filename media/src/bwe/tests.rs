//! A leg against a bottleneck, without anything around it.

use std::time::{Duration, Instant};

use super::*;
use crate::rtcp::read::{Message, messages};
use crate::rtcp::write;

const PACKET: usize = 1_000;

/// A source that sends `rate_bps`, or all the estimate allows, through a line of `capacity_bps` for a while.
struct Line {
    now: Instant,
    started: Instant,
    leg: Leg,
    capacity_bps: u64,
    free_at: Instant,
    arrivals: Vec<(u16, Option<u64>)>,
    report_at: Instant,
    reports: u8,
    owed: f64,
    longest: Duration,
    carried: u64,
    /// Every n-th packet is lost.
    loses_every: Option<u64>,
    sent: u64,
}

impl Line {
    fn new(capacity_bps: u64) -> Self {
        let now = Instant::now();
        Self {
            now,
            started: now,
            leg: Leg::new(now),
            capacity_bps,
            free_at: now,
            arrivals: Vec::new(),
            report_at: now + Duration::from_millis(100),
            reports: 0,
            owed: 0.0,
            longest: Duration::ZERO,
            carried: 0,
            loses_every: None,
            sent: 0,
        }
    }

    fn packet(&mut self) {
        let us = (self.now - self.started).as_micros() as u64;
        let sequence = self.leg.sent(us, PACKET);
        self.sent += 1;
        let waits = self.free_at.saturating_duration_since(self.now);
        self.longest = self.longest.max(waits);
        let lost = self
            .loses_every
            .is_some_and(|n| self.sent.is_multiple_of(n));
        if lost || waits > Duration::from_millis(800) {
            self.arrivals.push((sequence, None));
            return;
        }
        let wire = Duration::from_micros(PACKET as u64 * 8_000_000 / self.capacity_bps);
        self.free_at = self.free_at.max(self.now) + wire;
        let at = self.free_at + Duration::from_millis(20) - self.started;
        self.arrivals.push((sequence, Some(at.as_micros() as u64)));
        self.carried += PACKET as u64;
    }

    fn report(&mut self) {
        self.report_at = self.now + Duration::from_millis(100);
        let now_us = (self.now - self.started).as_micros() as u64;
        let here = self
            .arrivals
            .iter()
            .take_while(|(_, at)| at.is_none_or(|at| at <= now_us))
            .count();
        let told: Vec<_> = self.arrivals.drain(..here).collect();
        let Some(&(first, _)) = told.first() else {
            return;
        };
        let mut out = Vec::new();
        let arrivals = told.iter().map(|(_, at)| *at);
        write::transport_feedback(&mut out, 1, 2, first, self.reports, arrivals);
        self.reports = self.reports.wrapping_add(1);
        for message in messages(&out) {
            if let Message::TransportFeedback(feedback) = message {
                self.leg.reported(self.now, &feedback);
            }
        }
    }

    /// Sends what the estimate allows, at most `most_bps`.
    fn run(&mut self, seconds: u64, most_bps: u64) {
        (self.longest, self.carried) = (Duration::ZERO, 0);
        for _ in 0..seconds * 200 {
            self.now += Duration::from_millis(5);
            let budget = self.leg.budget(self.now).expect("it reports").bps;
            self.leg.granted(self.now, budget.min(most_bps), most_bps);
            self.owed += budget.min(most_bps) as f64 / 8.0 * 0.005;
            while self.owed >= PACKET as f64 {
                self.owed -= PACKET as f64;
                self.packet();
            }
            for _ in 0..self.leg.padding(self.now).div_ceil(PACKET as u64) {
                self.packet();
            }
            if self.now >= self.report_at {
                self.report();
            }
        }
    }

    fn used_percent(&self, seconds: u64) -> u64 {
        self.carried * 800 / (self.capacity_bps * seconds)
    }
}

#[test]
fn a_greedy_source_uses_the_line_without_filling_its_queue() {
    for capacity_bps in [300_000, 1_000_000, 3_000_000, 10_000_000] {
        let mut line = Line::new(capacity_bps);
        line.run(6, 30_000_000);
        line.run(10, 30_000_000);
        let used = line.used_percent(10);
        assert!(used >= 80, "{capacity_bps}: {used} %");
        assert!(
            line.longest <= Duration::from_millis(300),
            "{capacity_bps}: {:?}",
            line.longest
        );
    }
}

#[test]
fn loss_that_is_not_ours_is_learned_and_loss_that_is_ours_is_obeyed() {
    let mut line = Line::new(20_000_000);
    line.loses_every = Some(7);
    line.run(20, 2_000_000);
    assert!(
        line.leg.estimate.bps() > 1_800_000,
        "{}",
        line.leg.estimate.bps()
    );
    line.capacity_bps = 600_000;
    line.run(5, 2_000_000);
    assert!(
        line.leg.estimate.bps() < 700_000,
        "{}",
        line.leg.estimate.bps()
    );
}

#[test]
fn a_client_that_never_reports_is_not_held_back() {
    let mut leg = Leg::new(Instant::now());
    let now = leg.epoch;
    assert!(leg.budget(now).is_some());
    leg.sent(0, PACKET);
    assert_eq!(leg.budget(now + Duration::from_secs(4)), None);
    assert!(leg.has_room(Priority::Gallery));
}

#[test]
fn a_report_of_packets_never_sent_changes_nothing() {
    let mut leg = Leg::new(Instant::now());
    let mut out = Vec::new();
    write::transport_feedback(&mut out, 1, 2, 40_000, 0, (0..50).map(|at| Some(at * 1000)));
    let before = leg.estimate.bps();
    for message in messages(&out) {
        if let Message::TransportFeedback(feedback) = message {
            leg.reported(leg.epoch + Duration::from_secs(1), &feedback);
        }
    }
    assert_eq!(leg.estimate.bps(), before);
}
