//! Valid rings stay as they are, small knots are untied, large ones are refused, and real borders become usable.

use proptest::prelude::*;

use super::*;
use crate::geom::Shape;
use crate::query::SpatialSet;
use crate::testing::data;

fn ring(places: &[(f64, f64)]) -> Vec<LonLat> {
    places
        .iter()
        .map(|(lon, lat)| LonLat::new(*lon, *lat).unwrap())
        .collect()
}

fn flaws(repaired: &Repaired) -> Vec<Flaw> {
    repaired.repairs.iter().map(|repair| repair.flaw).collect()
}

#[test]
fn a_valid_polygon_with_a_hole_is_not_touched() {
    let outer = ring(&[(0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0), (0.0, 0.0)]);
    let hole = ring(&[(2.0, 2.0), (2.0, 4.0), (4.0, 4.0), (4.0, 2.0), (2.0, 2.0)]);
    let repaired = repair(vec![vec![outer.clone(), hole.clone()]]).unwrap();
    assert!(repaired.repairs.is_empty());
    let polygon = repaired.area.polygons().next().unwrap();
    assert_eq!(polygon.rings, vec![outer, hole]);
}

#[test]
fn an_open_ring_with_repeated_places_and_a_spike_is_put_right() {
    let places = [
        (0.0, 0.0),
        (5.0, 0.0),
        (5.0, 0.0),
        (5.0, 5.0),
        (7.0, 7.0),
        (5.0, 5.0),
        (0.0, 5.0),
    ];
    let repaired = repair(vec![vec![ring(&places)]]).unwrap();
    assert_eq!(
        flaws(&repaired),
        [Flaw::NotClosed, Flaw::RepeatedPlace, Flaw::Spike]
    );
    assert_eq!(repaired.area.polygons().next().unwrap().rings[0].len(), 5);
}

#[test]
fn a_small_knot_is_cut_and_both_sides_stay() {
    // The north-east corner is tied into a small bow.
    let places = [
        (0.0, 0.0),
        (80.0, 0.0),
        (80.0, 79.0),
        (79.0, 80.0),
        (80.0, 80.0),
        (79.0, 79.0),
        (0.0, 79.0),
        (0.0, 0.0),
    ];
    let repaired = repair(vec![vec![ring(&places)]]).unwrap();
    assert_eq!(flaws(&repaired), [Flaw::SelfCrossing]);
    assert_eq!(repaired.repairs[0].near, LonLat::new(79.5, 79.5).unwrap());
    assert_eq!(repaired.area.polygons().count(), 2);
    assert!(repaired.area.holds(LonLat::new(50.0, 50.0).unwrap()));
    assert!(repaired.area.holds(LonLat::new(79.5, 79.9).unwrap()));
}

#[test]
fn a_small_loop_inside_is_covered_and_goes() {
    // The ring runs on inside itself for a moment and comes out where it went in.
    let places = [
        (0.0, 0.0),
        (80.0, 0.0),
        (80.0, 50.0),
        (78.0, 51.0),
        (78.0, 50.0),
        (80.0, 51.0),
        (80.0, 80.0),
        (0.0, 80.0),
        (0.0, 0.0),
    ];
    let repaired = repair(vec![vec![ring(&places)]]).unwrap();
    assert_eq!(flaws(&repaired), [Flaw::SelfCrossing]);
    assert!(repaired.area.holds(LonLat::new(78.2, 50.5).unwrap()));
}

#[test]
fn a_ring_tied_in_the_middle_is_refused_by_name_and_place() {
    let bow = ring(&[(0.0, 0.0), (4.0, 4.0), (4.0, 0.0), (0.0, 4.0), (0.0, 0.0)]);
    let good = ring(&[(10.0, 0.0), (11.0, 0.0), (11.0, 1.0), (10.0, 0.0)]);
    let refusal = repair(vec![vec![good], vec![bow]]).unwrap_err();
    let Irreparable::Tangled { ring, near, .. } = &refusal else {
        panic!("{refusal:?}")
    };
    assert_eq!((ring.polygon, ring.ring), (1, 0));
    assert_eq!(*near, LonLat::new(2.0, 2.0).unwrap());
    assert!(
        refusal
            .to_string()
            .contains("polygon 1, outer ring: crosses itself near 2, 2"),
        "{refusal}"
    );
}

