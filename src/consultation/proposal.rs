//! Which venues a consultation begins with, and what it is called.

use crate::{
    conference::{Level, Venue, VenueKind},
    identity::VenueId,
    region::DivisionCode,
};

/// A conference's title is shorter than an incident's, characters.
const TITLE_MAX: usize = 120;
const SUFFIX: &str = "会商";

/// Why a venue is proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// It is the caller's own, or a main venue of the caller's division.
    Own,
    /// It stands in the incident's division, or in the nearest one above that has a venue.
    Division,
}

/// Whose incident, seen from whom.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub actor: &'a DivisionCode,
    pub own: Option<&'a VenueId>,
    pub incident: &'a DivisionCode,
}

/// The venues to ring, the main venue first: one's own, then those where it happened.
#[must_use]
pub fn venues(asked: Asked<'_>, known: &[Venue]) -> Vec<(Venue, Because)> {
    let mut proposed: Vec<(Venue, Because)> = Vec::new();
    let mut propose = |venue: &Venue, because| {
        if !proposed.iter().any(|(known, _)| known.id == venue.id) {
            proposed.push((venue.clone(), because));
        }
    };
    let callable = || known.iter().filter(|venue| venue.kind.has_terminal());
    callable()
        .filter(|venue| asked.own == Some(&venue.id))
        .for_each(|venue| propose(venue, Because::Own));
    callable()
        .filter(|venue| venue.division == *asked.actor && is_main(venue))
        .for_each(|venue| propose(venue, Because::Own));
    let stands_in = |division: &DivisionCode| callable().any(|venue| venue.division == *division);
    let nearest = asked.incident.lineage().find(|code| stands_in(code));
    callable()
        .filter(|venue| nearest.as_ref() == Some(&venue.division))
        .for_each(|venue| propose(venue, Because::Division));
    proposed
}

/// It can lead: seen and heard, and not one of the villages.
fn is_main(venue: &Venue) -> bool {
    venue.kind == VenueKind::Av && venue.level != Level::Town
}

/// `人民大街火灾会商`, as long as a title may be.
#[must_use]
pub fn title(incident: &str) -> String {
    let room = TITLE_MAX - SUFFIX.chars().count();
    incident.trim().chars().take(room).collect::<String>() + SUFFIX
}

#[cfg(test)]
#[path = "tests/proposal.rs"]
mod tests;
