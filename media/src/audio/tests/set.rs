//! Scripts: a full set, a newcomer, a pause, a shouting match.

use std::time::{Duration, Instant};

use crate::audio::set::AudioSet;
use crate::router::SourceId;

const SILENT: i8 = -90;

struct Room {
    set: AudioSet,
    begin: Instant,
}

impl Room {
    /// Sources `0..n`, the first `forced` of them always carried.
    fn of(n: u64, forced: u64) -> Self {
        let mut set = AudioSet::default();
        let members: Vec<_> = (0..n).map(|id| (SourceId(id), id < forced)).collect();
        set.set_members(&members);
        Self {
            set,
            begin: Instant::now(),
        }
    }

    /// 20 ms frames from `from` to `to`; `level` says how loud each source is.
    fn play(&mut self, from: u64, to: u64, level: impl Fn(u64) -> i8, sources: &[u64]) {
        for ms in (from..to).step_by(20) {
            let now = self.at(ms);
            for &source in sources {
                self.set.hear(now, SourceId(source), level(source));
            }
            self.set.choose(now);
        }
    }

    fn carried(&mut self, ms: u64) -> Vec<u64> {
        let now = self.at(ms);
        let mut ids: Vec<u64> = self.set.choose(now).iter().map(|id| id.0).collect();
        ids.sort_unstable();
        ids
    }

    fn at(&self, ms: u64) -> Instant {
        self.begin + Duration::from_millis(ms)
    }
}

#[test]
fn with_few_open_microphones_everybody_is_carried() {
    let mut room = Room::of(4, 1);
    assert_eq!(room.carried(0), [0, 1, 2, 3]);
}

#[test]
fn forced_members_need_no_voice_and_take_no_place() {
    let mut room = Room::of(9, 2);
    room.play(0, 200, |_| -20, &[6, 7, 8]);
    assert_eq!(room.carried(200), [0, 1, 6, 7, 8]);
}

#[test]
fn a_newcomer_takes_the_place_of_the_longest_silent_at_once() {
    let mut room = Room::of(10, 0);
    room.play(0, 1_000, |_| -30, &[3, 4, 5]);
    room.play(1_000, 3_000, |_| -30, &[4, 5]);
    room.set.hear(room.at(3_000), SourceId(9), -25);
    assert_eq!(room.carried(3_000), [4, 5, 9]);
}

#[test]
fn a_pause_between_words_is_held_against_a_click_and_yields_to_speech() {
    let mut room = Room::of(10, 0);
    room.play(0, 1_000, |_| -30, &[3, 4, 5]);
    // 5 draws breath; 9 drops a pen.
    room.play(1_000, 1_100, |id| if id == 5 { SILENT } else { -30 }, &[3, 4, 5]);
    room.set.hear(room.at(1_100), SourceId(9), -20);
    assert_eq!(room.carried(1_100), [3, 4, 5]);
    room.set.hear(room.at(1_120), SourceId(9), SILENT);
    assert_eq!(room.carried(1_120), [3, 4, 5]);
    // Now 9 really speaks: it is in before 150 ms of its first syllable have passed.
    let mut room = Room::of(10, 0);
    room.play(0, 1_000, |_| -30, &[3, 4, 5]);
    room.play(
        1_000,
        1_140,
        |id| if id == 5 { SILENT } else { -25 },
        &[3, 4, 5, 9],
    );
    assert_eq!(room.carried(1_140), [3, 4, 9]);
}

#[test]
fn where_all_speak_only_the_clearly_louder_gets_in_and_only_after_the_hold() {
    let mut room = Room::of(10, 0);
    let level = |id: u64| match id {
        3 => -20,
        4 => -25,
        5 => -40,
        _ => -36,
    };
    room.play(0, 1_000, level, &[3, 4, 5]);
    room.play(1_000, 3_000, level, &[3, 4, 5, 9]);
    assert_eq!(room.carried(3_000), [3, 4, 5], "4 dB are not clearly louder");
    let louder = |id: u64| if id == 9 { -30 } else { level(id) };
    room.play(3_000, 3_280, louder, &[3, 4, 5, 9]);
    assert_eq!(room.carried(3_280), [3, 4, 5]);
    room.play(3_280, 3_400, louder, &[3, 4, 5, 9]);
    assert_eq!(room.carried(3_400), [3, 4, 9]);
}

#[test]
fn silence_changes_nothing_even_when_packets_stop() {
    let mut room = Room::of(61, 1);
    room.play(0, 500, |_| -30, &[20, 30, 40]);
    let before = room.carried(500);
    // Opus DTX: a packet every 400 ms.
    for ms in (600..20_000).step_by(400) {
        for id in 0..61 {
            room.set.hear(room.at(ms), SourceId(id), -127);
        }
        assert_eq!(room.carried(ms), before);
    }
    // The first packet after DTX brings the voice back.
    room.set.hear(room.at(20_000), SourceId(50), -28);
    assert!(room.carried(20_000).contains(&50));
}

#[test]
fn who_leaves_the_group_leaves_the_set_and_who_stays_keeps_his_place() {
    let mut room = Room::of(9, 1);
    room.play(0, 500, |_| -30, &[4, 5, 6]);
    let members: Vec<_> = (0..9)
        .filter(|id| *id != 5)
        .map(|id| (SourceId(id), id == 0))
        .collect();
    room.set.set_members(&members);
    let carried = room.carried(520);
    assert!(!carried.contains(&5) && carried.contains(&4) && carried.contains(&6));
    assert_eq!(carried.len(), 4);
}
