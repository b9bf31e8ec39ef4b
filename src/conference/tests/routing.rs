//! Slots: nobody moves without need, nobody appears twice, free places are filled in order.

use super::script::{name, v};
use crate::conference::routing::keep_places;
use crate::identity::VenueId;

fn placed(before: &[Option<VenueId>], wanted: &[&str]) -> String {
    let wanted: Vec<_> = wanted.iter().map(|venue| v(venue)).collect();
    keep_places(before, &wanted)
        .iter()
        .map(|place| place.as_ref().map_or("-", name))
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn free_slots_are_filled_in_order_and_the_rest_is_not_carried() {
    assert_eq!(placed(&[None, None, None], &["B", "C"]), "B C -");
    assert_eq!(placed(&[None, None], &["B", "C", "D"]), "B C");
}

#[test]
fn who_stays_keeps_the_slot_and_the_newcomer_takes_the_free_one() {
    let before = [Some(v("B")), Some(v("C")), Some(v("D"))];
    assert_eq!(placed(&before, &["G", "B", "D"]), "B G D");
    assert_eq!(placed(&before, &[]), "- - -");
}
