//! Borders, boxes, distances and cells, against independent oracles.

use geo::{
    Intersects,
    algorithm::line_measures::{Distance, Haversine as GeoHaversine},
};
use proptest::prelude::*;

use super::*;

fn at(lon: f64, lat: f64) -> LonLat {
    LonLat::new(lon, lat).unwrap()
}

fn square(west: f64, south: f64, side: f64) -> Area {
    Area::of_bbox(&BBox::new(west, south, west + side, south + side).unwrap())
}

#[test]
fn numbers_off_the_globe_are_no_place() {
    assert!(LonLat::new(181.0, 0.0).is_err());
    assert!(LonLat::new(0.0, -90.1).is_err());
    assert!(LonLat::new(f64::NAN, 0.0).is_err());
    assert_eq!(at(-0.0, 0.0), at(0.0, -0.0));
    assert_eq!(at(-0.0, 1.0).bits(), at(0.0, 1.0).bits());
}

#[test]
fn an_area_holds_its_west_and_south_borders_only() {
    let area = square(10.0, 20.0, 1.0);
    assert!(area.holds(at(10.0, 20.5)), "west edge");
    assert!(area.holds(at(10.5, 20.0)), "south edge");
    assert!(area.holds(at(10.0, 20.0)), "south-west vertex");
    assert!(!area.holds(at(11.0, 20.5)), "east edge");
    assert!(!area.holds(at(10.5, 21.0)), "north edge");
    assert!(!area.holds(at(11.0, 20.0)), "south-east vertex");
    assert!(!area.holds(at(10.0, 21.0)), "north-west vertex");
    assert!(!area.holds(at(11.0, 21.0)), "north-east vertex");
}

#[test]
fn a_hole_is_not_inside() {
    let ring = |area: &Area| area.polygons().next().unwrap().rings[0].clone();
    let with_hole = Polygon {
        rings: vec![ring(&square(0.0, 0.0, 4.0)), ring(&square(1.0, 1.0, 2.0))],
    };
    let area = Area::new(vec![with_hole]).unwrap();
    assert!(area.holds(at(0.5, 2.0)));
    assert!(!area.holds(at(2.0, 2.0)));
    assert!(
        !area.holds(at(1.0, 2.0)),
        "the hole holds its own west border"
    );
    assert!(area.holds(at(3.0, 2.0)));
}

#[test]
fn distances_are_those_of_another_library() {
    let pairs = [
        ((125.32, 43.88), (126.56, 43.83)),
        ((0.0, 0.0), (180.0, 0.0)),
        ((10.0, 89.0), (-170.0, 89.0)),
    ];
    for ((a, b), (c, d)) in pairs {
        let theirs = GeoHaversine.distance(geo::Point::new(a, b), geo::Point::new(c, d));
        assert!((distance_m(at(a, b), at(c, d)) - theirs).abs() < 1e-3);
    }
}

#[test]
fn cells_tile_the_world_and_a_cover_is_bounded() {
    let here = at(125.32, 43.88);
    let cell = Cell::at(12, here);
    let (x, y) = mercator(here);
    let (west, north, width) = cell.frame();
    assert!(west <= x && x < west + width && north <= y && y < north + width);
    assert_eq!(
        Cell::at(15, at(180.0, -90.0)),
        Cell {
            level: 15,
            x: 32_767,
            y: 32_767
        }
    );
    assert_eq!(Cell::cover(&BBox::WORLD, 15, 64).len(), 64);
}

proptest! {
    /// Neighbours that share their borders vertex by vertex: a fan of triangles around an inner point.
    #[test]
    fn every_point_lies_in_exactly_one_of_the_parts_of_a_square(
        (cx, cy) in (1..9_i32, 1..9_i32),
        points in proptest::collection::vec((0..100_i32, 0..100_i32), 1..60),
    ) {
        let centre = at(f64::from(cx) / 10.0, f64::from(cy) / 10.0);
        let corners = [at(0.0, 0.0), at(1.0, 0.0), at(1.0, 1.0), at(0.0, 1.0)];
        let parts: Vec<Area> = (0..4)
            .map(|n| {
                let (a, b) = (corners[n], corners[(n + 1) % 4]);
                // Every second part is wound the other way round.
                let ring = if n % 2 == 0 { vec![a, b, centre, a] } else { vec![centre, b, a, centre] };
                Area::new(vec![Polygon { rings: vec![ring] }]).unwrap()
            })
            .collect();
        for (x, y) in points {
            let point = at(f64::from(x) / 100.0, f64::from(y) / 100.0);
            prop_assert_eq!(parts.iter().filter(|part| part.holds(point)).count(), 1, "{:?}", point);
        }
    }

    #[test]
    fn areas_meet_when_another_library_says_so(
        a in proptest::collection::vec((0..12_i32, 0..12_i32), 3),
        b in proptest::collection::vec((0..12_i32, 0..12_i32), 3),
    ) {
        let doubled = |t: &[(i32, i32)]| (t[1].0 - t[0].0) * (t[2].1 - t[0].1) - (t[1].1 - t[0].1) * (t[2].0 - t[0].0);
        prop_assume!(doubled(&a) != 0 && doubled(&b) != 0);
        let mine = |t: &[(i32, i32)]| {
            let ring = [0, 1, 2, 0].map(|n: usize| at(f64::from(t[n].0), f64::from(t[n].1)));
            Area::new(vec![Polygon { rings: vec![ring.to_vec()] }]).unwrap()
        };
        let theirs = |t: &[(i32, i32)]| {
            let ring: Vec<(f64, f64)> = t.iter().map(|(x, y)| (f64::from(*x), f64::from(*y))).collect();
            geo::Polygon::new(geo::LineString::from(ring), vec![])
        };
        prop_assert_eq!(mine(&a).meets(&mine(&b)), theirs(&a).intersects(&theirs(&b)));
    }

    #[test]
    fn a_cover_holds_every_place_of_its_box(
        (west, south) in (-179.0..179.0_f64, -84.0..84.0_f64),
        (width, height) in (0.0..1.0_f64, 0.0..1.0_f64),
        (fx, fy) in (0.0..=1.0_f64, 0.0..=1.0_f64),
        level in 0..=LEVEL_MAX,
    ) {
        let bbox = BBox::new(west, south, west + width, south + height).unwrap();
        let inside = at((west + width * fx).min(bbox.east), (south + height * fy).min(bbox.north));
        let cover = Cell::cover(&bbox, level, 64);
        prop_assert!(cover.len() <= 64);
        prop_assert!(cover.contains(&Cell::at(cover[0].level, inside)));
    }

    #[test]
    fn a_geometry_survives_geojson(points in proptest::collection::vec((-180.0..180.0_f64, -90.0..90.0_f64), 3..9)) {
        let mut ring: Vec<LonLat> = points.iter().map(|(lon, lat)| at(*lon, *lat)).collect();
        let line = Shape::Line(vec![ring.clone()]);
        ring.push(ring[0]);
        let area = Shape::Area(Area::new(vec![Polygon { rings: vec![ring.clone()] }]).unwrap());
        for shape in [Shape::Point(ring[0]), line, area] {
            prop_assert_eq!(shape_from_geojson(&shape_to_geojson(&shape)).unwrap(), shape);
        }
    }
}
