//! How many refusals of one source are written down, so that a stranger cannot fill the journal.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::platform::clock::Millis;

/// Entries per source and minute; more are counted and told with the next one that is written.
pub const PER_MINUTE: u32 = 120;

/// Sources remembered at once.
const SOURCES_MAX: usize = 4_096;

/// What is known of every source in its present minute.
#[derive(Clone, Debug, Default)]
pub struct Bound(Arc<Mutex<BTreeMap<String, Window>>>);

#[derive(Clone, Copy, Debug)]
struct Window {
    since: Millis,
    written: u32,
    left_out: u64,
}

impl Bound {
    /// `Some(how many were left out before)` when an entry may be written.
    pub fn admit(&self, source: &str, now: Millis) -> Option<u64> {
        let mut sources = self.0.lock().expect("no holder of this lock panics");
        if sources.len() >= SOURCES_MAX && !sources.contains_key(source) {
            sources.retain(|_, window| now.since(window.since) < Millis::MINUTE);
            if sources.len() >= SOURCES_MAX {
                return None;
            }
        }
        let fresh = Window {
            since: now,
            written: 0,
            left_out: 0,
        };
        let window = sources.entry(source.to_owned()).or_insert(fresh);
        if now.since(window.since) >= Millis::MINUTE {
            *window = Window {
                left_out: window.left_out,
                ..fresh
            };
        }
        if window.written >= PER_MINUTE {
            window.left_out += 1;
            return None;
        }
        window.written += 1;
        Some(std::mem::take(&mut window.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_counted_and_told_later() {
        let bound = Bound::default();
        let written = (0..1_000)
            .filter(|_| bound.admit("a", Millis(0)).is_some())
            .count();
        assert_eq!(written, PER_MINUTE as usize);
        assert_eq!(bound.admit("b", Millis(0)), Some(0));
        assert_eq!(bound.admit("a", Millis(Millis::MINUTE)), Some(880));
        assert_eq!(bound.admit("a", Millis(Millis::MINUTE)), Some(0));
    }
}
