//! What a receiver sees. First rule that has an answer wins; nobody ever sees itself.

use super::meeting::Meeting;
use crate::identity::VenueId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Picture {
    /// A waiting slate: not in the meeting, has no eyes, or the source is not there.
    Nothing,
    Venue(VenueId),
    /// The automatic layout, in roster order.
    Layout(Vec<VenueId>),
}

impl Picture {
    /// Every venue in the picture, in order.
    pub fn venues(&self) -> &[VenueId] {
        match self {
            Self::Nothing => &[],
            Self::Venue(venue) => std::slice::from_ref(venue),
            Self::Layout(venues) => venues,
        }
    }

    pub fn word(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Venue(_) => "venue",
            Self::Layout(_) => "layout",
        }
    }
}

type Rule = fn(&Meeting, &VenueId) -> Option<Picture>;

/// In order of force. Rules 1–7 (view lock, chair view, programme, its source, assigned view, own view, voice
/// switching) stand before the default as soon as a meeting has the state they read.
const RULES: &[Rule] = &[default_view];

pub fn view(meeting: &Meeting, receiver: &VenueId) -> Picture {
    let watching = meeting
        .seats
        .get(receiver)
        .is_some_and(|seat| seat.connection.is_joined() && seat.kind.can_see());
    if !watching {
        return Picture::Nothing;
    }
    RULES
        .iter()
        .find_map(|rule| rule(meeting, receiver))
        .unwrap_or(Picture::Nothing)
}

/// Rule 8: the active main venue sees the branches, everyone else sees the active main venue.
fn default_view(meeting: &Meeting, receiver: &VenueId) -> Option<Picture> {
    if *receiver == meeting.active_main {
        return Some(Picture::Layout(branches(meeting)));
    }
    let main = &meeting.active_main;
    let shown = meeting
        .seats
        .get(main)
        .is_some_and(|seat| seat.connection.is_joined() && seat.kind.has_video());
    shown.then(|| Picture::Venue(main.clone()))
}

/// Joined branches that may be shown; one without a camera appears as its name.
fn branches(meeting: &Meeting) -> Vec<VenueId> {
    let joined = meeting
        .in_order()
        .into_iter()
        .filter(|(_, seat)| seat.connection.is_joined() && seat.kind.in_automatic_layout());
    joined
        .map(|(venue, _)| venue.clone())
        .filter(|venue| *venue != meeting.active_main)
        .collect()
}
