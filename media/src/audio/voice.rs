//! What is known of one source's voice: how loud, since when it speaks, when it last spoke.

use std::time::{Duration, Instant};

use super::SPEECH_DBOV;

/// Levels come ten times a second while packets do; Opus DTX sends none in silence.
const STALE: Duration = Duration::from_millis(250);
/// A pause shorter than this lies between two syllables, not between two speeches.
const PAUSE: Duration = Duration::from_millis(300);

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Voice {
    level: Option<(Instant, i8)>,
    talk: Option<Talk>,
}

#[derive(Clone, Copy, Debug)]
struct Talk {
    since: Instant,
    last: Instant,
}

impl Voice {
    pub(super) fn hear(&mut self, now: Instant, dbov: i8) {
        self.level = Some((now, dbov));
        if dbov < SPEECH_DBOV {
            return;
        }
        let since = match self.talk {
            Some(talk) if now.saturating_duration_since(talk.last) <= PAUSE => talk.since,
            _ => now,
        };
        self.talk = Some(Talk { since, last: now });
    }

    /// Loud enough to be speech, right now.
    pub(super) fn speaks(&self, now: Instant) -> bool {
        self.dbov(now) >= SPEECH_DBOV
    }

    /// The present level; silence when nothing has come lately.
    pub(super) fn dbov(&self, now: Instant) -> i8 {
        match self.level {
            Some((at, dbov)) if now.saturating_duration_since(at) <= STALE => dbov,
            _ => i8::MIN,
        }
    }

    /// How long the present speech lasts, pauses between syllables included; zero outside one.
    pub(super) fn talks_for(&self, now: Instant) -> Duration {
        match self.talk {
            Some(talk) if now.saturating_duration_since(talk.last) <= PAUSE => {
                talk.last.saturating_duration_since(talk.since)
            }
            _ => Duration::ZERO,
        }
    }

    /// Since the last sound of speech; `None` when it has never spoken.
    pub(super) fn silent_for(&self, now: Instant) -> Option<Duration> {
        Some(now.saturating_duration_since(self.talk?.last))
    }
}