#[test]
fn rings_without_surface_and_stray_holes_are_refused() {
    let line = ring(&[(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (0.0, 0.0)]);
    assert!(matches!(
        repair(vec![vec![line]]),
        Err(Irreparable::NoSurface { .. })
    ));
    assert!(matches!(
        repair(vec![vec![ring(&[(0.0, 0.0), (1.0, 1.0)])]]),
        Err(Irreparable::TooFewPlaces { .. })
    ));
    assert!(matches!(repair(vec![]), Err(Irreparable::Empty)));
    let outer = ring(&[(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0), (0.0, 0.0)]);
    for hole in [
        &[(5.0, 5.0), (6.0, 5.0), (6.0, 6.0), (5.0, 5.0)],
        &[(3.0, 1.0), (6.0, 2.0), (3.0, 3.0), (3.0, 1.0)],
    ] {
        let refusal = repair(vec![vec![outer.clone(), ring(hole)]]).unwrap_err();
        assert!(
            matches!(
                refusal,
                Irreparable::HoleAstray {
                    ring: RingName {
                        polygon: 0,
                        ring: 1
                    },
                    ..
                }
            ),
            "{refusal:?}"
        );
    }
}

proptest! {
    #[test]
    fn any_ring_is_either_refused_or_made_free_of_crossings(
        places in proptest::collection::vec((0..40_i32, 0..40_i32), 0..24),
    ) {
        let places: Vec<(f64, f64)> = places.iter().map(|(x, y)| (f64::from(*x), f64::from(*y))).collect();
        if let Ok(repaired) = repair(vec![vec![ring(&places)]]) {
            for polygon in repaired.area.polygons() {
                for ring in &polygon.rings {
                    prop_assert_eq!(ring.first(), ring.last());
                    prop_assert!(!crosses(ring, ring));
                }
            }
        }
    }

    #[test]
    fn a_star_shaped_ring_is_left_alone(radii in proptest::collection::vec(1.0..10.0_f64, 3..40)) {
        let turn = std::f64::consts::TAU / radii.len() as f64;
        let mut places: Vec<(f64, f64)> =
            radii.iter().enumerate().map(|(n, radius)| (radius * (n as f64 * turn).cos(), radius * (n as f64 * turn).sin())).collect();
        places.push(places[0]);
        let repaired = repair(vec![vec![ring(&places)]]).unwrap();
        prop_assert!(repaired.repairs.is_empty());
        prop_assert_eq!(&repaired.area.polygons().next().unwrap().rings[0], &ring(&places));
    }
}

fn boundaries(file: &str) -> Option<geojson::FeatureCollection> {
    let text = std::fs::read_to_string(data(&format!("boundaries/{file}"))?).unwrap();
    let geojson::GeoJson::FeatureCollection(features) = text.parse().unwrap() else {
        panic!("{file} is a collection")
    };
    Some(features)
}

fn import(file: &str) -> Option<Vec<(String, Repaired)>> {
    let features = boundaries(file)?;
    let repaired = features.features.iter().map(|feature| {
        let name = feature
            .property("name")
            .and_then(|name| name.as_str())
            .unwrap()
            .to_owned();
        let area = area_from_geojson(feature.geometry.as_ref().unwrap(), Datum::Gcj02);
        (
            name.clone(),
            area.unwrap_or_else(|refusal| panic!("{name}: {refusal}")),
        )
    });
    Some(repaired.collect())
}

#[test]
fn the_counties_of_changchun_import_and_the_knots_are_named() {
    for file in [
        "220100_v2022.geojson",
        "220100_v2021_without_220184.geojson",
    ] {
        let Some(counties) = import(file) else { return };
        for (name, repaired) in &counties {
            let crossings = repaired
                .repairs
                .iter()
                .filter(|repair| repair.flaw == Flaw::SelfCrossing)
                .count();
            match name.as_str() {
                "榆树市" => assert!(
                    crossings > 0 && repaired.repairs[0].ring.polygon == 3,
                    "{:?}",
                    repaired.repairs
                ),
                "德惠市" => assert!(crossings <= 1, "{:?}", repaired.repairs),
                _ => assert_eq!(repaired.repairs, [], "{name}"),
            }
        }
    }
}

#[test]
fn the_prefectures_of_jilin_import() {
    let Some(prefectures) = import("220000_v2022.geojson") else {
        return;
    };
    assert_eq!(prefectures.len(), 9);
}

/// Neighbours share their borders exactly, so a vertex of one lies in exactly one of them, or on the city's rim
/// in one or none; never in two.
#[test]
fn a_place_on_a_shared_border_of_changchun_lies_in_one_county() {
    let Some(counties) = import("220100_v2022.geojson") else {
        return;
    };
    let knots = |name: &str| name == "榆树市" || name == "德惠市";
    let clean: Vec<_> = counties.iter().filter(|(name, _)| !knots(name)).collect();
    let set = SpatialSet::build(
        clean
            .iter()
            .map(|(name, repaired)| (name.clone(), Shape::Area(repaired.area.clone()))),
    );
    let mut inside = 0;
    for (name, repaired) in &clean {
        for vertex in repaired
            .area
            .polygons()
            .flat_map(|polygon| &polygon.rings[0])
        {
            let found = set.areas_at(*vertex, 10);
            let names: Vec<&String> = found.hits.iter().map(|hit| hit.key).collect();
            assert!(names.len() <= 1, "a vertex of {name} lies in {names:?}");
            inside += names.len();
        }
    }
    assert!(inside > 1_000, "{inside}");
    let square = LonLat::new(125.3245, 43.8868).unwrap();
    assert_eq!(set.areas_at(square, 10).hits.len(), 1);
}
