//! Whose word closes a microphone and who may open it again.
//!
//! The state belongs to the seat on the server: leaving, a reconnect, a refresh or a restart never changes it.

use super::meeting::{By, Event, Meeting, Seat};
use super::model::VenueKind;
use super::refusals::Refused;
use crate::identity::VenueId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Microphone {
    Open,
    Closed(ClosedBy),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClosedBy {
    /// 被控闭: operator or main venue. Binding; only control lifts it.
    Control,
    /// 自闭: the venue itself.
    SelfClosed,
    /// A rule of the meeting, such as 入会闭麦.
    Policy,
}

impl Microphone {
    pub fn is_open(self) -> bool {
        self == Self::Open
    }
}

/// The state a seat is created with.
pub(super) fn at_entry(kind: VenueKind, closed_on_entry: bool) -> Microphone {
    if kind == VenueKind::Person {
        // A private room: nobody but the person opens it, and the person always may.
        return Microphone::Closed(ClosedBy::SelfClosed);
    }
    if closed_on_entry || !kind.can_speak() {
        Microphone::Closed(ClosedBy::Policy)
    } else {
        Microphone::Open
    }
}

/// Control's closure outranks the venue's own; the venue's own never softens control's.
pub(super) fn close(seat: &Seat, venue: VenueId, by: By) -> Result<Vec<Event>, Refused> {
    can_speak(seat, &venue)?;
    Ok(match (seat.microphone, by) {
        (Microphone::Closed(ClosedBy::Control), _) | (Microphone::Closed(_), By::Own) => vec![],
        (_, By::Control) => vec![Event::MicClosed {
            venue,
            by: ClosedBy::Control,
        }],
        (Microphone::Open, By::Own) => vec![Event::MicClosed {
            venue,
            by: ClosedBy::SelfClosed,
        }],
    })
}

pub(super) fn open(
    seat: &Seat,
    venue: VenueId,
    by: By,
    self_open_ok: bool,
) -> Result<Vec<Event>, Refused> {
    can_speak(seat, &venue)?;
    match (seat.microphone, by) {
        (Microphone::Open, _) => Ok(vec![]),
        (Microphone::Closed(_), By::Control) if seat.remote_open_ok => {
            Ok(vec![Event::MicOpened { venue, by }])
        }
        // Without the unit's consent control takes back its own closure, no more: the venue opens by itself.
        (Microphone::Closed(ClosedBy::SelfClosed), By::Control) => {
            Err(Refused::ConsentNeeded(venue))
        }
        (Microphone::Closed(_), By::Control) => Ok(vec![Event::MicClosed {
            venue,
            by: ClosedBy::SelfClosed,
        }]),
        (Microphone::Closed(ClosedBy::SelfClosed), By::Own) => {
            Ok(vec![Event::MicOpened { venue, by }])
        }
        (Microphone::Closed(ClosedBy::Policy), By::Own) if self_open_ok => {
            Ok(vec![Event::MicOpened { venue, by }])
        }
        (Microphone::Closed(closed), By::Own) => Err(Refused::MicClosed { venue, by: closed }),
    }
}

pub(super) fn close_all(meeting: &Meeting) -> Vec<Event> {
    let others = meeting
        .in_order()
        .into_iter()
        .filter(|(venue, seat)| **venue != meeting.active_main && seat.kind.can_speak());
    others
        .filter(|(_, seat)| seat.microphone != Microphone::Closed(ClosedBy::Control))
        .map(|(venue, _)| Event::MicClosed {
            venue: venue.clone(),
            by: ClosedBy::Control,
        })
        .collect()
}

fn can_speak(seat: &Seat, venue: &VenueId) -> Result<(), Refused> {
    if seat.kind.can_speak() {
        Ok(())
    } else {
        Err(Refused::CannotSpeak(venue.clone()))
    }
}
