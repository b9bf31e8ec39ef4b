//! Lists of assets as they come.

use expect_test::expect;

use super::*;

fn declared(datum: Datum) -> Declared {
    Declared {
        datum,
        kind: None,
        division: None,
    }
}

fn told(problems: &[LineProblem]) -> Vec<String> {
    problems
        .iter()
        .map(|p| format!("{} {} {} {:?}", p.line, p.field, p.code, p.value))
        .collect()
}

const LIST: &str = "编号,名称,类别,经度,纬度,行政区划,地址,联系人,电话,容量,单位\n\
    S1,某体育场,应急避难场所,125.32,43.88,220102,人民大街,张,10011112222,\"1,600人\",人\n\
    S2,某学校,shelter,125.33,43.89,220102,,,,很多,人\n\
    S3,,hospital,225.33,43.89,220102,,,,12,床\n\
    S4,某处,飞碟,125.33,43.89,220102,,,,,\n\
    S5,某医院,医院,125.33,,220102,,,,30,床\n\
    S1,某体育场,shelter,125.32,43.88,220102,,,,10,人\n";

#[test]
fn each_wrong_line_is_named_with_its_reason() {
    let (lines, problems) = read_table(
        &Table::read(LIST.as_bytes()).unwrap(),
        &declared(Datum::Wgs84),
    )
    .parts();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].draft.details["capacity"], 1600);
    assert_eq!(lines[0].draft.contacts[0].phone, "10011112222");
    expect![[r#"
        [
            "3 capacity not_a_number \"很多\"",
            "4 lon not_on_earth \"225.33 43.89\"",
            "4 name missing \"\"",
            "5 kind unknown_word \"飞碟\"",
            "6 lon not_a_number \"125.33 \"",
            "7 source_id repeated \"S1\"",
        ]
    "#]]
    .assert_debug_eq(&told(&problems));
}

#[test]
fn a_declared_gcj02_point_moves_half_a_kilometre() {
    let csv = "编号,名称,类别,经度,纬度,行政区划\n1,某医院,hospital,125.3265,43.8824,220102\n";
    let (lines, _) = read_table(
        &Table::read(csv.as_bytes()).unwrap(),
        &declared(Datum::Gcj02),
    )
    .parts();
    let position = &lines[0].draft.geometry.as_ref().unwrap()["coordinates"];
    let (lon, lat) = (position[0].as_f64().unwrap(), position[1].as_f64().unwrap());
    assert!(
        (lon - 125.32).abs() < 2e-4 && (lat - 43.88).abs() < 2e-4,
        "{lon} {lat}"
    );
}

#[test]
fn points_lines_and_areas_come_from_geojson() {
    let file = json!({ "type": "FeatureCollection", "features": [
        { "type": "Feature", "id": "a", "properties": { "name": "甲桥", "kind": "bridge", "load_limit_t": 30 },
          "geometry": { "type": "LineString", "coordinates": [[125.1, 43.8], [125.2, 43.8]] } },
        { "type": "Feature", "id": "b", "properties": { "name": "乙场所", "kind": "shelter", "capacity": 500 },
          "geometry": { "type": "Polygon", "coordinates": [[[125.1, 43.8], [125.2, 43.8], [125.2, 43.9], [125.1, 43.8]]] } },
        { "type": "Feature", "id": "c", "properties": { "name": "丙场所", "kind": "shelter", "capacity": 500 },
          "geometry": { "type": "Polygon", "coordinates": [[[125.1, 43.8], [125.2, 43.8]]] } },
    ]});
    let division = DivisionCode::parse("220102").ok();
    let declared = Declared {
        division,
        ..declared(Datum::Wgs84)
    };
    let (lines, problems) = read_geojson(file.to_string().as_bytes(), &declared)
        .unwrap()
        .parts();
    assert_eq!(
        lines
            .iter()
            .map(|line| line.source_id.as_str())
            .collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert_eq!(
        (problems[0].line, problems[0].code.as_str()),
        (3, "bad_geometry")
    );
    assert!(read_geojson(b"{}", &declared).is_err());
}
