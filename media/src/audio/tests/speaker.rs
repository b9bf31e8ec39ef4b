//! The trade's own example: talk 1.5 s, hold 5 s.

use std::time::{Duration, Instant};

use crate::audio::speaker::{Speaker, SpeakerTimes};
use crate::audio::voice::Voice;
use crate::router::SourceId;

struct Room {
    voices: Vec<Voice>,
    speaker: Speaker,
    begin: Instant,
    changes: Vec<(u64, u64)>,
}

impl Room {
    fn new() -> Self {
        Self {
            voices: vec![Voice::default(); 4],
            speaker: Speaker::default(),
            begin: Instant::now(),
            changes: Vec::new(),
        }
    }

    /// Who speaks from `from` to `to`, in 100 ms windows.
    fn play(&mut self, from: u64, to: u64, speaking: &[usize]) {
        for ms in (from..to).step_by(100) {
            let now = self.begin + Duration::from_millis(ms);
            for (id, voice) in self.voices.iter_mut().enumerate() {
                voice.hear(now, if speaking.contains(&id) { -30 } else { -90 });
            }
            let voices = self
                .voices
                .iter()
                .enumerate()
                .map(|(id, voice)| (SourceId(id as u64), voice));
            let chosen = self.speaker.choose(now, SpeakerTimes::default(), voices);
            if let Some(source) = chosen {
                self.changes.push((ms, source.0));
            }
        }
    }
}

#[test]
fn a_cough_is_nothing_and_a_speech_is_followed_after_its_talk_time() {
    let mut room = Room::new();
    room.play(0, 300, &[3]);
    room.play(300, 2_000, &[]);
    assert_eq!(room.changes, []);
    room.play(2_000, 4_000, &[3]);
    assert_eq!(room.changes, [(3_500, 3)]);
}

#[test]
fn an_interruption_changes_nothing_before_the_hold_ends() {
    let mut room = Room::new();
    room.play(0, 2_000, &[3]);
    assert_eq!(room.changes, [(1_500, 3)]);
    room.play(2_000, 3_000, &[3, 2]);
    room.play(3_000, 9_000, &[2]);
    assert_eq!(room.changes, [(1_500, 3), (6_500, 2)]);
}

#[test]
fn who_goes_on_speaking_stays() {
    let mut room = Room::new();
    room.play(0, 20_000, &[1]);
    room.play(20_000, 30_000, &[1, 2]);
    assert_eq!(room.changes, [(1_500, 1)]);
    room.play(30_000, 31_000, &[2]);
    assert_eq!(room.changes.last().map(|(_, id)| *id), Some(2));
}

#[test]
fn whoever_leaves_makes_room_without_a_hold() {
    let mut room = Room::new();
    room.play(0, 2_000, &[1]);
    room.speaker.forget(SourceId(1));
    room.play(2_000, 4_000, &[2]);
    assert_eq!(room.changes, [(1_500, 1), (3_500, 2)]);
}
