//! The audio set: the forced members, and the three loudest others with hold.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::voice::Voice;
use crate::router::SourceId;

/// Voices carried besides the forced ones.
const OTHERS: usize = 3;
/// Forced members: active main, chair, floor.
const FORCED_MAX: usize = 3;
/// The largest audio set.
pub const SET_MAX: usize = FORCED_MAX + OTHERS;

/// Who has just spoken keeps his place this long: the pause between two words is not the end of a speech.
const HOLD: Duration = Duration::from_millis(300);
/// Against somebody who holds his place, a newcomer has to speak this long: a click is no speech, and a first syllable
/// loses less than 150 ms.
const INSIST: Duration = Duration::from_millis(80);
/// Where everybody speaks, a newcomer has to be this much louder than the quietest, for as long as `HOLD`.
const MARGIN_DB: i8 = 6;

#[derive(Default)]
pub(super) struct AudioSet {
    members: BTreeMap<SourceId, Place>,
    carried: Vec<SourceId>,
    /// Who has been louder than the quietest carried voice, and since when.
    rival: Option<(SourceId, Instant)>,
}

#[derive(Clone, Copy, Default)]
struct Place {
    forced: bool,
    voice: Voice,
}

impl AudioSet {
    /// The sources that may be carried, in the owner's order of preference. What is known of a voice is kept.
    pub(super) fn set_members(&mut self, members: &[(SourceId, bool)]) {
        let mut known = std::mem::take(&mut self.members);
        for &(source, forced) in members {
            let voice = known.remove(&source).map(|place| place.voice);
            let voice = voice.unwrap_or_default();
            self.members.insert(source, Place { forced, voice });
        }
        let others = |source: &SourceId| self.members.get(source).is_some_and(|place| !place.forced);
        self.carried.retain(others);
    }

    pub(super) fn hear(&mut self, now: Instant, source: SourceId, dbov: i8) {
        if let Some(place) = self.members.get_mut(&source) {
            place.voice.hear(now, dbov);
        }
    }

    pub(super) fn voices(&self) -> impl Iterator<Item = (SourceId, &Voice)> {
        self.members
            .iter()
            .map(|(source, place)| (*source, &place.voice))
    }

    /// Lets the voices change places, and answers with all that are carried: the forced ones first.
    pub(super) fn choose(&mut self, now: Instant) -> Vec<SourceId> {
        self.fill(now);
        for newcomer in self.waiting(now) {
            self.let_in(now, newcomer);
        }
        let forced = self.members.iter().filter(|(_, place)| place.forced);
        forced
            .map(|(source, _)| *source)
            .take(FORCED_MAX)
            .chain(self.carried.iter().copied())
            .collect()
    }

    /// Free places go to the loudest, then in the order of the sources.
    fn fill(&mut self, now: Instant) {
        let mut free: Vec<SourceId> = self.outside().collect();
        free.sort_by_key(|source| std::cmp::Reverse(self.voice(*source).dbov(now)));
        let room = OTHERS.saturating_sub(self.carried.len());
        self.carried.extend(free.into_iter().take(room));
    }

    /// Those who speak and are not carried, the loudest first.
    fn waiting(&self, now: Instant) -> Vec<SourceId> {
        let mut waiting: Vec<SourceId> = self
            .outside()
            .filter(|source| self.voice(*source).speaks(now))
            .collect();
        waiting.sort_by_key(|source| std::cmp::Reverse(self.voice(*source).dbov(now)));
        waiting
    }

    fn let_in(&mut self, now: Instant, newcomer: SourceId) {
        let silence = |source: &SourceId| {
            let silent = self.voice(*source).silent_for(now);
            silent.unwrap_or(Duration::MAX)
        };
        let quiet = self
            .carried
            .iter()
            .filter(|source| !self.voice(**source).speaks(now))
            .max_by_key(|source| silence(source))
            .copied();
        let leaves = match quiet {
            Some(quiet) if silence(&quiet) >= HOLD => Some(quiet),
            Some(quiet) if self.voice(newcomer).talks_for(now) >= INSIST => Some(quiet),
            Some(_) => None,
            None => self.outshouted(now, newcomer),
        };
        if let Some(at) = self
            .carried
            .iter()
            .position(|source| Some(*source) == leaves)
        {
            self.carried[at] = newcomer;
            self.rival = None;
        }
    }

    /// The quietest of those who all speak, once the newcomer has been clearly louder for long enough.
    fn outshouted(&mut self, now: Instant, newcomer: SourceId) -> Option<SourceId> {
        let quietest = self
            .carried
            .iter()
            .min_by_key(|source| self.voice(**source).dbov(now))
            .copied()?;
        let louder = i16::from(self.voice(newcomer).dbov(now))
            >= i16::from(self.voice(quietest).dbov(now)) + i16::from(MARGIN_DB);
        match (louder, self.rival) {
            (false, Some((rival, _))) if rival == newcomer => self.rival = None,
            (true, Some((rival, since))) if rival == newcomer => {
                return (now.saturating_duration_since(since) >= HOLD).then_some(quietest);
            }
            (true, None) => self.rival = Some((newcomer, now)),
            // Another rival goes first, unless it has fallen silent.
            (true, Some((rival, _))) if !self.voice(rival).speaks(now) => {
                self.rival = Some((newcomer, now));
            }
            _ => {}
        }
        None
    }

    fn outside(&self) -> impl Iterator<Item = SourceId> {
        self.members
            .iter()
            .filter(|(source, place)| !place.forced && !self.carried.contains(source))
            .map(|(source, _)| *source)
    }

    fn voice(&self, source: SourceId) -> Voice {
        self.members
            .get(&source)
            .map(|place| place.voice)
            .unwrap_or_default()
    }
}
