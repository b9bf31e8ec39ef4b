//! The loudness of a source as its packets declare it (RFC 6464), thinned out for those who watch it.

use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_millis(100);

#[derive(Default)]
pub(super) struct LevelMeter {
    window: Option<(Instant, i8)>,
}

impl LevelMeter {
    /// Takes one packet's level and answers with the loudest of the window that has just ended.
    pub(super) fn heard(&mut self, now: Instant, dbov: i8) -> Option<i8> {
        match &mut self.window {
            Some((since, loudest)) => {
                *loudest = (*loudest).max(dbov);
                let loudest = *loudest;
                if now.saturating_duration_since(*since) < EVERY {
                    return None;
                }
                self.window = None;
                Some(loudest)
            }
            None => {
                self.window = Some((now, dbov));
                None
            }
        }
    }
}
