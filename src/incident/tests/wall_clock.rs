//! Wall clocks without offset.

use crate::{
    incident::imports::wall_clock::{Doubt, read, usable, zone},
    platform::Millis,
};

fn at(text: &str, format: Option<&str>, zone_name: &str) -> Option<(i64, Option<Doubt>)> {
    read(text, format, &zone(zone_name).unwrap()).map(|read| (read.at.0, read.doubt))
}

#[test]
fn the_offset_changes_with_the_clock() {
    // 2016-03-13 02:00 is when New York set its clock forward: -05:00 before, -04:00 after.
    assert_eq!(
        at("2016-03-12 12:00:00", None, "America/New_York"),
        Some((1_457_802_000_000, None))
    );
    assert_eq!(
        at("2016-03-13 12:00:00", None, "America/New_York"),
        Some((1_457_884_800_000, None))
    );
}

#[test]
fn a_time_that_never_was_and_one_that_was_twice_are_read_and_marked() {
    let (never, doubt) = at("2016-03-13 02:30:00", None, "America/New_York").unwrap();
    assert_eq!(doubt, Some(Doubt::Never));
    assert_eq!(
        Millis(never),
        Millis(1_457_854_200_000),
        "as if the clock had gone on: 03:30 -04:00"
    );
    let (twice, doubt) = at("2016-11-06 01:30:00", None, "America/New_York").unwrap();
    assert_eq!(doubt, Some(Doubt::Twice));
    assert_eq!(twice, 1_478_410_200_000, "the first of the two, -04:00");
}

#[test]
fn usual_ways_of_writing_a_time_mean_the_same_moment() {
    let expected = Some((1_609_448_940_000, None));
    for text in [
        "2021-01-01 05:09:00",
        "2021-01-01T05:09:00",
        "2021/1/1 05:09",
        "20210101 050900",
        "2021年1月1日 05:09",
        "2020-12-31T21:09:00Z",
        "2021-01-01T05:09:00+08:00",
        "2021-01-01 05:09:00.000",
    ] {
        assert_eq!(at(text, None, "Asia/Shanghai"), expected, "{text}");
    }
    assert_eq!(
        at("01/01/2021 05h09", Some("%d/%m/%Y %Hh%M"), "Asia/Shanghai"),
        expected
    );
}

#[test]
fn nonsense_is_no_time() {
    for text in [
        "",
        "yesterday",
        "2021-13-01 00:00:00",
        "2021-02-30 00:00",
        "註：本表",
    ] {
        assert_eq!(at(text, None, "Asia/Shanghai"), None, "{text}");
    }
    assert!(zone("Asia/Changchun").is_none());
    assert!(usable("%d.%m.%Y %H:%M") && !usable("%d.%m.%Y") && !usable("%Q"));
}
