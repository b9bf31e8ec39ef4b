//! Closures and who lifts them; the state outlives every connection (golden vector 13).

use super::script::{check, city_in_session, close, close_own, open, open_own, play, v};
use crate::conference::meeting::{Command, Meeting};
use crate::conference::microphone::{ClosedBy, Microphone};
use crate::conference::model::VenueKind;

#[test]
fn what_control_closed_the_venue_cannot_open() {
    check(
        &mut city_in_session(),
        &[
            (5, close("C")),
            (6, open_own("C")),
            (7, close_own("C")),
            (8, open("C")),
            (9, close_own("C")),
            (10, open_own("C")),
        ],
        &[
            "5 MicClosed C Control",
            "6 refused: MicClosed { venue: C, by: Control }",
            "7 nothing",
            "8 MicOpened C Control",
            "9 MicClosed C SelfClosed",
            "10 MicOpened C Own",
        ],
    );
}

#[test]
fn vector_13_a_closed_microphone_stays_closed_over_leave_break_and_rejoin() {
    for way in [
        Command::Leave { venue: v("C") },
        Command::Lose { venue: v("C") },
        Command::HangUp { venue: v("C") },
    ] {
        let mut meeting = city_in_session();
        play(&mut meeting, 5, close("C"));
        play(&mut meeting, 6, way);
        play(&mut meeting, 7, Command::Join { venue: v("C") });
        assert_eq!(
            meeting.seats[&v("C")].microphone,
            Microphone::Closed(ClosedBy::Control)
        );
    }
}

#[test]
fn an_open_microphone_is_open_after_a_break_too() {
    let mut meeting = city_in_session();
    play(&mut meeting, 5, open("C"));
    play(&mut meeting, 6, Command::Lose { venue: v("C") });
    play(&mut meeting, 7, Command::Join { venue: v("C") });
    assert_eq!(meeting.seats[&v("C")].microphone, Microphone::Open);
}

#[test]
fn everybody_but_the_main_venue_enters_closed_and_waits_for_control() {
    let mut meeting = city_in_session();
    assert_eq!(meeting.seats[&v("A")].microphone, Microphone::Open);
    assert_eq!(
        meeting.seats[&v("B")].microphone,
        Microphone::Closed(ClosedBy::Policy)
    );
    check(
        &mut meeting,
        &[(5, open_own("B")), (6, open("B"))],
        &[
            "5 refused: MicClosed { venue: B, by: Policy }",
            "6 MicOpened B Control",
        ],
    );
}

#[test]
fn a_discussion_lets_a_venue_lift_the_closure_of_entry() {
    let mut meeting = Meeting::planned(v("A"), VenueKind::Av, true, true, true);
    play(
        &mut meeting,
        0,
        Command::Invite {
            venue: v("B"),
            kind: VenueKind::Av,
            remote_open_ok: true,
        },
    );
    check(&mut meeting, &[(5, open_own("B"))], &["5 MicOpened B Own"]);
}

#[test]
fn control_never_opens_a_microphone_without_consent() {
    check(
        &mut city_in_session(),
        &[
            (5, close("D")),
            (6, open("D")),
            (7, open("D")),
            (8, open_own("D")),
        ],
        &[
            "5 MicClosed D Control",
            "6 MicClosed D SelfClosed",
            "7 refused: ConsentNeeded(D)",
            "8 MicOpened D Own",
        ],
    );
}

#[test]
fn closing_all_leaves_the_main_venue_open() {
    let mut meeting = city_in_session();
    play(&mut meeting, 4, open("B"));
    check(
        &mut meeting,
        &[(5, Command::CloseAllMics), (6, Command::CloseAllMics)],
        &[
            "5 MicClosed A2 Control; MicClosed G Control; MicClosed B Control; MicClosed C Control; MicClosed D Control; MicClosed P Control",
            "6 nothing",
        ],
    );
}

#[test]
fn a_listener_and_a_camera_have_no_microphone_to_open() {
    check(
        &mut city_in_session(),
        &[(5, open("L")), (6, close("K"))],
        &["5 refused: CannotSpeak(L)", "6 refused: CannotSpeak(K)"],
    );
}
