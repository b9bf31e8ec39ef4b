//! Which packets of a layer are missing, and when to ask for them again.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// A packet may be this late before it counts as missing: networks reorder neighbours.
const REORDER_GUARD: Duration = Duration::from_millis(8);
/// After this a frame has missed its moment in any conference.
const GIVE_UP: Duration = Duration::from_millis(1500);
const TRIES_MAX: u8 = 12;
/// A hole wider than this is not worth repairing packet by packet; a key frame is cheaper.
pub(super) const MISSING_MAX: usize = 300;
const RTT_INITIAL: Duration = Duration::from_millis(80);
const RETRY_MIN: Duration = Duration::from_millis(20);

struct Missing {
    since: Instant,
    due: Instant,
    asked_at: Option<Instant>,
    tries: u8,
}

impl Missing {
    fn new(now: Instant) -> Self {
        Self {
            since: now,
            due: now + REORDER_GUARD,
            asked_at: None,
            tries: 0,
        }
    }
}

/// What became of a gap when a packet arrived.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Gap {
    None,
    /// The arrived packet filled a gap.
    Repaired,
    /// The hole is too wide to ask for; the layer needs a key frame.
    TooWide,
}

pub(super) struct NackGenerator {
    missing: BTreeMap<u64, Missing>,
    /// The first position of the stream as far as we know; reordering at the start may move it down.
    lowest: Option<u64>,
    rtt: Duration,
    pub(super) given_up: u64,
}

impl Default for NackGenerator {
    fn default() -> Self {
        Self {
            missing: BTreeMap::new(),
            lowest: None,
            rtt: RTT_INITIAL,
            given_up: 0,
        }
    }
}

impl NackGenerator {
    /// Takes note that `index` arrived while `newest` was the newest before it.
    pub(super) fn arrived(&mut self, now: Instant, newest: Option<u64>, index: u64) -> Gap {
        let Some(newest) = newest else {
            self.lowest = Some(index);
            return Gap::None;
        };
        if let Some(lowest) = self.lowest.filter(|lowest| index < *lowest) {
            // The stream began earlier than its first packet to arrive; what lies between belongs to it.
            self.lowest = Some(index);
            if (lowest - index) as usize + self.missing.len() <= MISSING_MAX {
                for lost in index + 1..lowest {
                    self.missing.insert(lost, Missing::new(now));
                }
            }
            return Gap::None;
        }
        if index <= newest {
            let Some(missing) = self.missing.remove(&index) else {
                return Gap::None;
            };
            if let (Some(asked_at), 1) = (missing.asked_at, missing.tries) {
                self.rtt = (self.rtt * 7 + now.saturating_duration_since(asked_at)) / 8;
            }
            return Gap::Repaired;
        }
        let hole = index - newest - 1;
        if hole as usize + self.missing.len() > MISSING_MAX {
            self.given_up += hole + self.missing.len() as u64;
            self.missing.clear();
            return Gap::TooWide;
        }
        for lost in newest + 1..index {
            self.missing.insert(lost, Missing::new(now));
        }
        Gap::None
    }

    /// Sequence numbers to ask for now, ascending; each is due again after a round trip and a half.
    pub(super) fn due(&mut self, now: Instant, sequences: &mut Vec<u16>) {
        let before = self.missing.len();
        self.missing.retain(|_, missing| {
            missing.tries < TRIES_MAX && now.saturating_duration_since(missing.since) < GIVE_UP
        });
        self.given_up += (before - self.missing.len()) as u64;
        let retry = (self.rtt * 3 / 2).max(RETRY_MIN);
        for (index, missing) in &mut self.missing {
            if missing.due <= now {
                missing.due = now + retry;
                missing.asked_at = Some(now);
                missing.tries += 1;
                sequences.push(*index as u16);
            }
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.missing.values().map(|missing| missing.due).min()
    }

    pub(super) fn clear(&mut self) {
        self.missing.clear();
        self.lowest = None;
    }
}
