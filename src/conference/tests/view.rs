//! What everybody sees by default (golden vector 1).

use super::script::{city_in_session, play, seen, v};
use crate::conference::meeting::Command;
use crate::conference::view::{Picture, view};

#[test]
fn vector_1_the_main_venue_sees_the_branches_and_everyone_else_the_main_venue() {
    let meeting = city_in_session();
    assert_eq!(seen(&view(&meeting, &v("A"))), "auto(A2,G,B,C,D,P)");
    for other in ["A2", "G", "B", "C", "D", "L"] {
        assert_eq!(seen(&view(&meeting, &v(other))), "A", "{other}");
    }
}

#[test]
fn a_telephone_and_a_camera_see_nothing() {
    let meeting = city_in_session();
    assert_eq!(view(&meeting, &v("P")), Picture::Nothing);
    assert_eq!(view(&meeting, &v("K")), Picture::Nothing);
}

#[test]
fn who_is_not_in_the_meeting_sees_nothing_and_is_not_shown() {
    let mut meeting = city_in_session();
    play(&mut meeting, 5, Command::Leave { venue: v("B") });
    assert_eq!(view(&meeting, &v("B")), Picture::Nothing);
    assert_eq!(seen(&view(&meeting, &v("A"))), "auto(A2,G,C,D,P)");
}

#[test]
fn without_the_main_venue_the_branches_see_a_waiting_slate() {
    let mut meeting = city_in_session();
    play(&mut meeting, 5, Command::Lose { venue: v("A") });
    assert_eq!(view(&meeting, &v("B")), Picture::Nothing);
}
