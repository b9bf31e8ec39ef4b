//! Venues arranged under their divisions: city, below it counties, below them towns.

use super::model::Venue;
use crate::region::DivisionCode;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    pub division: DivisionCode,
    pub venues: Vec<Venue>,
    pub children: Vec<Branch>,
}

/// `venues` must be sorted by division. A division without venues does not appear; its venues' nearest ancestor
/// that has some becomes their parent.
pub fn by_division(venues: Vec<Venue>) -> Vec<Branch> {
    let mut roots: Vec<Branch> = Vec::new();
    for venue in venues {
        place(&mut roots, venue);
    }
    roots
}

fn place(branches: &mut Vec<Branch>, venue: Venue) {
    match branches.last_mut() {
        Some(last) if last.division == venue.division => last.venues.push(venue),
        Some(last) if last.division.covers(&venue.division) => place(&mut last.children, venue),
        _ => branches.push(Branch {
            division: venue.division.clone(),
            venues: vec![venue],
            children: Vec::new(),
        }),
    }
}
