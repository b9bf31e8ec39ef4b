//! Groups of reports: a seeded city of calls with known truth.

use std::collections::BTreeMap;

use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};

use crate::{
    incident::{
        category::Category,
        duplicate::Sighting,
        model::{IncidentId, Point},
        proposal::{Group, count_crowds, groups},
    },
    platform::Millis,
};

const EVENTS: usize = 150;
const CALLS: usize = 1_000;

struct City {
    calls: Vec<(IncidentId, Sighting)>,
    /// Which event each call tells of.
    truth: BTreeMap<IncidentId, usize>,
}

/// 150 events within three days; most calls of an event come in the first minutes, from people who stand around it
/// and say the same place in their own words.
fn city(seed: u64) -> City {
    const KINDS: [&str; 6] = [
        "accident.transport.road",
        "accident.work_safety.fire",
        "accident.facility.gas",
        "natural.flood.urban",
        "security.mass",
        "natural.geology",
    ];
    const ROADS: [&str; 12] = [
        "人民大街",
        "解放大路",
        "自由大路",
        "南湖大路",
        "卫星路",
        "东盛大街",
        "临河街",
        "亚泰大街",
        "西安大路",
        "景阳大路",
        "普阳街",
        "同志街",
    ];
    let mut rng = StdRng::seed_from_u64(seed);
    let events: Vec<(Sighting, String)> = (0..EVENTS)
        .map(|_| {
            let category = *KINDS.choose(&mut rng).unwrap();
            let address = format!(
                "{}{}号",
                ROADS.choose(&mut rng).unwrap(),
                rng.random_range(1..3_000)
            );
            let first = Sighting {
                category: Category::parse(category),
                point: Point::new(rng.random_range(125.1..125.5), rng.random_range(43.7..44.0)),
                accuracy_m: None,
                address: address.clone(),
                subject: String::new(),
                service: String::new(),
                phones: vec![],
                at: Millis(rng.random_range(0..3 * Millis::DAY)),
                crowd: 0,
            };
            (first, address)
        })
        .collect();
    let mut told: Vec<(usize, Sighting)> = (0..CALLS)
        .map(|call| {
            let event = if call < EVENTS {
                call
            } else {
                rng.random_range(0..EVENTS)
            };
            let (first, address) = &events[event];
            let spread_m: f64 = *[20.0, 80.0, 200.0].choose(&mut rng).unwrap();
            let mut point = first.point.unwrap();
            point.lat += rng.random_range(-1.0..1.0) * spread_m / 111_195.0;
            point.lon += rng.random_range(-1.0..1.0) * spread_m / 80_000.0;
            let words = match rng.random_range(0..4) {
                0 => String::new(),
                1 => format!("{address}附近"),
                _ => address.clone(),
            };
            let sighting = Sighting {
                point: (rng.random_range(0..20) > 0 || words.is_empty()).then_some(point),
                accuracy_m: Some(spread_m),
                address: words,
                service: (*["110", "119", "120", "122"].choose(&mut rng).unwrap()).to_owned(),
                phones: vec![format!("138{:08}", rng.random_range(0..100_000_000))],
                at: first.at.plus(rng.random_range(0..30 * Millis::MINUTE)),
                ..first.clone()
            };
            (event, sighting)
        })
        .collect();
    told.sort_by_key(|(_, sighting)| sighting.at);
    let mut calls = Vec::new();
    let mut truth = BTreeMap::new();
    for (number, (event, sighting)) in told.into_iter().enumerate() {
        let id = IncidentId::parse(&format!("00000000-0000-7000-8000-{number:012x}")).unwrap();
        truth.insert(id.clone(), event);
        calls.push((id, sighting));
    }
    City { calls, truth }
}

#[test]
fn a_thousand_calls_of_a_hundred_and_fifty_events_are_grouped_well() {
    for seed in 1..=5 {
        let City { mut calls, truth } = city(seed);
        count_crowds(&mut calls);
        let groups = groups(&calls);
        let proposed: usize = groups.iter().map(|group| group.others.len()).sum();
        let told_of = |group: &Group| truth[&group.keep];
        let right: usize = groups
            .iter()
            .map(|group| {
                group
                    .others
                    .iter()
                    .filter(|member| truth[&member.id] == told_of(group))
                    .count()
            })
            .sum();
        // Every event needs all its calls but the first to be merged.
        let (recall, precision) = (
            right as f64 / (CALLS - EVENTS) as f64,
            right as f64 / proposed as f64,
        );
        println!("seed {seed}: recall {recall:.3}, precision {precision:.3}");
        assert!(recall >= 0.95, "recall {recall}");
        assert!(precision >= 0.8, "precision {precision}");
    }
}

#[test]
fn a_group_does_not_creep_from_report_to_report() {
    let report = |minute: i64, north_m: f64| Sighting {
        category: Category::parse("accident.transport.road"),
        point: Point::new(125.3, 43.9 + north_m / 111_195.0),
        accuracy_m: None,
        address: String::new(),
        subject: "交通事故".to_owned(),
        service: "122".to_owned(),
        phones: vec![],
        at: Millis(minute * Millis::MINUTE),
        crowd: 0,
    };
    // A pile of accidents along a road, each 400 m and 10 minutes after the other.
    let calls: Vec<_> = (0..10)
        .map(|n| {
            let id = IncidentId::parse(&format!("00000000-0000-7000-8000-{n:012x}")).unwrap();
            (id, report(n * 10, n as f64 * 400.0))
        })
        .collect();
    for group in groups(&calls) {
        assert!(group.others.len() <= 1, "{group:?}");
    }
}
