//! The table of categories.

use std::collections::BTreeSet;

use crate::incident::category::{Category, Kinship, TABLE};

#[test]
fn every_slug_is_unique_and_hangs_below_one_that_stands_before_it() {
    let mut seen = BTreeSet::new();
    for entry in TABLE {
        if let Some((parent, _)) = entry.slug.rsplit_once('.') {
            assert!(seen.contains(parent), "{} has no parent", entry.slug);
        }
        assert!(seen.insert(entry.slug), "{} stands twice", entry.slug);
    }
    assert_eq!(
        TABLE
            .iter()
            .filter(|entry| !entry.slug.contains('.'))
            .count(),
        4,
        "the law knows four kinds"
    );
}

#[test]
fn kinship_is_symmetric_and_the_same_only_with_itself() {
    for a in Category::all() {
        for b in Category::all() {
            assert_eq!(a.kinship(b), b.kinship(a), "{a:?} {b:?}");
            assert_eq!(a.kinship(b) == Kinship::Same, a == b);
        }
    }
}

#[test]
fn fire_and_gas_are_neighbours_a_flood_and_a_crime_are_not() {
    let category = |slug| Category::parse(slug).unwrap();
    let fire = category("accident.work_safety.fire");
    assert_eq!(
        fire.kinship(category("accident.facility.gas")),
        Kinship::Neighbour
    );
    assert_eq!(
        fire.kinship(category("accident.work_safety.explosion")),
        Kinship::Sibling
    );
    assert_eq!(
        category("natural.flood.urban").kinship(category("security.crime")),
        Kinship::Foreign
    );
}
