//! Rows into calls: hostile files, encodings, impossible places.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::{
    incident::{
        imports::{
            plan::{Area, Columns, Plan, ServiceRule},
            reading::{Outcome, Reading, survey},
            words,
        },
        lifecycle::Status,
        model::Datum,
    },
    platform::{Millis, text::Encoding},
};

fn plan() -> Plan {
    let name = |text: &str| Some(text.to_owned());
    Plan {
        source: "montgomery-911".to_owned(),
        encoding: Encoding::Utf8,
        delimiter: ',',
        columns: Columns {
            received_at: vec!["timeStamp".to_owned()],
            lon: name("lng"),
            lat: name("lat"),
            address: vec!["addr".to_owned(), "twp".to_owned()],
            subject: name("title"),
            text: name("desc"),
            ..Columns::default()
        },
        datum: Datum::Wgs84,
        zone: "America/New_York".to_owned(),
        time_format: None,
        area: Area::default(),
        services: vec![
            ServiceRule {
                starts_with: "EMS:".to_owned(),
                service: "120".to_owned(),
            },
            ServiceRule {
                starts_with: "Traffic:".to_owned(),
                service: "122".to_owned(),
            },
        ],
        categories: vec![],
        default_category: "accident".to_owned(),
        division: "22".to_owned(),
        status: Status::Reported,
        exercise: false,
    }
}

const HEADER: &str = "lat,lng,desc,zip,title,timeStamp,twp,addr,e\n";

