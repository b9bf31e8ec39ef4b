//! Reception statistics of one stream for receiver reports (RFC 3550, 6.4 and appendix A).

use std::time::Instant;

use crate::rtcp::ReportBlock;

/// Positions of a layer begin one turn of the sequence number above zero.
pub(super) const FIRST_TURN: u64 = 0x1_0000;

#[derive(Default)]
pub(super) struct Reception {
    base: Option<u64>,
    newest: u64,
    received: u64,
    expected_before: u64,
    received_before: u64,
    /// Interarrival jitter in timestamp units, scaled by 16.
    jitter: u32,
    transit: Option<i64>,
    /// Middle 32 bits of the NTP time of the last sender report, and when it came.
    sender_report: Option<(u32, Instant)>,
}

impl Reception {
    /// `arrival_ticks` is the arrival time in units of the stream's clock.
    pub(super) fn received(&mut self, index: u64, timestamp: u32, arrival_ticks: i64) {
        self.base = Some(self.base.map_or(index, |base| base.min(index)));
        self.newest = self.newest.max(index);
        self.received += 1;
        let transit = arrival_ticks.wrapping_sub(i64::from(timestamp));
        if let Some(before) = self.transit.replace(transit) {
            // Both wrap at 32 bits with the timestamp; the difference is taken there.
            let delta = (transit.wrapping_sub(before) as i32)
                .unsigned_abs()
                .min(1 << 24);
            self.jitter = self
                .jitter
                .wrapping_add(delta)
                .wrapping_sub((self.jitter + 8) >> 4);
        }
    }

    pub(super) fn sender_report(&mut self, now: Instant, ntp: u64) {
        self.sender_report = Some(((ntp >> 16) as u32, now));
    }

    pub(super) fn lost(&self) -> u64 {
        self.base.map_or(0, |base| {
            (self.newest - base + 1).saturating_sub(self.received)
        })
    }

    /// The block of the next report; `None` before the first packet.
    pub(super) fn block(&mut self, now: Instant, ssrc: u32) -> Option<ReportBlock> {
        let expected = self.newest - self.base? + 1;
        let expected_now = expected - self.expected_before;
        let lost_now = expected_now.saturating_sub(self.received - self.received_before);
        self.expected_before = expected;
        self.received_before = self.received;
        let (last_sender_report, delay) = self.sender_report.map_or((0, 0), |(ntp, at)| {
            let delay = now.saturating_duration_since(at);
            (ntp, (delay.as_micros() * 65_536 / 1_000_000) as u32)
        });
        Some(ReportBlock {
            ssrc,
            fraction_lost: (lost_now * 256)
                .checked_div(expected_now)
                .unwrap_or(0)
                .min(255) as u8,
            cumulative_lost: expected.saturating_sub(self.received).min(0x7f_ffff) as u32,
            highest_sequence: self.newest.wrapping_sub(FIRST_TURN) as u32,
            jitter: self.jitter >> 4,
            last_sender_report,
            delay_since_last_sender_report: delay,
        })
    }
}
