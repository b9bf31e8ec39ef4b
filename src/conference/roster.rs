//! How a venue's connection to a meeting changes: called, ringing, joined, lost, hung up.

use std::collections::BTreeMap;

use super::meeting::{Event, Phase, Seat};
use super::refusals::Refused;
use crate::identity::VenueId;
use crate::platform::clock::Millis;

/// A call that nobody takes for this long has failed.
pub const RING_MS: i64 = 60_000;
/// Pause between two attempts to get a lost venue back.
pub const REDIAL_MS: i64 = 10_000;
/// After these many attempts the venue counts as failed; it may still come back by itself.
pub const REDIALS_MAX: u8 = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    NotCalled,
    Calling {
        since: Millis,
    },
    Ringing {
        since: Millis,
    },
    Joined {
        since: Millis,
    },
    /// `attempt` counts the redials made since the connection broke.
    Reconnecting {
        since: Millis,
        attempt: u8,
    },
    /// Went on purpose.
    Left,
    /// Went to another meeting and may come back.
    Elsewhere {
        since: Millis,
    },
    /// Was hung up by control: stays on the roster, is not redialled.
    HungUp,
    Failed(Reason),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It rang and nobody took the call.
    NoAnswer,
    /// No terminal has said that the call arrived.
    Unreachable,
    Declined,
    Lost,
}

impl Connection {
    pub fn is_joined(self) -> bool {
        matches!(self, Self::Joined { .. })
    }

    /// Being called, in the meeting, or expected back.
    pub fn is_live(self) -> bool {
        matches!(
            self,
            Self::Calling { .. }
                | Self::Ringing { .. }
                | Self::Joined { .. }
                | Self::Reconnecting { .. }
        )
    }

    pub(super) fn deadline(self) -> Option<Millis> {
        match self {
            Self::Calling { since } | Self::Ringing { since } => Some(Millis(since.0 + RING_MS)),
            Self::Reconnecting { since, attempt } => {
                Some(Millis(since.0 + REDIAL_MS * (i64::from(attempt) + 1)))
            }
            _ => None,
        }
    }

    pub(super) fn after(self, event: &Event) -> Self {
        match (event, self) {
            (Event::VenueCalled { at, .. }, _) => Self::Calling { since: *at },
            (Event::VenueRang { at, .. }, _) => Self::Ringing { since: *at },
            (Event::VenueJoined { at, .. }, _) => Self::Joined { since: *at },
            (Event::VenueLost { at, .. }, _) => Self::Reconnecting {
                since: *at,
                attempt: 0,
            },
            (Event::VenueRedialled { attempt, .. }, Self::Reconnecting { since, .. }) => {
                Self::Reconnecting {
                    since,
                    attempt: *attempt,
                }
            }
            (Event::VenueLeft { .. }, _) => Self::Left,
            (Event::VenueWentElsewhere { at, .. }, _) => Self::Elsewhere { since: *at },
            (Event::VenueHungUp { .. }, _) => Self::HungUp,
            (Event::VenueFailed { reason, .. }, _) => Self::Failed(*reason),
            _ => self,
        }
    }

    pub(super) fn at_end(self) -> Self {
        if self.is_live() || matches!(self, Self::Elsewhere { .. }) {
            Self::Left
        } else {
            self
        }
    }
}

pub(super) fn call(
    phase: Phase,
    seat: &Seat,
    venue: VenueId,
    now: Millis,
) -> Result<Vec<Event>, Refused> {
    if phase == Phase::Planned {
        return Err(Refused::NotStarted);
    }
    if !seat.kind.has_terminal() {
        return Err(Refused::NoTerminal(venue));
    }
    Ok(unless(
        seat.connection.is_live(),
        Event::VenueCalled { venue, at: now },
    ))
}

pub(super) fn ring(seat: &Seat, venue: VenueId, now: Millis) -> Vec<Event> {
    unless(
        !matches!(seat.connection, Connection::Calling { .. }),
        Event::VenueRang { venue, at: now },
    )
}

/// A venue of the roster always gets in: called or not, early, late, or back after a break.
pub(super) fn join(seat: &Seat, venue: VenueId, now: Millis) -> Result<Vec<Event>, Refused> {
    Ok(unless(
        seat.connection.is_joined(),
        Event::VenueJoined { venue, at: now },
    ))
}

/// A client that was cut off takes its seat again, but never out of the meeting its venue has gone to since.
pub(super) fn rejoin(seat: &Seat, venue: VenueId, now: Millis) -> Result<Vec<Event>, Refused> {
    if matches!(seat.connection, Connection::Elsewhere { .. }) {
        return Err(Refused::WentElsewhere(venue));
    }
    join(seat, venue, now)
}

/// Only who sits here can go elsewhere; a call that rings goes on ringing at the busy venue.
pub(super) fn go_elsewhere(seat: &Seat, venue: VenueId, now: Millis) -> Vec<Event> {
    let sits = matches!(
        seat.connection,
        Connection::Joined { .. } | Connection::Reconnecting { .. }
    );
    unless(!sits, Event::VenueWentElsewhere { venue, at: now })
}

pub(super) fn decline(seat: &Seat, venue: VenueId) -> Vec<Event> {
    let called = matches!(
        seat.connection,
        Connection::Calling { .. } | Connection::Ringing { .. }
    );
    unless(
        !called,
        Event::VenueFailed {
            venue,
            reason: Reason::Declined,
        },
    )
}

pub(super) fn lose(seat: &Seat, venue: VenueId, now: Millis) -> Vec<Event> {
    unless(
        !seat.connection.is_joined(),
        Event::VenueLost { venue, at: now },
    )
}

pub(super) fn leave(seat: &Seat, venue: VenueId) -> Vec<Event> {
    unless(!seat.connection.is_live(), Event::VenueLeft { venue })
}

pub(super) fn hang_up(seat: &Seat, venue: VenueId) -> Vec<Event> {
    unless(!seat.connection.is_live(), Event::VenueHungUp { venue })
}

/// What time alone brings about: unanswered calls fail, lost venues are redialled, then given up.
/// Redials missed while nobody ticked are not made up for.
pub(super) fn overdue(seats: &BTreeMap<VenueId, Seat>, now: Millis) -> Vec<Event> {
    seats
        .iter()
        .filter_map(|(venue, seat)| overdue_seat(venue.clone(), seat.connection, now))
        .collect()
}

fn overdue_seat(venue: VenueId, connection: Connection, now: Millis) -> Option<Event> {
    if connection.deadline()? > now {
        return None;
    }
    match connection {
        Connection::Reconnecting { since, .. } => {
            let due = (now.0 - since.0) / REDIAL_MS;
            Some(match u8::try_from(due) {
                Ok(attempt) if attempt <= REDIALS_MAX => Event::VenueRedialled { venue, attempt },
                _ => Event::VenueFailed {
                    venue,
                    reason: Reason::Lost,
                },
            })
        }
        Connection::Calling { .. } => Some(Event::VenueFailed {
            venue,
            reason: Reason::Unreachable,
        }),
        _ => Some(Event::VenueFailed {
            venue,
            reason: Reason::NoAnswer,
        }),
    }
}

fn unless(already: bool, event: Event) -> Vec<Event> {
    if already { Vec::new() } else { vec![event] }
}
