//! Which open microphones are carried when there are more than a listener can tell apart: the loudest three.

use std::collections::BTreeMap;

use crate::identity::VenueId;
use crate::platform::clock::Millis;

/// Venues carried besides the active main one.
pub const LOUDEST: usize = 3;
/// A venue that spoke keeps its place this long, so that no syllable is clipped.
pub const HOLD_MS: i64 = 800;
/// RFC 6464 level (dBov) from which a sound counts as speech.
pub const SPEECH_DBOV: i8 = -50;
/// A level older than this says nothing about now.
const STALE_MS: i64 = 2_000;

/// Latest sound levels of a meeting, told from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loudness {
    venues: BTreeMap<VenueId, Level>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Level {
    dbov: i8,
    at: Millis,
    spoke_at: Option<Millis>,
}

impl Loudness {
    pub fn hear(&mut self, now: Millis, venue: &VenueId, dbov: i8) {
        let before = self.venues.get(venue).and_then(|level| level.spoke_at);
        let spoke_at = if dbov >= SPEECH_DBOV {
            Some(now)
        } else {
            before
        };
        self.venues.insert(
            venue.clone(),
            Level {
                dbov,
                at: now,
                spoke_at,
            },
        );
    }

    pub fn forget(&mut self, venue: &VenueId) {
        self.venues.remove(venue);
    }

    /// The carried ones out of `open` (given in roster order): those who still hold their place, then the louder,
    /// then the earlier on the roster. With three or fewer open microphones everybody is carried.
    pub fn audio_set(&self, now: Millis, open: &[VenueId]) -> Vec<VenueId> {
        let mut ranked: Vec<_> = open
            .iter()
            .enumerate()
            .map(|(place, venue)| (self.rank(now, venue), place, venue))
            .collect();
        ranked.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        ranked.truncate(LOUDEST);
        ranked
            .into_iter()
            .map(|(_, _, venue)| venue.clone())
            .collect()
    }

    fn rank(&self, now: Millis, venue: &VenueId) -> (bool, i8) {
        let Some(level) = self.venues.get(venue) else {
            return (false, i8::MIN);
        };
        let holds = level.spoke_at.is_some_and(|at| now.0 - at.0 < HOLD_MS);
        let dbov = if now.0 - level.at.0 < STALE_MS {
            level.dbov
        } else {
            i8::MIN
        };
        (holds, dbov)
    }
}
