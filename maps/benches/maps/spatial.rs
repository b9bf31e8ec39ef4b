//! Spatial questions over a million points and a hundred thousand areas.

use std::time::Instant;

use fenghuotai_maps::geom::{Area, BBox, LonLat, Polygon, Shape};
use fenghuotai_maps::query::SpatialSet;
use serde_json::{Value, json};

use crate::usage::{quantile, resident_kib, round};
use crate::{Chance, Scale};

const TOWNS: usize = 60;
const WEST: f64 = 121.6;
const SOUTH: f64 = 40.9;
const WIDTH: f64 = 9.7;
const HEIGHT: f64 = 5.4;
const METRES_PER_DEGREE: f64 = 111_195.0;

pub fn run(scale: Scale, say: &impl Fn(&Value)) {
    let mut chance = Chance::new(20_261_122);
    let towns: Vec<LonLat> = (0..TOWNS).map(|_| anywhere(&mut chance)).collect();
    let places: Vec<LonLat> = (0..scale.points)
        .map(|_| somewhere(&mut chance, &towns))
        .collect();
    let areas: Vec<Area> = (0..scale.areas)
        .map(|_| {
            let centre = somewhere(&mut chance, &towns);
            let radius_m = chance.between(50.0, 800.0);
            star(&mut chance, centre, radius_m, 8, 40)
        })
        .collect();

    let before = resident_kib();
    let started = Instant::now();
    let points = SpatialSet::build(
        places
            .iter()
            .enumerate()
            .map(|(n, place)| (n as u32, Shape::Point(*place))),
    );
    say(
        &json!({ "bench": "maps.spatial.build", "what": "points", "count": scale.points,
        "ms": round(started.elapsed().as_secs_f64() * 1e3), "mib": (resident_kib().saturating_sub(before)) / 1024 }),
    );
    let started = Instant::now();
    let zones = SpatialSet::build(
        areas
            .iter()
            .cloned()
            .enumerate()
            .map(|(n, area)| (n as u32, Shape::Area(area))),
    );
    say(
        &json!({ "bench": "maps.spatial.build", "what": "areas", "count": scale.areas,
        "ms": round(started.elapsed().as_secs_f64() * 1e3) }),
    );

    let at: Vec<LonLat> = (0..scale.queries)
        .map(|_| somewhere(&mut chance, &towns))
        .collect();
    let stars: Vec<Area> = at
        .iter()
        .map(|centre| {
            let radius_m = chance.between(1_000.0, 3_000.0);
            star(&mut chance, *centre, radius_m, 20, 20)
        })
        .collect();
    let limit = usize::MAX;
    let case = |name: &str, ask: &dyn Fn(usize) -> usize| measure(say, scale.queries, name, ask);
    case("radius_1km", &|n| {
        points.within_radius(at[n], 1_000.0, limit).hits.len()
    });
    case("bbox_2km", &|n| {
        points.in_bbox(&around(at[n], 1_000.0), limit).hits.len()
    });
    case("bbox_20km", &|n| {
        points.in_bbox(&around(at[n], 10_000.0), limit).hits.len()
    });
    case("nearest_10_of_10_percent", &|n| {
        points.nearest(at[n], 10, |key| key % 10 == 0).hits.len()
    });
    case("points_in_polygon", &|n| {
        points.in_area(&stars[n], limit).hits.len()
    });
    case("polygons_meet_polygon", &|n| {
        zones.in_area(&stars[n], limit).hits.len()
    });
    case("polygons_at_point", &|n| {
        zones.areas_at(at[n], limit).hits.len()
    });
}

fn measure(say: &impl Fn(&Value), queries: usize, name: &str, ask: &dyn Fn(usize) -> usize) {
    // One round to warm, one to measure.
    let mut hits: usize = (0..queries).map(ask).sum();
    let mut us: Vec<f64> = Vec::with_capacity(queries);
    for n in 0..queries {
        let started = Instant::now();
        hits += std::hint::black_box(ask(n));
        us.push(started.elapsed().as_secs_f64() * 1e6);
    }
    us.sort_by(f64::total_cmp);
    say(&json!({
        "bench": "maps.spatial.query", "case": name, "queries": queries,
        "p50_us": round(quantile(&us, 0.5)), "p99_us": round(quantile(&us, 0.99)),
        "mean_hits": round(hits as f64 / (2 * queries) as f64),
    }));
}

fn anywhere(chance: &mut Chance) -> LonLat {
    place(WEST + chance.unit() * WIDTH, SOUTH + chance.unit() * HEIGHT)
}

/// Four of five in a town, the others anywhere.
fn somewhere(chance: &mut Chance, towns: &[LonLat]) -> LonLat {
    if chance.unit() < 0.2 {
        return anywhere(chance);
    }
    let town = towns[chance.draw() as usize % towns.len()];
    place(
        town.lon() + chance.gauss() * 0.06,
        town.lat() + chance.gauss() * 0.045,
    )
}

fn place(lon: f64, lat: f64) -> LonLat {
    LonLat::new(lon, lat).expect("the province lies on the earth")
}

fn star(chance: &mut Chance, centre: LonLat, radius_m: f64, fewest: usize, most: usize) -> Area {
    let corners = fewest + chance.draw() as usize % (most - fewest + 1);
    let shrink = centre.lat().to_radians().cos();
    let mut ring: Vec<LonLat> = (0..corners)
        .map(|n| {
            let turn = n as f64 / corners as f64 * std::f64::consts::TAU;
            let reach = radius_m * chance.between(0.6, 1.0) / METRES_PER_DEGREE;
            place(
                centre.lon() + turn.cos() * reach / shrink,
                centre.lat() + turn.sin() * reach,
            )
        })
        .collect();
    ring.push(ring[0]);
    Area::new(vec![Polygon { rings: vec![ring] }]).expect("a star has corners")
}

fn around(centre: LonLat, half_m: f64) -> BBox {
    let (dy, dx) = (
        half_m / METRES_PER_DEGREE,
        half_m / METRES_PER_DEGREE / centre.lat().to_radians().cos(),
    );
    BBox::new(
        centre.lon() - dx,
        centre.lat() - dy,
        centre.lon() + dx,
        centre.lat() + dy,
    )
    .expect("a box")
}
