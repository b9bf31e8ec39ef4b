//! Venues, conferences and their invitations: what they are, not what may happen to them.

use std::collections::BTreeMap;

use super::incoming::AnswerRule;
use super::meeting::{Meeting, Seat};
use crate::identity::VenueId;
use crate::platform::clock::Millis;
use crate::region::DivisionCode;

crate::typed_id!(pub ConferenceId);
crate::typed_id!(pub LinkId);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Venue {
    pub id: VenueId,
    pub name: String,
    /// Name plates and cells of a grid.
    pub short_name: String,
    pub division: DivisionCode,
    pub level: Level,
    pub kind: VenueKind,
    /// The unit agreed that control may open its microphone.
    pub remote_open_ok: bool,
    /// What its terminal does when it is called and nobody touches it.
    pub answer_rule: AnswerRule,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    City,
    County,
    Town,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum VenueKind {
    /// Camera, microphone, screen, loudspeaker.
    Av,
    /// A telephone: speaks and hears, cannot be shown.
    AudioOnly,
    /// 旁听: watches and hears, is never shown and never heard.
    ListenOnly,
    /// 个人: an expert on a phone or a desk, in by a link. Nobody's terminal: it is not called, it comes.
    Person,
    /// Camera, drone, map or programme feed: has no ears and nobody to call.
    Source,
}

impl VenueKind {
    pub fn can_speak(self) -> bool {
        matches!(self, Self::Av | Self::AudioOnly | Self::Person)
    }

    pub fn can_see(self) -> bool {
        matches!(self, Self::Av | Self::ListenOnly | Self::Person)
    }

    pub fn can_hear(self) -> bool {
        self != Self::Source
    }

    pub fn has_video(self) -> bool {
        matches!(self, Self::Av | Self::Source | Self::Person)
    }

    pub fn has_terminal(self) -> bool {
        !matches!(self, Self::Source | Self::Person)
    }

    /// Sources are shown only when somebody puts them on air.
    pub fn in_automatic_layout(self) -> bool {
        matches!(self, Self::Av | Self::AudioOnly | Self::Person)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// From the calendar: 电视电话会议.
    Meeting,
    /// 会商: opened from an incident.
    Consultation,
}

impl Kind {
    /// An emergency consultation goes before a meeting of the calendar.
    pub fn goes_before(self, other: Self) -> bool {
        self == Self::Consultation && other == Self::Meeting
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conference {
    pub id: ConferenceId,
    pub title: String,
    pub kind: Kind,
    pub division: DivisionCode,
    /// The incident a consultation was opened from.
    pub incident_id: Option<String>,
    pub meeting: Meeting,
    /// Registry rows of everybody on the roster.
    pub venues: BTreeMap<VenueId, Venue>,
    pub people: Vec<Invitee>,
    /// Account id.
    pub created_by: String,
    /// Name of whoever called the conference together, as the called venues are told.
    pub convener: String,
    /// Why, in a line for the called venues; may be empty.
    pub reason: String,
    pub created_at: Millis,
    pub started_at: Option<Millis>,
    pub ended_at: Option<Millis>,
    /// Grows with every accepted command.
    pub version: i64,
}

impl Conference {
    /// The roster in its order, each seat with its registry row.
    pub fn roster(&self) -> impl Iterator<Item = (&Venue, &Seat)> {
        self.meeting
            .in_order()
            .into_iter()
            .filter_map(|(id, seat)| Some((self.venues.get(id)?, seat)))
    }
}

/// A person asked to a consultation. `reference` says where the person is registered, such as `expert/<id>`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Invitee {
    pub name: String,
    pub reference: String,
}
