//! Figures as a series.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::{
    incident::{
        figures::{AHEAD_MS, Figure, FigureKey, FigureRefusal, check, known_at, newest},
        model::FigureId,
    },
    platform::Millis,
};

fn figure(key: FigureKey, value: i64, as_of: i64, recorded_at: i64) -> Figure {
    Figure {
        id: FigureId::new(Millis(recorded_at)),
        key,
        value,
        as_of: Millis(as_of),
        source: "市医院".to_owned(),
        recorded_by: "account".to_owned(),
        recorded_by_name: "值班员".to_owned(),
        recorded_at: Millis(recorded_at),
    }
}

#[test]
fn a_figure_of_an_earlier_moment_written_later_does_not_hide_the_newer_one() {
    let series = [
        figure(FigureKey::Dead, 3, 100, 110),
        figure(FigureKey::Dead, 2, 50, 120),
    ];
    assert_eq!(newest(&series)[&FigureKey::Dead].value, 3);
}

#[test]
fn a_correction_of_the_same_moment_wins() {
    let series = [
        figure(FigureKey::Dead, 3, 100, 110),
        figure(FigureKey::Dead, 2, 100, 120),
    ];
    assert_eq!(newest(&series)[&FigureKey::Dead].value, 2);
    assert_eq!(
        known_at(&series, Millis(115)),
        BTreeMap::from([(FigureKey::Dead, 3)]),
        "what a report of then froze"
    );
    assert_eq!(known_at(&series, Millis(109)), BTreeMap::new());
}

#[test]
fn figures_out_of_the_world_are_refused() {
    let now = Millis(1_000_000);
    let check = |value, source, as_of| check(FigureKey::Dead, value, source, Millis(as_of), now);
    assert_eq!(check(0, "现场", now.0), Ok(()));
    assert!(matches!(
        check(-1, "现场", now.0),
        Err(FigureRefusal::OutOfRange { .. })
    ));
    assert_eq!(check(1, " ", now.0), Err(FigureRefusal::SourceMissing));
    assert_eq!(check(1, "现场", now.0 + AHEAD_MS), Ok(()));
    assert!(matches!(
        check(1, "现场", now.0 + AHEAD_MS + 1),
        Err(FigureRefusal::FromTheFuture { .. })
    ));
}

proptest! {
    #[test]
    fn the_header_does_not_depend_on_the_order_of_rows(
        rows in prop::collection::vec((0_usize..8, 0_i64..50, 0_i64..20, 0_i64..20), 0..30),
        seed in any::<u64>(),
    ) {
        let series: Vec<Figure> =
            rows.iter().map(|&(key, value, as_of, at)| figure(FigureKey::ALL[key], value, as_of, at)).collect();
        let mut shuffled = series.clone();
        if !shuffled.is_empty() {
            let by = seed as usize % shuffled.len();
            shuffled.rotate_left(by);
            shuffled.reverse();
        }
        prop_assert_eq!(newest(&series), newest(&shuffled));
        prop_assert_eq!(
            known_at(&series, Millis(i64::MAX)),
            newest(&series).into_iter().map(|(key, figure)| (key, figure.value)).collect::<BTreeMap<_, _>>()
        );
    }
}
