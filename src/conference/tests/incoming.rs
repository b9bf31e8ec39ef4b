//! A call at a free venue, at a busy one, by each rule; going over and going back.

use super::script::{check, city_in_session, play, v};
use crate::conference::incoming::{Answer, AnswerRule, COUNTDOWN_MS, Call, Desk, Place, Why, desk};
use crate::conference::meeting::{Command, Phase};
use crate::conference::model::Kind;
use crate::conference::roster::{Connection, RING_MS, Reason};
use crate::platform::clock::Millis;

const RANG_AT: Millis = Millis(100_000);
const JOINED: Connection = Connection::Joined { since: Millis(1) };
const RINGING: Connection = Connection::Ringing { since: RANG_AT };

fn place(kind: Kind, connection: Connection) -> Place {
    Place {
        kind,
        phase: Phase::Running,
        leads: false,
        connection,
    }
}

fn meeting(connection: Connection) -> Place {
    place(Kind::Meeting, connection)
}

fn consultation(connection: Connection) -> Place {
    place(Kind::Consultation, connection)
}

fn only_answer(rule: AnswerRule, places: &[Place]) -> Answer {
    let calls = desk(rule, places).calls;
    assert_eq!(calls.len(), 1, "{calls:?}");
    calls[0].answer
}

#[test]
fn a_free_venue_answers_at_once_unless_its_rule_wants_somebody() {
    let calls = [meeting(RINGING)];
    assert_eq!(only_answer(AnswerRule::Always, &calls), Answer::AtOnce);
    assert_eq!(only_answer(AnswerRule::WhenFree, &calls), Answer::AtOnce);
    assert_eq!(
        only_answer(AnswerRule::Never, &calls),
        Answer::Asked(Why::Rule)
    );
}

#[test]
fn a_consultation_takes_a_venue_out_of_a_meeting_after_the_countdown() {
    let places = [consultation(RINGING), meeting(JOINED)];
    let call = Call {
        place: 0,
        since: RANG_AT,
        until: Some(Millis(RANG_AT.0 + RING_MS)),
        answer: Answer::At(Millis(RANG_AT.0 + COUNTDOWN_MS)),
    };
    let expected = Desk {
        seated: Some(1),
        calls: vec![call],
        back: None,
    };
    assert_eq!(desk(AnswerRule::Always, &places), expected);
    for rule in [AnswerRule::WhenFree, AnswerRule::Never] {
        assert_eq!(only_answer(rule, &places), Answer::Asked(Why::Rule));
    }
}

#[test]
fn what_is_not_more_urgent_asks_the_people_in_the_room() {
    for places in [
        [meeting(RINGING), meeting(JOINED)],
        [meeting(RINGING), consultation(JOINED)],
        [consultation(RINGING), consultation(JOINED)],
    ] {
        assert_eq!(
            only_answer(AnswerRule::Always, &places),
            Answer::Asked(Why::Busy)
        );
    }
}

#[test]
fn a_main_venue_never_leaves_its_running_meeting_by_itself() {
    let standing = |phase| Place {
        leads: true,
        phase,
        ..meeting(JOINED)
    };
    let running = [consultation(RINGING), standing(Phase::Running)];
    assert_eq!(
        only_answer(AnswerRule::Always, &running),
        Answer::Asked(Why::Leads)
    );
    let planned = [consultation(RINGING), standing(Phase::Planned)];
    assert!(matches!(
        only_answer(AnswerRule::Always, &planned),
        Answer::At(_)
    ));
}

#[test]
fn of_two_calls_the_urgent_one_comes_first_and_the_other_waits() {
    let calls = desk(
        AnswerRule::Always,
        &[meeting(RINGING), consultation(RINGING)],
    )
    .calls;
    let order: Vec<_> = calls.iter().map(|call| (call.place, call.answer)).collect();
    assert_eq!(order, [(1, Answer::AtOnce), (0, Answer::Asked(Why::Busy))]);
}

#[test]
fn a_terminal_that_was_off_comes_late_but_leaves_nothing_for_it() {
    let missed = Connection::Failed(Reason::Unreachable);
    assert_eq!(
        only_answer(AnswerRule::Always, &[meeting(missed)]),
        Answer::AtOnce
    );
    for (rule, places) in [
        (AnswerRule::Never, vec![meeting(missed)]),
        (
            AnswerRule::Always,
            vec![consultation(missed), meeting(JOINED)],
        ),
        (
            AnswerRule::Always,
            vec![meeting(Connection::Failed(Reason::Declined))],
        ),
    ] {
        assert_eq!(desk(rule, &places).calls, []);
    }
}

#[test]
fn a_venue_that_was_cut_off_is_still_seated() {
    let lost = Connection::Failed(Reason::Lost);
    let back = Connection::Reconnecting {
        since: Millis(5),
        attempt: 2,
    };
    for connection in [lost, back] {
        let desk = desk(
            AnswerRule::Always,
            &[consultation(RINGING), meeting(connection)],
        );
        assert_eq!(desk.seated, Some(1));
        assert!(matches!(desk.calls[0].answer, Answer::At(_)));
    }
}

#[test]
fn the_meeting_left_last_is_offered_to_go_back_to_while_it_runs() {
    let elsewhere = |at| Connection::Elsewhere { since: Millis(at) };
    let places = [
        consultation(JOINED),
        meeting(elsewhere(10)),
        meeting(elsewhere(20)),
    ];
    assert_eq!(desk(AnswerRule::Always, &places).back, Some(2));
    let ended = Place {
        phase: Phase::Ended,
        ..meeting(elsewhere(20))
    };
    assert_eq!(desk(AnswerRule::Always, &[ended]).back, None);
}

#[test]
fn only_who_sits_in_a_meeting_goes_elsewhere_and_no_reconnect_brings_it_back() {
    let mut meeting = city_in_session();
    check(
        &mut meeting,
        &[
            (5, Command::GoElsewhere { venue: v("B") }),
            (6, Command::GoElsewhere { venue: v("B") }),
            (7, Command::Lose { venue: v("B") }),
            (8, Command::Rejoin { venue: v("B") }),
            (9, Command::Join { venue: v("B") }),
        ],
        &[
            "5 VenueWentElsewhere B",
            "6 nothing",
            "7 nothing",
            "8 refused: WentElsewhere(B)",
            "9 VenueJoined B",
        ],
    );
    play(&mut meeting, 10, Command::GoElsewhere { venue: v("C") });
    assert!(!meeting.callable().contains(&v("C")));
    assert!(!meeting.is_joined(&v("C")));
}

#[test]
fn a_call_that_rang_and_one_that_never_arrived_fail_for_different_reasons() {
    let mut meeting = city_in_session();
    for name in ["B", "C"] {
        play(&mut meeting, 2, Command::Leave { venue: v(name) });
        play(&mut meeting, 3, Command::Call { venue: v(name) });
    }
    play(&mut meeting, 5, Command::Ring { venue: v("C") });
    check(
        &mut meeting,
        &[(3 + RING_MS, Command::Tick), (5 + RING_MS, Command::Tick)],
        &[
            "60003 VenueFailed B Unreachable",
            "60005 VenueFailed C NoAnswer",
        ],
    );
}
