//! Records when each packet of a transport arrived, for transport-wide feedback to a publisher's bandwidth estimator.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::rtcp::write::transport_feedback;

/// Small enough for a quick estimator, large enough to cost little: the interval libwebrtc itself prefers.
const EVERY: Duration = Duration::from_millis(100);
/// A burst of arrivals is reported before the interval ends.
const ARRIVALS_MAX: usize = 200;
/// A packet this late is still worth telling; until then arrivals are kept to be told again around it.
const LATE: Duration = Duration::from_millis(500);
/// Reordering wider than this within an interval is reported as loss.
const SPAN_MAX: u64 = 1000;

pub(crate) struct TransportRecorder {
    /// Offset of unwrapped numbers so that early reordering cannot go below zero.
    newest: Option<u64>,
    arrivals: BTreeMap<u64, Instant>,
    /// Arrivals not reported yet.
    fresh: usize,
    /// First number of the next report.
    next: u64,
    reports: u8,
    due: Option<Instant>,
    epoch: Instant,
    media_ssrc: u32,
}

impl TransportRecorder {
    pub(crate) fn new(epoch: Instant) -> Self {
        Self {
            newest: None,
            arrivals: BTreeMap::new(),
            fresh: 0,
            next: 0,
            reports: 0,
            due: None,
            epoch,
            media_ssrc: 0,
        }
    }

    pub(crate) fn arrived(&mut self, now: Instant, sequence: u16, ssrc: u32) {
        let index = match self.newest {
            None => {
                let first = 0x1_0000 + u64::from(sequence);
                self.next = first;
                first
            }
            Some(newest) => {
                let step = i64::from(sequence.wrapping_sub(newest as u16).cast_signed());
                newest.saturating_add_signed(step)
            }
        };
        self.newest = Some(self.newest.map_or(index, |newest| newest.max(index)));
        self.media_ssrc = ssrc;
        if index < self.next {
            // Reported as lost: the next report begins here and says otherwise.
            let known = self.arrivals.first_key_value();
            if known.is_none_or(|(oldest, _)| index < *oldest) {
                return;
            }
            self.next = index;
        }
        self.arrivals.entry(index).or_insert(now);
        self.fresh += 1;
        let due = if self.fresh >= ARRIVALS_MAX {
            now
        } else {
            now + EVERY
        };
        self.due = Some(self.due.map_or(due, |before| before.min(due)));
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.due
    }

    /// Appends the feedback packet for everything recorded since the last one.
    pub(crate) fn write(&mut self, now: Instant, sender_ssrc: u32, out: &mut Vec<u8>) {
        if self.due.is_none_or(|due| due > now) {
            return;
        }
        self.due = None;
        let Some((&last, _)) = self.arrivals.last_key_value() else {
            return;
        };
        if last - self.next > SPAN_MAX {
            let (&first, _) = self.arrivals.first_key_value().expect("the last is there");
            self.next = first.max(last - SPAN_MAX);
        }
        let epoch = self.epoch;
        let span = (self.next..=last).map(|index| {
            self.arrivals
                .get(&index)
                .map(|at| at.saturating_duration_since(epoch).as_micros() as u64)
        });
        transport_feedback(
            out,
            sender_ssrc,
            self.media_ssrc,
            self.next as u16,
            self.reports,
            span,
        );
        self.reports = self.reports.wrapping_add(1);
        self.next = last + 1;
        self.fresh = 0;
        let late = |at: &Instant| now.saturating_duration_since(*at) > LATE;
        while let Some(entry) = self.arrivals.first_entry()
            && late(entry.get())
        {
            entry.remove();
        }
    }
}
