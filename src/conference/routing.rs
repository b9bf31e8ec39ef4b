//! Which venue each slot of a receiver carries: who is in a slot stays in it, so that no picture jumps.

use serde::Serialize;
use utoipa::ToSchema;

use crate::identity::VenueId;

/// What a receive connection carries, as its venue is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlotMap {
    pub heard: Vec<VenueId>,
    pub slots: Vec<SlotContent>,
}

/// One media line of a receive connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SlotContent {
    pub mid: String,
    #[schema(value_type = super::link::TrackKind)]
    pub kind: &'static str,
    #[schema(value_type = Option<String>)]
    pub venue_id: Option<VenueId>,
}

/// Keeps every venue that is still wanted where it is and fills the free slots in the order of `wanted`.
/// Venues beyond the number of slots are not carried.
pub fn keep_places(before: &[Option<VenueId>], wanted: &[VenueId]) -> Vec<Option<VenueId>> {
    let mut places: Vec<Option<VenueId>> = Vec::with_capacity(before.len());
    for venue in before {
        let stays = venue.as_ref().is_some_and(|venue| {
            wanted.contains(venue) && !places.iter().flatten().any(|kept| kept == venue)
        });
        places.push(if stays { venue.clone() } else { None });
    }
    let mut waiting = wanted
        .iter()
        .filter(|venue| !before.iter().flatten().any(|kept| kept == *venue));
    for place in places.iter_mut().filter(|place| place.is_none()) {
        let Some(venue) = waiting.next() else { break };
        *place = Some(venue.clone());
    }
    places
}
