//! Every question against a walk over all items.

use proptest::prelude::*;

use super::*;
use crate::geom::{Polygon, distance_m};

fn place() -> impl Strategy<Value = LonLat> {
    // Whole thousandths make equal places, equal distances and points on borders common.
    (125_000..125_080_i32, 43_800..43_860_i32).prop_map(|(lon, lat)| {
        LonLat::new(f64::from(lon) / 1000.0, f64::from(lat) / 1000.0).unwrap()
    })
}

fn rectangle() -> impl Strategy<Value = Shape> {
    (place(), 1..20_i32, 1..20_i32).prop_map(|(corner, width, height)| {
        let bbox = BBox::new(
            corner.lon(),
            corner.lat(),
            corner.lon() + f64::from(width) / 1000.0,
            corner.lat() + f64::from(height) / 1000.0,
        );
        Shape::Area(Area::of_bbox(&bbox.unwrap()))
    })
}

fn triangle() -> impl Strategy<Value = Area> {
    (place(), place(), place()).prop_map(|(a, b, c)| {
        Area::new(vec![Polygon {
            rings: vec![vec![a, b, c, a]],
        }])
        .unwrap()
    })
}

fn shape() -> impl Strategy<Value = Shape> {
    prop_oneof![
        6 => place().prop_map(Shape::Point),
        1 => rectangle(),
        1 => triangle().prop_map(Shape::Area),
        1 => proptest::collection::vec(place(), 2..5).prop_map(|line| Shape::Line(vec![line])),
    ]
}

fn items() -> impl Strategy<Value = Vec<Shape>> {
    proptest::collection::vec(shape(), 0..60)
}

fn set(shapes: &[Shape]) -> SpatialSet<usize> {
    SpatialSet::build(shapes.iter().cloned().enumerate())
}

fn keys(found: &Found<'_, usize>) -> Vec<usize> {
    found.hits.iter().map(|hit| *hit.key).collect()
}

fn by_distance(shapes: &[Shape], from: LonLat, keep: impl Fn(usize, f64) -> bool) -> Vec<usize> {
    let mut all: Vec<(f64, usize)> = shapes
        .iter()
        .enumerate()
        .map(|(key, shape)| (shape.distance_m(from), key))
        .filter(|(distance_m, key)| keep(*key, *distance_m))
        .collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    all.into_iter().map(|(_, key)| key).collect()
}

proptest! {
    #[test]
    fn a_radius_finds_what_a_walk_finds(shapes in items(), centre in place(), radius_m in 0.0..6_000.0_f64, limit in 0..70_usize) {
        let expected = by_distance(&shapes, centre, |_, distance_m| distance_m <= radius_m);
        let set = set(&shapes);
        let found = set.within_radius(centre, radius_m, limit);
        prop_assert_eq!(keys(&found), &expected[..limit.min(expected.len())]);
        prop_assert_eq!(found.truncated, expected.len() > limit);
    }

    #[test]
    fn the_nearest_are_the_nearest_of_a_walk(shapes in items(), from in place(), k in 0..20_usize, every in 1..4_usize) {
        let mut expected = by_distance(&shapes, from, |key, _| key % every == 0);
        expected.truncate(k);
        prop_assert_eq!(keys(&set(&shapes).nearest(from, k, |key| key % every == 0)), expected);
    }

    #[test]
    fn the_nearest_are_found_from_far_outside(shapes in items(), lon in -180.0..180.0_f64, lat in -90.0..90.0_f64) {
        let points: Vec<Shape> = shapes.into_iter().filter(|shape| matches!(shape, Shape::Point(_))).collect();
        let from = LonLat::new(lon, lat).unwrap();
        let set = set(&points);
        let found = set.nearest(from, 3, |_| true);
        let expected = by_distance(&points, from, |_, _| true);
        for (hit, expected) in found.hits.iter().zip(&expected) {
            let apart = hit.distance_m.unwrap() - points[*expected].distance_m(from);
            prop_assert!(apart.abs() < 1e-6, "{apart} m");
        }
        prop_assert_eq!(found.hits.len(), expected.len().min(3));
    }

    #[test]
    fn a_box_finds_what_a_walk_finds(shapes in items(), a in place(), b in place()) {
        let bbox = BBox::around([a, b]).unwrap();
        let expected: Vec<usize> = (0..shapes.len()).filter(|key| shapes[*key].meets_bbox(&bbox)).collect();
        prop_assert_eq!(keys(&set(&shapes).in_bbox(&bbox, LIMIT_MAX)), expected);
    }

    #[test]
    fn an_area_finds_what_a_walk_finds(shapes in items(), area in triangle()) {
        let expected: Vec<usize> = (0..shapes.len()).filter(|key| shapes[*key].meets_area(&area)).collect();
        prop_assert_eq!(keys(&set(&shapes).in_area(&area, LIMIT_MAX)), expected);
    }

    #[test]
    fn a_place_is_in_the_areas_that_a_walk_finds(shapes in items(), at in place()) {
        let holds = |shape: &Shape| matches!(shape, Shape::Area(area) if area.holds(at));
        let expected: Vec<usize> = (0..shapes.len()).filter(|key| holds(&shapes[*key])).collect();
        prop_assert_eq!(keys(&set(&shapes).areas_at(at, LIMIT_MAX)), expected);
    }

    #[test]
    fn a_radius_over_the_whole_earth_finds_every_point(lon in -180.0..180.0_f64, lat in -90.0..90.0_f64, far in 0.0..2.1e7_f64) {
        let places: Vec<LonLat> = (0..200)
            .map(|n| LonLat::new(f64::from(n * 37 % 360) - 180.0, f64::from(n * 53 % 180) - 90.0).unwrap())
            .collect();
        let centre = LonLat::new(lon, lat).unwrap();
        let expected = places.iter().filter(|place| distance_m(centre, **place) <= far).count();
        let set = SpatialSet::build(places.iter().map(|place| ((), Shape::Point(*place))));
        prop_assert_eq!(set.within_radius(centre, far, LIMIT_MAX).hits.len(), expected);
    }
}

#[test]
fn an_empty_set_answers_every_question_with_nothing() {
    let set = SpatialSet::<u8>::default();
    let here = LonLat::new(125.3, 43.9).unwrap();
    assert!(set.within_radius(here, 1e7, 10).hits.is_empty());
    assert!(set.nearest(here, 5, |_| true).hits.is_empty());
    assert!(set.in_bbox(&BBox::WORLD, 10).hits.is_empty());
    assert!(set.areas_at(here, 10).hits.is_empty());
}
