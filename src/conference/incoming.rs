//! What a called venue does: which meeting it sits in, which calls reach it, how each is answered, where it may go back to.
//!
//! A venue has one terminal and sits in one meeting. An emergency consultation goes before a meeting: a venue whose
//! rule allows it comes over by itself after a countdown in which the people in the room may take or refuse the call.

use super::meeting::Phase;
use super::model::Kind;
use super::roster::{Connection, RING_MS, Reason};
use crate::platform::clock::Millis;

/// What the people in a busy room have to take or refuse a call before it is taken by itself. Well below `RING_MS`.
pub const COUNTDOWN_MS: i64 = 15_000;

/// What a venue's terminal does with a call that nobody touches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AnswerRule {
    /// Takes it when free, and leaves a meeting for an emergency consultation.
    #[default]
    Always,
    /// Takes it when free; in a meeting somebody has to take it.
    WhenFree,
    /// Somebody always has to take it.
    Never,
}

/// How a call presents itself to the people in the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    Emergency,
    Ordinary,
}

impl From<Kind> for Urgency {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Consultation => Self::Emergency,
            Kind::Meeting => Self::Ordinary,
        }
    }
}

/// A conference that has not ended, seen from one venue on its roster.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub kind: Kind,
    pub phase: Phase,
    /// The venue is its active main venue.
    pub leads: bool,
    pub connection: Connection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    AtOnce,
    /// Unless somebody decides before.
    At(Millis),
    /// Somebody has to take it.
    Asked(Why),
}

/// Why a call is not taken by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The venue's rule says so.
    Rule,
    /// The meeting the venue sits in is as urgent, or another call is.
    Busy,
    /// Everybody in the present meeting would lose its main venue.
    Leads,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Index of the place that calls.
    pub place: usize,
    pub since: Millis,
    /// When the call fails unless it is taken; absent when it has failed and is made up for.
    pub until: Option<Millis>,
    pub answer: Answer,
}

/// Everything a terminal has to follow; numbers are indices of the places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Desk {
    pub seated: Option<usize>,
    /// The most urgent first, of equals the newest.
    pub calls: Vec<Call>,
    /// The meeting the venue left for another one and may go back to.
    pub back: Option<usize>,
}

/// `places`: newest conference first.
pub fn desk(rule: AnswerRule, places: &[Place]) -> Desk {
    let seated = seat(places);
    let mut order: Vec<usize> = (0..places.len()).filter(|at| Some(*at) != seated).collect();
    order.sort_by_key(|at| places[*at].kind != Kind::Consultation);
    let mut calls = Vec::new();
    for place in order {
        let sitting = seated.map(|at| &places[at]);
        let Some((since, until)) = rings(places[place].connection, places[place].phase, sitting)
        else {
            continue;
        };
        let answer = match calls.is_empty() {
            true => answer(rule, &places[place], since, sitting),
            false => Answer::Asked(Why::Busy),
        };
        // What was missed while the venue was away is made up for by itself or not at all.
        if until.is_some() || answer == Answer::AtOnce {
            calls.push(Call {
                place,
                since,
                until,
                answer,
            });
        }
    }
    Desk {
        seated,
        calls,
        back: back(places),
    }
}

/// Where the venue sits, or was cut off from and is expected back.
fn seat(places: &[Place]) -> Option<usize> {
    let first = |fits: fn(Connection) -> bool| {
        let of = |wanted: Kind| {
            places
                .iter()
                .position(|place| place.kind == wanted && fits(place.connection))
        };
        of(Kind::Consultation).or_else(|| of(Kind::Meeting))
    };
    first(Connection::is_joined)
        .or_else(|| first(|connection| matches!(connection, Connection::Reconnecting { .. })))
        .or_else(|| first(|connection| connection == Connection::Failed(Reason::Lost)))
}

/// Since when a place calls, and until when.
fn rings(
    connection: Connection,
    phase: Phase,
    sitting: Option<&Place>,
) -> Option<(Millis, Option<Millis>)> {
    match connection {
        Connection::Calling { since } | Connection::Ringing { since } => {
            Some((since, Some(Millis(since.0 + RING_MS))))
        }
        // A terminal that was off when its meeting began comes late.
        Connection::Failed(Reason::NoAnswer | Reason::Unreachable)
            if phase == Phase::Running && sitting.is_none() =>
        {
            Some((Millis(0), None))
        }
        _ => None,
    }
}

fn answer(rule: AnswerRule, call: &Place, since: Millis, sitting: Option<&Place>) -> Answer {
    match (rule, sitting) {
        (AnswerRule::Never, _) | (AnswerRule::WhenFree, Some(_)) => Answer::Asked(Why::Rule),
        (_, None) => Answer::AtOnce,
        (AnswerRule::Always, Some(now)) if !call.kind.goes_before(now.kind) => {
            Answer::Asked(Why::Busy)
        }
        (AnswerRule::Always, Some(now)) if now.leads && now.phase == Phase::Running => {
            Answer::Asked(Why::Leads)
        }
        (AnswerRule::Always, Some(_)) => Answer::At(Millis(since.0 + COUNTDOWN_MS)),
    }
}

fn back(places: &[Place]) -> Option<usize> {
    let left = |at: usize| match places[at].connection {
        Connection::Elsewhere { since } if places[at].phase == Phase::Running => Some((since, at)),
        _ => None,
    };
    (0..places.len())
        .filter_map(left)
        .max_by_key(|(since, _)| since.0)
        .map(|(_, at)| at)
}
