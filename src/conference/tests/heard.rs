//! Whose sound goes where (golden vectors 1 and 15).

use super::script::{city_in_session, close, names, open, play, v};
use crate::conference::heard::{heard, heard_by, may_speak};
use crate::conference::meeting::Command;

#[test]
fn vector_1_only_the_main_venue_is_open() {
    let meeting = city_in_session();
    let open: Vec<_> = meeting
        .seats
        .keys()
        .filter(|venue| may_speak(&meeting, venue))
        .collect();
    assert_eq!(names(open), "A");
    assert_eq!(names(&heard_by(&meeting, &v("B"), &[v("C")])), "A");
    assert_eq!(names(&heard_by(&meeting, &v("A"), &[v("C")])), "");
}

#[test]
fn an_opened_branch_is_heard_by_all_but_itself() {
    let mut meeting = city_in_session();
    play(&mut meeting, 5, open("B"));
    assert_eq!(names(&heard_by(&meeting, &v("A"), &[v("B")])), "B");
    assert_eq!(names(&heard_by(&meeting, &v("C"), &[v("B")])), "A,B");
    assert_eq!(names(&heard_by(&meeting, &v("B"), &[v("B")])), "A");
    play(&mut meeting, 6, close("B"));
    assert!(!heard(&meeting, &v("B"), &v("C"), &[v("B")]));
}

#[test]
fn vector_15_a_closed_speaker_hears_nothing_while_its_microphone_is_still_heard() {
    let mut meeting = city_in_session();
    play(&mut meeting, 5, open("B"));
    play(&mut meeting, 6, Command::CloseSpeaker { venue: v("B") });
    assert_eq!(names(&heard_by(&meeting, &v("B"), &[v("B")])), "");
    assert_eq!(names(&heard_by(&meeting, &v("C"), &[v("B")])), "A,B");
    play(&mut meeting, 7, Command::OpenSpeaker { venue: v("B") });
    assert_eq!(names(&heard_by(&meeting, &v("B"), &[v("B")])), "A");
}

#[test]
fn a_venue_outside_the_audio_set_is_not_carried_and_the_main_venue_always_is() {
    let mut meeting = city_in_session();
    play(&mut meeting, 5, open("B"));
    assert_eq!(names(&heard_by(&meeting, &v("C"), &[])), "A");
}

#[test]
fn a_telephone_hears_and_a_camera_has_no_ears() {
    let meeting = city_in_session();
    assert_eq!(names(&heard_by(&meeting, &v("P"), &[])), "A");
    assert_eq!(names(&heard_by(&meeting, &v("K"), &[])), "");
}