fn read(text: &[u8], plan: &Plan) -> Vec<Outcome> {
    let (bounds, _) = survey(text, plan).unwrap();
    Reading::new(text, plan, bounds)
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

fn codes(outcomes: &[Outcome]) -> Vec<(u64, &'static str)> {
    outcomes
        .iter()
        .flat_map(|outcome| &outcome.problems)
        .map(|p| (p.line, p.code.as_str()))
        .collect()
}

#[test]
fn a_row_becomes_a_call() {
    let row = "40.1161530,-75.3435130,AIRY ST; NORRISTOWN,19401,Traffic: VEHICLE ACCIDENT -,2015-12-10 17:40:01,NORRISTOWN,AIRY ST & SWEDE ST,1\n";
    let outcomes = read(format!("{HEADER}{row}").as_bytes(), &plan());
    let call = outcomes[0].call.as_ref().unwrap();
    assert_eq!(call.line, 2);
    assert_eq!(call.received_at, Millis(1_449_787_201_000));
    assert_eq!(
        (call.service.as_str(), call.subject.as_str()),
        ("122", "VEHICLE ACCIDENT")
    );
    assert_eq!(call.category.slug(), "accident.transport.road");
    assert_eq!(call.place.text, "AIRY ST & SWEDE ST NORRISTOWN");
    assert_eq!(codes(&outcomes), []);
}

#[test]
fn impossible_places_are_named_by_line_and_the_call_is_kept_without_them() {
    let row = |lat: &str, lng: &str| {
        format!("{lat},{lng},d,,EMS: FALL VICTIM,2016-01-15 13:47:02,T,A,1\n")
    };
    let mut text = HEADER.to_owned();
    for n in 0..9 {
        text += &row(&format!("40.1{n}"), "-75.35");
    }
    text += &row("40.1600044", "-77.6868130");
    text += &row("0", "0");
    text += &row("91", "-75");
    text += &row("north", "-75");
    text += &row("", "");
    let mut bounded = plan();
    let expected = [
        (12, "place_null"),
        (13, "place_unreadable"),
        (14, "place_unreadable"),
        (15, "place_missing"),
    ];
    let mut by_distance = vec![(11, "place_far_from_all")];
    by_distance.extend(expected);
    let outcomes = read(text.as_bytes(), &bounded);
    assert_eq!(codes(&outcomes), by_distance);
    assert!(
        outcomes.iter().all(|outcome| outcome.call.is_some()),
        "no call is dropped"
    );
    assert!(
        outcomes[9..]
            .iter()
            .all(|outcome| outcome.call.as_ref().unwrap().place.point.is_none())
    );
    bounded.area = Area {
        bbox: Some([-75.8, 39.9, -74.9, 40.6]),
        farther_than_km: None,
    };
    assert_eq!(
        codes(&read(text.as_bytes(), &bounded))[0],
        (11, "place_outside_area")
    );
}

#[test]
fn a_row_without_time_and_a_footnote_are_refused_by_line() {
    let text = format!(
        "{HEADER}40.1,-75.3,d,,EMS: X,someday,T,A,1\n註：本表資料為111年\n40.1,-75.3,d,,EMS: X,2016-01-15 13:47:02,T,A,1\n"
    );
    let outcomes = read(text.as_bytes(), &plan());
    assert_eq!(
        codes(&outcomes),
        [(2, "time_unreadable"), (3, "shape_unlike")]
    );
    let crlf = read(text.replace('\n', "\r\n").as_bytes(), &plan());
    assert_eq!(
        codes(&crlf),
        codes(&outcomes),
        "lines are those of the file"
    );
    assert_eq!(
        outcomes
            .iter()
            .filter(|outcome| outcome.call.is_some())
            .count(),
        1
    );
}

#[test]
fn equal_rows_are_several_calls_and_the_same_file_yields_the_same_ids() {
    let row = "40.1,-75.3,d,,EMS: X,2016-01-15 13:47:02,T,A,1\n";
    let text = format!("{HEADER}{row}{row}");
    let ids = |text: &str| -> Vec<String> {
        read(text.as_bytes(), &plan())
            .into_iter()
            .map(|outcome| outcome.call.unwrap().source_id)
            .collect()
    };
    let first = ids(&text);
    assert_ne!(first[0], first[1]);
    assert_eq!(first, ids(&text));
    assert_eq!(
        first,
        ids(&format!("\u{FEFF}{}", text.replace('\n', "\r\n"))),
        "line ends and BOM are not content"
    );
}

#[test]
fn chinese_files_read_the_same_in_every_usual_encoding() {
    let text = "经度,纬度,接警时间,地址,类别,内容\n125.3245,43.8860,2026-01-02 03:04:05,人民大街,火灾,四楼冒烟\n";
    let mut plan = plan();
    let header: Vec<String> = text
        .lines()
        .next()
        .unwrap()
        .split(',')
        .map(str::to_owned)
        .collect();
    (plan.columns, plan.services) = words::suggest(&header, &[]);
    plan.zone = "Asia/Shanghai".to_owned();
    assert_eq!(plan.check(&header), Ok(()));
    let (gb, _, _) = encoding_rs::GB18030.encode(text);
    let (big5, _, _) = encoding_rs::BIG5.encode("經度,緯度\n");
    let utf16: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let files: [(Vec<u8>, Encoding); 4] = [
        (text.as_bytes().to_vec(), Encoding::Utf8),
        (format!("\u{FEFF}{text}").into_bytes(), Encoding::Utf8),
        (gb.into_owned(), Encoding::Gb18030),
        (utf16, Encoding::Utf16Le),
    ];
    let mut seen = BTreeSet::new();
    for (bytes, encoding) in files {
        assert_eq!(Encoding::guess(bytes.as_slice()).unwrap(), encoding);
        plan.encoding = encoding;
        let outcomes = read(&bytes, &plan);
        let call = outcomes[0].call.clone().unwrap();
        assert_eq!(call.place.text, "人民大街");
        assert_eq!(call.category.slug(), "accident.work_safety.fire");
        assert_eq!(call.received_at, Millis(1_767_294_245_000));
        seen.insert(call.source_id);
    }
    assert_eq!(
        seen.len(),
        1,
        "the same row in another encoding is the same row"
    );
    assert_eq!(
        Encoding::guess(big5.as_ref()).unwrap(),
        Encoding::Gb18030,
        "only a person can tell Big5"
    );
}

#[test]
fn the_wrong_encoding_is_noticed_by_line() {
    let (gb, _, _) =
        encoding_rs::GB18030.encode("40.1,-75.3,四楼冒烟,,EMS: X,2016-01-15 13:47:02,T,A,1\n");
    let text: Vec<u8> = HEADER.bytes().chain(gb.iter().copied()).collect();
    assert_eq!(codes(&read(&text, &plan())), [(2, "text_undecodable")]);
}

#[test]
fn gcj02_points_are_moved_back_by_half_a_kilometre() {
    let mut plan = plan();
    plan.datum = Datum::Gcj02;
    let text = format!("{HEADER}43.8884,125.3310,d,,EMS: X,2016-01-15 13:47:02,T,A,1\n");
    let point = read(text.as_bytes(), &plan)[0]
        .call
        .as_ref()
        .unwrap()
        .place
        .point
        .unwrap();
    assert!(
        (point.lon - 125.3245).abs() < 2e-4 && (point.lat - 43.8860).abs() < 2e-4,
        "{point:?}"
    );
}

#[test]
fn every_problem_of_a_plan_is_told_at_once() {
    let mut plan = plan();
    plan.source = " ".to_owned();
    plan.zone = "Mars/Olympus".to_owned();
    plan.columns.lat = Some("latitude".to_owned());
    plan.default_category = "nonsense".to_owned();
    plan.status = Status::Closed;
    let header: Vec<String> = HEADER.trim().split(',').map(str::to_owned).collect();
    assert_eq!(plan.check(&header).unwrap_err().problems.len(), 5);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic_and_every_row_has_one_outcome(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        encoding in prop::sample::select(vec![Encoding::Utf8, Encoding::Gb18030, Encoding::Big5, Encoding::Utf16Le]),
    ) {
        let mut text = HEADER.as_bytes().to_vec();
        text.extend(&bytes);
        let mut plan = plan();
        plan.encoding = encoding;
        let (bounds, rows) = survey(text.as_slice(), &plan).unwrap();
        let outcomes: Vec<_> = Reading::new(text.as_slice(), &plan, bounds).unwrap().collect();
        prop_assert_eq!(outcomes.len() as u64, rows);
        for outcome in outcomes {
            let outcome = outcome.unwrap();
            prop_assert!(outcome.call.is_some() || outcome.problems.iter().any(|p| p.code.refuses()));
        }
    }
}
