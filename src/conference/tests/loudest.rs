//! The three loudest, without clipping anybody's syllables.

use super::script::{names, v};
use crate::conference::loudest::{HOLD_MS, Loudness};
use crate::platform::clock::Millis;

#[test]
fn up_to_three_open_microphones_are_all_carried_even_when_silent() {
    let open = [v("B"), v("C"), v("D")];
    assert_eq!(
        names(&Loudness::default().audio_set(Millis(0), &open)),
        "B,C,D"
    );
}

#[test]
fn of_four_the_louder_three_are_carried() {
    let mut loudness = Loudness::default();
    for (venue, dbov) in [("B", -60), ("C", -20), ("D", -30), ("G", -25)] {
        loudness.hear(Millis(10), &v(venue), dbov);
    }
    assert_eq!(
        names(&loudness.audio_set(Millis(20), &[v("B"), v("C"), v("D"), v("G")])),
        "C,G,D"
    );
}

#[test]
fn a_speaker_who_pauses_keeps_the_place_for_the_hold_time_only() {
    let mut loudness = Loudness::default();
    loudness.hear(Millis(0), &v("B"), -20);
    for venue in ["C", "D", "G"] {
        loudness.hear(Millis(0), &v(venue), -55);
    }
    loudness.hear(Millis(100), &v("B"), -90);
    let open = [v("C"), v("D"), v("G"), v("B")];
    assert!(
        loudness
            .audio_set(Millis(HOLD_MS - 1), &open)
            .contains(&v("B"))
    );
    assert!(!loudness.audio_set(Millis(HOLD_MS), &open).contains(&v("B")));
}

#[test]
fn who_left_leaves_no_level_behind() {
    let mut loudness = Loudness::default();
    loudness.hear(Millis(0), &v("B"), -20);
    loudness.forget(&v("B"));
    assert_eq!(loudness, Loudness::default());
}
