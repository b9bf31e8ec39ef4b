//! Who is speaking, as a picture would follow it: a cough changes nothing, nor does an interruption.

use std::time::{Duration, Instant};

use super::voice::Voice;
use crate::router::SourceId;

/// How quickly the active speaker changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpeakerTimes {
    /// Speech shorter than this is no speech.
    pub talk: Duration,
    /// Whoever has become the speaker stays at least this long.
    pub hold: Duration,
}

impl Default for SpeakerTimes {
    fn default() -> Self {
        Self {
            talk: Duration::from_millis(1_500),
            hold: Duration::from_millis(5_000),
        }
    }
}

#[derive(Default)]
pub(super) struct Speaker {
    current: Option<(SourceId, Instant)>,
}

impl Speaker {
    /// The new speaker, when there is one.
    pub(super) fn choose<'a>(
        &mut self,
        now: Instant,
        times: SpeakerTimes,
        voices: impl Iterator<Item = (SourceId, &'a Voice)>,
    ) -> Option<SourceId> {
        let mut best: Option<(Duration, SourceId)> = None;
        let mut current_talks = false;
        for (source, voice) in voices {
            let talks_for = voice.talks_for(now);
            if self.current.is_some_and(|(current, _)| current == source) {
                current_talks = talks_for > Duration::ZERO;
            } else if talks_for >= times.talk && best.is_none_or(|(longest, _)| talks_for > longest)
            {
                best = Some((talks_for, source));
            }
        }
        let stays = self.current.is_some_and(|(_, since)| {
            current_talks || now.saturating_duration_since(since) < times.hold
        });
        let (_, source) = best.filter(|_| !stays)?;
        self.current = Some((source, now));
        Some(source)
    }

    pub(super) fn forget(&mut self, source: SourceId) {
        if self.current.is_some_and(|(current, _)| current == source) {
            self.current = None;
        }
    }
}
