//! Duplicate scores: what counts for one incident, and what must not.

use proptest::prelude::*;

use crate::{
    incident::{
        category::Category,
        duplicate::{CROWD, Reason, Score, Sighting, WINDOW_MS, compare, digits},
        model::Point,
    },
    platform::Millis,
};

const CENTRE: Point = Point {
    lon: 125.3245,
    lat: 43.886,
};

fn sighting(category: &str, subject: &str, address: &str, service: &str, minute: i64) -> Sighting {
    Sighting {
        category: Category::parse(category),
        point: Some(CENTRE),
        accuracy_m: None,
        address: address.to_owned(),
        subject: subject.to_owned(),
        service: service.to_owned(),
        phones: vec![],
        at: Millis(minute * Millis::MINUTE),
        crowd: 0,
    }
}

fn accident(service: &str, minute: i64) -> Sighting {
    sighting(
        "accident.transport.road",
        "VEHICLE ACCIDENT",
        "人民大街与解放大路交汇",
        service,
        minute,
    )
}

fn moved(mut sighting: Sighting, metres_north: f64) -> Sighting {
    sighting.point = sighting.point.map(|point| Point {
        lat: point.lat + metres_north / 111_195.0,
        ..point
    });
    sighting
}

fn proposes(a: &Sighting, b: &Sighting) -> bool {
    compare(a, b).is_some_and(|score| score.proposes())
}

#[test]
fn one_accident_told_to_three_services_is_proposed_even_at_a_crowded_point() {
    for crowd in [0, CROWD, 1_000] {
        let told: Vec<Sighting> = [("122", 0), ("120", 4), ("119", 14)]
            .map(|(service, at)| Sighting {
                crowd,
                ..accident(service, at)
            })
            .into();
        assert!(
            proposes(&told[0], &told[1])
                && proposes(&told[0], &told[2])
                && proposes(&told[1], &told[2])
        );
    }
}

#[test]
fn different_addresses_behind_one_crowded_point_are_not_one() {
    let at = |address: &str, minute| Sighting {
        crowd: 766,
        ..sighting(
            "accident.transport.road",
            "VEHICLE ACCIDENT",
            address,
            "122",
            minute,
        )
    };
    let overpass = at("SCHUYLKILL EXPY & WEADLEY RD OVERPASS", 0);
    assert!(!proposes(
        &overpass,
        &at("SCHUYLKILL EXPY & CROTON RD UNDERPASS", 1)
    ));
    assert!(!proposes(&overpass, &at("5TH ST & DEAD END", 0)));
    assert!(
        !proposes(&overpass, &at("", 0)),
        "a crowded point without an address says nothing"
    );
    assert!(proposes(
        &overpass,
        &at("SCHUYLKILL EXPY & WEADLEY RD OVERPASS", 3)
    ));
}

#[test]
fn two_residents_of_one_home_falling_ill_are_two() {
    let ill = |subject, service, minute| {
        sighting("health.medical", subject, "幸福养老院", service, minute)
    };
    assert_eq!(
        compare(&ill("FALL VICTIM", "120", 0), &ill("FALL VICTIM", "120", 2)),
        None
    );
    assert_eq!(
        compare(
            &ill("FALL VICTIM", "120", 0),
            &ill("CARDIAC EMERGENCY", "119", 2)
        ),
        None
    );
    assert!(
        proposes(
            &ill("CARDIAC ARREST", "120", 0),
            &ill("CARDIAC ARREST", "119", 2)
        ),
        "one patient, two services"
    );
}

#[test]
fn the_same_caller_is_heard_whatever_he_calls_it() {
    let with = |category, phone: &str, minute| Sighting {
        phones: digits(phone).into_iter().collect(),
        ..sighting(category, "", "", "110", minute)
    };
    let smoke = with("accident.work_safety.fire", "+86 138-0431-0001", 0);
    let score = compare(&smoke, &with("security.crime", "13804310001", 10)).unwrap();
    assert!(score.proposes(), "{score:?}");
    assert!(
        score
            .evidence
            .iter()
            .any(|piece| piece.reason == Reason::SameCaller)
    );
    assert_eq!(
        compare(&smoke, &with("security.crime", "13804310002", 10)),
        None
    );
}

#[test]
fn the_radius_grows_with_the_vagueness_of_the_place() {
    let far = moved(accident("120", 0), 700.0);
    assert_eq!(compare(&accident("122", 0), &far), None, "beyond 500 m");
    let vague = Sighting {
        accuracy_m: Some(400.0),
        ..far
    };
    assert!(proposes(&accident("122", 0), &vague), "within twice 400 m");
}

#[test]
fn an_hour_is_the_limit_to_the_millisecond() {
    let (first, mut later) = (accident("122", 0), accident("120", 0));
    later.at = Millis(WINDOW_MS);
    assert!(compare(&first, &later).is_some());
    later.at = Millis(WINDOW_MS + 1);
    assert_eq!(compare(&first, &later), None);
}

#[test]
fn two_spellings_of_a_number_are_one() {
    assert_eq!(digits("+86 138-0431-0001"), digits("13804310001"));
    assert_eq!(digits("0431-8888 0000").as_deref(), Some("043188880000"));
    assert_eq!(digits("转 119"), None, "a service is no caller");
}

fn any_sighting() -> impl Strategy<Value = Sighting> {
    let category = prop::sample::select(Category::all().map(Category::slug).collect::<Vec<_>>());
    let words = prop::sample::select(vec![
        "",
        "人民大街100号",
        "南关区人民大街100号附近",
        "解放大路",
        "MAIN ST",
    ]);
    let phones = prop::sample::select(vec![
        vec![],
        vec!["13804310001".to_owned()],
        vec!["13804310002".to_owned()],
    ]);
    (
        category,
        words,
        phones,
        -2_000.0..2_000.0_f64,
        0_i64..200,
        0_usize..10,
        any::<bool>(),
    )
        .prop_map(
            |(category, address, phones, north, minute, crowd, somewhere)| {
                let base = moved(sighting(category, "", address, "110", minute), north);
                Sighting {
                    phones,
                    crowd,
                    point: base.point.filter(|_| somewhere),
                    ..base
                }
            },
        )
}

proptest! {
    #[test]
    fn comparing_is_symmetric_and_the_evidence_adds_up(a in any_sighting(), b in any_sighting()) {
        let score = compare(&a, &b);
        prop_assert_eq!(&score, &compare(&b, &a));
        if let Some(Score { total, evidence }) = score {
            prop_assert_eq!(total, evidence.iter().map(|piece| piece.points).sum::<i32>().clamp(0, 100));
            prop_assert!((a.at.0 - b.at.0).abs() <= WINDOW_MS);
        }
    }

    #[test]
    fn nearer_and_sooner_never_score_less(north in 0.0..400.0_f64, minute in 0_i64..59, less in 0.0..1.0_f64) {
        let here = accident("122", 0);
        let far = compare(&here, &moved(accident("120", minute), north)).unwrap().total;
        let near = compare(&here, &moved(accident("120", (minute as f64 * less) as i64), north * less)).unwrap().total;
        prop_assert!(near >= far, "{near} < {far}");
    }
}
