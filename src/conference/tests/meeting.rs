//! Calling, joining, breaking, hanging up, removing, ending.

use super::script::{check, city, city_in_session, play, v};
use crate::conference::meeting::{Command, Phase};
use crate::conference::model::VenueKind;
use crate::conference::roster::Connection;
use crate::platform::clock::Millis;

#[test]
fn start_calls_every_venue_that_has_a_terminal() {
    check(
        &mut city(),
        &[(0, Command::Start), (1, Command::Start)],
        &[
            "0 Started; VenueCalled A; VenueCalled A2; VenueCalled G; VenueCalled B; VenueCalled C; VenueCalled D; VenueCalled P; VenueCalled L",
            "1 nothing",
        ],
    );
}

#[test]
fn a_called_venue_rings_and_answers() {
    let mut meeting = city();
    play(&mut meeting, 0, Command::Start);
    check(
        &mut meeting,
        &[
            (5, Command::Ring { venue: v("B") }),
            (6, Command::Call { venue: v("B") }),
            (9, Command::Answer { venue: v("B") }),
            (10, Command::Answer { venue: v("B") }),
            (11, Command::Decline { venue: v("C") }),
            (12, Command::Call { venue: v("K") }),
        ],
        &[
            "5 VenueRang B",
            "6 nothing",
            "9 VenueJoined B",
            "10 nothing",
            "11 VenueFailed C Declined",
            "12 refused: NoTerminal(K)",
        ],
    );
}

#[test]
fn an_unanswered_call_fails_after_sixty_seconds_and_not_before() {
    let mut meeting = city();
    play(&mut meeting, 0, Command::Start);
    for joining in ["A", "A2", "G", "C", "D", "P", "L"] {
        play(&mut meeting, 0, Command::Join { venue: v(joining) });
    }
    assert_eq!(meeting.next_deadline(), Some(Millis(60_000)));
    check(
        &mut meeting,
        &[(59_999, Command::Tick), (60_000, Command::Tick)],
        &["59999 nothing", "60000 VenueFailed B Unreachable"],
    );
    assert_eq!(meeting.next_deadline(), None);
}

#[test]
fn a_lost_venue_is_redialled_six_times_then_given_up_and_may_still_come_back() {
    let mut meeting = city_in_session();
    play(&mut meeting, 100, Command::Lose { venue: v("B") });
    let ticks: Vec<(i64, Command)> = (1..=7).map(|n| (100 + n * 10_000, Command::Tick)).collect();
    check(
        &mut meeting,
        &ticks,
        &[
            "10100 VenueRedialled B 1",
            "20100 VenueRedialled B 2",
            "30100 VenueRedialled B 3",
            "40100 VenueRedialled B 4",
            "50100 VenueRedialled B 5",
            "60100 VenueRedialled B 6",
            "70100 VenueFailed B Lost",
        ],
    );
    check(
        &mut meeting,
        &[(80_000, Command::Join { venue: v("B") })],
        &["80000 VenueJoined B"],
    );
}

#[test]
fn hanging_up_keeps_the_row_and_nobody_redials_it() {
    let mut meeting = city_in_session();
    check(
        &mut meeting,
        &[
            (5, Command::HangUp { venue: v("B") }),
            (6, Command::HangUp { venue: v("B") }),
            (7, Command::Lose { venue: v("B") }),
        ],
        &["5 VenueHungUp B", "6 nothing", "7 nothing"],
    );
    assert_eq!(meeting.seats[&v("B")].connection, Connection::HungUp);
    assert_eq!(meeting.next_deadline(), None);
    check(
        &mut meeting,
        &[(8, Command::Call { venue: v("B") })],
        &["8 VenueCalled B"],
    );
}

#[test]
fn removing_deletes_the_row() {
    let mut meeting = city_in_session();
    check(
        &mut meeting,
        &[
            (5, Command::Remove { venue: v("A2") }),
            (6, Command::Remove { venue: v("A2") }),
            (7, Command::Call { venue: v("A2") }),
            (8, Command::Remove { venue: v("A") }),
        ],
        &[
            "5 VenueRemoved A2",
            "6 nothing",
            "7 refused: NotOnRoster(A2)",
            "8 refused: IsMainVenue(A)",
        ],
    );
    assert_eq!(meeting.standby_main, None);
}

#[test]
fn a_meeting_that_has_not_started_calls_nobody_but_lets_its_venues_in() {
    check(
        &mut city(),
        &[
            (1, Command::Call { venue: v("B") }),
            (2, Command::Join { venue: v("B") }),
        ],
        &["1 refused: NotStarted", "2 VenueJoined B"],
    );
}

#[test]
fn an_ended_meeting_refuses_everything_that_would_revive_it() {
    let mut meeting = city_in_session();
    check(
        &mut meeting,
        &[
            (5, Command::End),
            (6, Command::End),
            (7, Command::Join { venue: v("B") }),
            (
                8,
                Command::Invite {
                    venue: v("L"),
                    kind: VenueKind::Av,
                    remote_open_ok: true,
                },
            ),
            (9, Command::Leave { venue: v("B") }),
        ],
        &[
            "5 Ended",
            "6 nothing",
            "7 refused: Ended",
            "8 refused: Ended",
            "9 nothing",
        ],
    );
    assert_eq!(meeting.phase, Phase::Ended);
    assert!(
        meeting
            .seats
            .values()
            .all(|seat| !seat.connection.is_live())
    );
}
