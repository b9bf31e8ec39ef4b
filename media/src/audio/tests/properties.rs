//! Random conversations: bounds always hold, a first syllable is never clipped while there is room for it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::audio::SPEECH_DBOV;
use crate::audio::set::{AudioSet, SET_MAX};
use crate::router::SourceId;

const SEEDS: u64 = 200;
const SOURCES: u64 = 61;
const FRAMES: u64 = 1_500;
const FRAME_MS: u64 = 20;
/// What of a first syllable may be lost.
const CLIP_MAX_MS: u64 = 150;

/// Seeded and small: a failing conversation is named by its number.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Speeches of 200 ms to 4 s that begin at random, at most `talkers` at a time.
fn conversation(seed: u64, talkers: usize, mut each: impl FnMut(u64, &BTreeMap<u64, (u64, i8)>)) {
    let mut chance = Chance(seed * 2 + 1);
    // Source → (when its speech began, how loud); and when each ends.
    let mut speaking: BTreeMap<u64, (u64, i8)> = BTreeMap::new();
    let mut ends: BTreeMap<u64, u64> = BTreeMap::new();
    for frame in 0..FRAMES {
        let ms = frame * FRAME_MS;
        ends.retain(|source, end| {
            let goes_on = *end > ms;
            if !goes_on {
                speaking.remove(source);
            }
            goes_on
        });
        if speaking.len() < talkers && chance.below(10) == 0 {
            let source = 1 + chance.below(SOURCES - 1);
            let dbov = SPEECH_DBOV + 5 + i8::try_from(chance.below(30)).expect("small");
            speaking.entry(source).or_insert((ms, dbov));
            ends.entry(source).or_insert(ms + 200 + chance.below(3_800));
        }
        each(ms, &speaking);
    }
}

fn everybody() -> AudioSet {
    let mut set = AudioSet::default();
    let members: Vec<_> = (0..SOURCES).map(|id| (SourceId(id), id == 0)).collect();
    set.set_members(&members);
    set
}

#[test]
fn the_set_is_never_too_large_never_double_and_always_holds_the_forced() {
    let begin = Instant::now();
    for seed in 0..SEEDS {
        let mut set = everybody();
        conversation(seed, 9, |ms, speaking| {
            let now = begin + Duration::from_millis(ms);
            for (source, (_, dbov)) in speaking {
                set.hear(now, SourceId(*source), *dbov);
            }
            let mut carried = set.choose(now);
            assert!(carried.contains(&SourceId(0)), "seed {seed} at {ms}");
            carried.sort_unstable();
            carried.dedup();
            assert!(
                carried.len() == 4 && carried.len() <= SET_MAX,
                "seed {seed} at {ms}: {carried:?}"
            );
        });
    }
}

#[test]
fn while_no_more_than_three_speak_no_first_syllable_loses_150_ms() {
    let begin = Instant::now();
    for seed in 0..SEEDS {
        let mut set = everybody();
        conversation(seed, 3, |ms, speaking| {
            let now = begin + Duration::from_millis(ms);
            for (source, (_, dbov)) in speaking {
                set.hear(now, SourceId(*source), *dbov);
            }
            let carried = set.choose(now);
            for (source, (since, _)) in speaking {
                assert!(
                    ms - since < CLIP_MAX_MS || carried.contains(&SourceId(*source)),
                    "seed {seed}: {source} speaks since {since} and is not carried at {ms}"
                );
            }
        });
    }
}

#[test]
fn nobody_who_speaks_is_dropped_and_taken_back_within_the_hold() {
    let begin = Instant::now();
    for seed in 0..SEEDS {
        let mut set = everybody();
        let mut before: Vec<SourceId> = Vec::new();
        let mut dropped: BTreeMap<SourceId, u64> = BTreeMap::new();
        conversation(seed, 9, |ms, speaking| {
            let now = begin + Duration::from_millis(ms);
            for (source, (_, dbov)) in speaking {
                set.hear(now, SourceId(*source), *dbov);
            }
            let carried = set.choose(now);
            for gone in before.iter().filter(|id| !carried.contains(id)) {
                if speaking.contains_key(&gone.0) {
                    dropped.insert(*gone, ms);
                }
            }
            for come in carried.iter().filter(|id| !before.contains(id)) {
                // A new speech after the drop is another matter.
                let same = |at: &u64| speaking.get(&come.0).is_some_and(|(since, _)| since <= at);
                if let Some(at) = dropped.get(come).filter(|at| same(at)) {
                    assert!(ms - at >= 300, "seed {seed}: {come} flaps at {ms}");
                }
            }
            before = carried;
        });
    }
}
