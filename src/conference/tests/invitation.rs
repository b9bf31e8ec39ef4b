//! A link opens once, in time, while nobody has revoked it and the conference lasts.

use crate::conference::invitation::{Closed, Invitation, KEY_MS, LINK_MS, State};
use crate::conference::meeting::{By, Command, Meeting, Phase};
use crate::conference::model::VenueKind;
use crate::conference::tests::script::{check, city_in_session, v};
use crate::platform::clock::Millis;

const MADE: Millis = Millis(1_000);

fn at(ms: i64) -> Millis {
    MADE.plus(ms)
}

#[test]
fn a_link_opens_until_it_expires_to_the_millisecond() {
    let link = Invitation::new(MADE);
    assert_eq!(link.redeem(at(LINK_MS - 1), Phase::Running), Ok(()));
    assert_eq!(
        link.redeem(at(LINK_MS), Phase::Running),
        Err(Closed::Expired)
    );
    assert_eq!(link.state(at(LINK_MS)), State::Expired);
    assert_eq!(link.redeem(MADE, Phase::Ended), Err(Closed::Ended));
}

#[test]
fn a_used_link_is_a_key_and_opens_nothing_more() {
    let used = Invitation {
        used_at: Some(at(5)),
        ..Invitation::new(MADE)
    };
    assert_eq!(used.redeem(at(6), Phase::Running), Err(Closed::Used));
    // The key outlives the link's own time.
    assert_eq!(used.admit(at(LINK_MS + 1), Phase::Running), Ok(()));
    assert_eq!(
        used.admit(at(5 + KEY_MS), Phase::Running),
        Err(Closed::Expired)
    );
    assert_eq!(used.admit(at(6), Phase::Ended), Err(Closed::Ended));
    let fresh = Invitation::new(MADE);
    assert_eq!(fresh.admit(at(6), Phase::Running), Err(Closed::Unknown));
}

#[test]
fn revoking_ends_link_and_key() {
    let link = Invitation {
        revoked_at: Some(at(9)),
        used_at: Some(at(5)),
        ..Invitation::new(MADE)
    };
    assert_eq!(link.redeem(at(10), Phase::Running), Err(Closed::Revoked));
    assert_eq!(link.admit(at(10), Phase::Running), Err(Closed::Revoked));
    assert_eq!(link.state(at(10)), State::Revoked);
}

#[test]
fn a_person_is_silent_at_first_opens_by_himself_and_is_never_opened_by_control() {
    let mut meeting: Meeting = city_in_session();
    let x = v("X");
    let own = |by| Command::OpenMic { venue: v("X"), by };
    let events = meeting
        .decide(
            Millis(2),
            Command::Invite {
                venue: x.clone(),
                kind: VenueKind::Person,
                remote_open_ok: false,
            },
        )
        .expect("an invitation");
    events.iter().for_each(|event| meeting.apply(event));
    check(
        &mut meeting,
        &[
            (3, Command::Join { venue: x.clone() }),
            (4, own(By::Control)),
            (5, own(By::Own)),
        ],
        &[
            "3 VenueJoined ?",
            &format!("4 refused: ConsentNeeded({x:?})"),
            "5 MicOpened ? Own",
        ],
    );
    assert!(!meeting.callable().contains(&x), "nobody's terminal");
}
