//! What a slot tells its receiver about the stream, and hears back.

use std::time::Duration;

use super::{Clock, Slot};
use crate::router::{SlotStats, Sources};
use crate::rtcp::{ReportBlock, SenderInfo};

impl Slot {
    pub(crate) fn stats(&self) -> SlotStats {
        SlotStats {
            shown: self.shown(),
            layer: self.current().map(|segment| segment.layer as u8),
            packets: u64::from(self.packets),
            changes: self.changes,
        }
    }

    /// What the receiver reports about this slot's stream. `None` for the round trip before our first report.
    pub(crate) fn reported(&mut self, block: &ReportBlock, round_trip: Option<Duration>) {
        self.lost = u64::from(block.cumulative_lost);
        if let Some(rtt) = round_trip {
            self.resend.round_trip(rtt);
        }
    }

    pub(crate) fn rtt(&self) -> Option<Duration> {
        self.resend.rtt()
    }

    /// The reading of this slot's stream clock at the flush. `skew` is what to subtract from our NTP time to get the
    /// publisher's; it is the same for all tracks of a publisher, which keeps lips and voice together.
    pub(crate) fn sender_info(
        &self,
        clock: Clock,
        sources: &Sources,
        skew: Option<i64>,
    ) -> Option<SenderInfo> {
        let segment = self.current()?;
        let last_sent_at = self.last_sent_at?;
        let source = sources.at(segment.source)?;
        let layer = &source.layers[segment.layer];
        let rate = i64::from(layer.clock_rate_hz());
        let timestamp = match (layer.sender_clock(), skew) {
            (Some(reading), Some(skew)) => {
                let publisher_now = clock.ntp.wrapping_add_signed(skew.wrapping_neg());
                let passed = i128::from(publisher_now.wrapping_sub(reading.ntp).cast_signed());
                let ticks = (passed * i128::from(rate)) >> 32;
                reading
                    .timestamp
                    .wrapping_add(ticks as u32)
                    .wrapping_add(segment.timestamp_offset)
            }
            _ => {
                let passed = clock
                    .now
                    .saturating_duration_since(last_sent_at)
                    .as_micros() as i64;
                self.last_timestamp
                    .wrapping_add((passed * rate / 1_000_000) as u32)
            }
        };
        Some(SenderInfo {
            ssrc: self.spec.ssrc,
            ntp: clock.ntp,
            timestamp,
            packets: self.packets,
            bytes: self.bytes,
        })
    }
}
