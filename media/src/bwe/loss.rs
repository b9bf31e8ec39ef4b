//! What lost packets say about the rate: the loss-based controller (draft-ietf-rmcat-gcc-02, section 6), which also
//! learns the loss that is not ours.
//!
//! A radio link loses a share of the packets whatever is sent. Loss that stays as it was after the rate has been cut
//! was not caused by the rate: it is taken as the way's own, and only what exceeds it counts.

const WINDOW_US: u64 = 400_000;
/// Packets that make a share worth judging.
const PACKETS_MIN: u32 = 30;
const HIGH: f64 = 0.10;
const LOW: f64 = 0.02;

#[derive(Default)]
pub(super) struct Loss {
    arrived: u32,
    lost: u32,
    since_us: u64,
    /// Share of packets the way loses by itself.
    own: f64,
    /// The last cut: when, the loss then and the rate before it.
    cut: Option<Cut>,
    limit_bps: Option<f64>,
}

#[derive(Clone, Copy)]
struct Cut {
    at_us: u64,
    loss: f64,
    before_bps: f64,
}

impl Loss {
    pub(super) fn arrived(&mut self, late: bool) {
        self.arrived += 1;
        if late {
            self.lost = self.lost.saturating_sub(1);
        }
    }

    pub(super) fn lost(&mut self) {
        self.lost += 1;
    }

    /// Forgets what was counted, not what was learned.
    pub(super) fn restart(&mut self, now_us: u64) {
        (self.arrived, self.lost, self.since_us) = (0, 0, now_us);
    }

    /// A higher rate has been proven otherwise.
    pub(super) fn lift(&mut self) {
        self.limit_bps = None;
    }

    /// The rate after the losses of the last window, if `rate_bps` was sent meanwhile; unchanged while there is too
    /// little to judge by. `queueing`: packets also take longer, so the losses are those of a full queue.
    pub(super) fn judge(&mut self, now_us: u64, rate_bps: f64, queueing: bool) -> f64 {
        let all = self.arrived + self.lost;
        if now_us.saturating_sub(self.since_us) < WINDOW_US || all < PACKETS_MIN {
            return rate_bps.min(self.limit_bps.unwrap_or(f64::MAX));
        }
        let loss = f64::from(self.lost) / f64::from(all);
        self.restart(now_us);
        let ours = ((loss - self.own) / (1.0 - self.own)).max(0.0);
        let mut rate = rate_bps;
        if ours > HIGH {
            match self.cut {
                // The rate went down by a fifth or more and the loss did not follow.
                Some(cut) if !queueing && rate < 0.82 * cut.before_bps && loss > 0.6 * cut.loss => {
                    self.own = (loss * 1.1).min(0.4);
                    rate = cut.before_bps;
                    self.cut = None;
                }
                _ => {
                    let cut = self.cut.get_or_insert(Cut {
                        at_us: now_us,
                        loss,
                        before_bps: rate,
                    });
                    cut.loss = cut.loss.max(loss);
                    rate *= 1.0 - 0.5 * ours.min(0.5);
                }
            }
            self.limit_bps = Some(rate);
        } else {
            if self
                .cut
                .is_some_and(|cut| now_us.saturating_sub(cut.at_us) > 5_000_000)
            {
                self.cut = None;
            }
            if loss < self.own {
                self.own = (0.9 * self.own + 0.1 * loss).max(0.0);
            }
            self.limit_bps = match self.limit_bps {
                Some(limit) if ours < LOW && limit * 1.08 < rate_bps * 1.5 => Some(limit * 1.08),
                Some(_) if ours < LOW => None,
                limit => limit,
            };
        }
        rate.min(self.limit_bps.unwrap_or(f64::MAX))
    }
}
