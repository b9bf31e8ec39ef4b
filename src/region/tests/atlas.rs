//! Where a point lies and what a name finds, on drawn squares.

use jiff::civil::date;

use super::*;
use crate::region::link::Shape;
use crate::region::model::{DivisionKind, Validity};

fn code(text: &str) -> DivisionCode {
    DivisionCode::parse(text).expect("a code")
}

fn division(text: &str, name: &str, valid: Validity) -> Division {
    let code = code(text);
    Division {
        kind: DivisionKind::of(&code, name),
        pinyin: pinyin::usual(name),
        name: name.to_owned(),
        code,
        valid,
        successor: None,
        seat: None,
        version: 1,
    }
}

/// The square from `(west, south)` to `(east, north)`.
fn square(text: &str, from: Option<Date>, [west, south, east, north]: [f64; 4]) -> Boundary {
    let ring = [
        [west, south],
        [east, south],
        [east, north],
        [west, north],
        [west, south],
    ];
    let ring: Vec<String> = ring
        .iter()
        .map(|[lon, lat]| format!("[{lon},{lat}]"))
        .collect();
    let json = format!(
        r#"{{"type":"Polygon","coordinates":[[{}]]}}"#,
        ring.join(",")
    );
    Boundary {
        code: code(text),
        from,
        area: crate::region::link::from_text(&json).expect("a square"),
        datum_in: "wgs84".to_owned(),
        source: "drawn".to_owned(),
        repaired: None,
    }
}

fn place(lon: f64, lat: f64) -> LonLat {
    LonLat::new(lon, lat).expect("a place")
}

const OPEN: Validity = Validity {
    from: None,
    until: None,
};

/// 长春 is the square 0–2 × 0–1: 南关 its west half, 二道 its east half. 公主岭 lies west of it, −1–0 × 0–1,
/// under 四平 until 2020-06-19.
fn sheet() -> Sheet {
    let day = Some(date(2020, 6, 19));
    Sheet::new(
        vec![
            division("22", "吉林省", OPEN),
            division("2201", "长春市", OPEN),
            division("2203", "四平市", OPEN),
            division("220102", "南关区", OPEN),
            division("220105", "二道区", OPEN),
            division("220106", "绿园区", OPEN),
            division("220173", "长春高新技术产业开发区", OPEN),
            division(
                "220184",
                "公主岭市",
                Validity {
                    from: day,
                    until: None,
                },
            ),
            division(
                "220381",
                "公主岭市",
                Validity {
                    from: None,
                    until: day,
                },
            ),
            division("110105", "朝阳区", OPEN),
        ],
        vec![
            square("2201", None, [0.0, 0.0, 2.0, 1.0]),
            square("2201", day, [-1.0, 0.0, 2.0, 1.0]),
            square("220102", None, [0.0, 0.0, 1.0, 1.0]),
            square("220105", None, [1.0, 0.0, 2.0, 1.0]),
            square("220184", None, [-1.0, 0.0, 0.0, 1.0]),
            square("220381", None, [-1.0, 0.0, 0.0, 1.0]),
        ],
    )
}

fn at(sheet: &Sheet, lon: f64, lat: f64, on: Date) -> Option<String> {
    sheet
        .at(place(lon, lat), on)
        .map(|one| one.code.to_string())
}

#[test]
fn a_place_lies_in_the_smallest_division_of_that_day() {
    let sheet = sheet();
    let (before, day) = (date(2020, 6, 18), date(2020, 6, 19));
    assert_eq!(at(&sheet, 0.5, 0.5, day).as_deref(), Some("220102"));
    assert_eq!(at(&sheet, -0.5, 0.5, before).as_deref(), Some("220381"));
    assert_eq!(at(&sheet, -0.5, 0.5, day).as_deref(), Some("220184"));
    assert_eq!(at(&sheet, 5.0, 5.0, day), None);
    let lineage: Vec<_> = sheet
        .lineage(&code("220184"))
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(lineage, ["吉林省", "长春市", "公主岭市"]);
    assert_eq!(sheet.full_name(&code("220381")), "吉林省四平市公主岭市");
}

#[test]
fn a_point_on_a_border_lies_in_exactly_one_division() {
    let sheet = sheet();
    let day = date(2024, 1, 1);
    // Between two counties, at their common corner, on the outer west and south, outer east and north.
    assert_eq!(at(&sheet, 1.0, 0.5, day).as_deref(), Some("220105"));
    assert_eq!(at(&sheet, 0.0, 0.5, day).as_deref(), Some("220102"));
    assert_eq!(at(&sheet, 1.0, 0.0, day).as_deref(), Some("220105"));
    assert_eq!(at(&sheet, -1.0, 0.5, day).as_deref(), Some("220184"));
    assert_eq!(at(&sheet, 2.0, 0.5, day), None);
    assert_eq!(at(&sheet, 0.5, 1.0, day), None);
}

#[test]
fn boundaries_of_a_day_are_the_ones_in_force() {
    let sheet = sheet();
    let width = |day| {
        let bbox = sheet.area(&code("2201"), day).expect("a boundary").bbox();
        bbox.east - bbox.west
    };
    assert_eq!(
        (width(date(2019, 1, 1)), width(date(2021, 1, 1))),
        (2.0, 3.0)
    );
    assert!(
        sheet.area(&code("220173"), date(2021, 1, 1)).is_none(),
        "a zone has no polygon"
    );
    let text = crate::region::link::to_text(
        sheet
            .area(&code("220102"), date(2021, 1, 1))
            .expect("an area"),
    );
    let again = crate::region::link::from_text(&text).expect("an area");
    assert_eq!(Shape::Area(again).bbox().east, 1.0);
}

#[test]
fn a_search_takes_names_pinyin_initials_and_codes() {
    let sheet = sheet();
    let find = |words: &str| {
        let search = Search {
            words: words.to_owned(),
            on: Some(date(2024, 1, 1)),
            ..Search::default()
        };
        sheet
            .search(&search, 0, 10)
            .iter()
            .map(|one| one.code.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(find("南关"), ["220102"]);
    for spelled in ["lvyuan", "Lü Yuan", "luyuan", "lyq"] {
        assert_eq!(find(spelled), ["220106"], "{spelled}");
    }
    assert_eq!(find("chaoyang"), ["110105"]);
    assert_eq!(find("长春"), ["2201", "220173"]);
    assert_eq!(find("220102"), ["220102"]);
    assert_eq!(find("220100"), ["2201"]);
    assert_eq!(find("公主岭"), ["220184"]);
    assert_eq!(find("-"), Vec::<String>::new());
}

#[test]
fn a_search_can_be_bound_to_a_subtree_and_a_level() {
    let sheet = sheet();
    let under = Search {
        under: Some(code("2201")),
        level: Some(Level::County),
        ..Search::default()
    };
    let codes: Vec<_> = sheet
        .search(&under, 0, 10)
        .iter()
        .map(|one| one.code.to_string())
        .collect();
    assert_eq!(codes, ["220102", "220105", "220106", "220173", "220184"]);
    assert_eq!(sheet.search(&under, 3, 1)[0].code.as_str(), "220173");
}
