//! Turns the lines of a CSV list, or the features of a GeoJSON file, into drafts; names what is wrong with each.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{
    kind::Kind,
    model::{Contact, Datum, Draft, Status, to_wgs84},
};
use crate::{
    platform::{
        import::{Line, LineProblem, List},
        tabular::{Row, Table, tidy},
    },
    region::DivisionCode,
};

/// What holds for the whole file where a line says nothing.
#[derive(Debug, Clone)]
pub struct Declared {
    pub datum: Datum,
    pub kind: Option<&'static Kind>,
    pub division: Option<DivisionCode>,
}

/// Names a list may give a column, ours first.
const NAMES: &[(&str, &[&str])] = &[
    ("source_id", &["编号", "序号", "id", "source_id", "@id"]),
    ("kind", &["类别", "种类", "kind"]),
    ("name", &["名称", "name"]),
    ("division", &["行政区划", "行政区划代码", "division"]),
    ("address", &["地址", "address"]),
    ("lon", &["经度", "lon", "lng", "longitude"]),
    ("lat", &["纬度", "lat", "latitude"]),
    ("geometry", &["图形", "geometry"]),
    ("org", &["权属单位", "主管单位", "org", "operator"]),
    ("contact", &["联系人", "contact"]),
    ("phone", &["电话", "联系电话", "手机", "phone"]),
    ("status", &["状态", "status"]),
    ("measure", &["容量", "数量"]),
];

/// Values by our name, as text, whatever the file was.
struct Record {
    line: u64,
    values: BTreeMap<String, String>,
    geometry: Option<Value>,
}

impl Record {
    fn get(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }
}

/// Reads a CSV table; geometries of good lines are WGS-84 then.
#[must_use]
pub fn read_table(table: &Table, declared: &Declared) -> List<Draft> {
    let columns: Vec<(String, usize)> = table
        .header
        .iter()
        .enumerate()
        .map(|(at, title)| {
            let ours = NAMES
                .iter()
                .find(|(_, names)| names.iter().any(|name| name.eq_ignore_ascii_case(title)));
            (
                ours.map_or_else(|| title.clone(), |(name, _)| (*name).to_owned()),
                at,
            )
        })
        .collect();
    let record = |row: &Row| Record {
        line: row.line,
        values: columns
            .iter()
            .map(|(name, at)| (name.clone(), row.cell(Some(*at)).to_owned()))
            .collect(),
        geometry: None,
    };
    List::of(
        table
            .rows
            .iter()
            .map(|row| read_record(&record(row), declared)),
    )
}

/// Reads a GeoJSON FeatureCollection; lines are numbers of features.
///
/// # Errors
/// When it is not one.
pub fn read_geojson(bytes: &[u8], declared: &Declared) -> Result<List<Draft>, ()> {
    let collection: Value = serde_json::from_slice(bytes).map_err(drop)?;
    let features = collection
        .get("features")
        .and_then(Value::as_array)
        .ok_or(())?;
    let text = |value: &Value| match value {
        Value::String(text) => tidy(text),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let record = |(at, feature): (usize, &Value)| {
        let mut values = BTreeMap::new();
        if let Some(id) = feature.get("id") {
            values.insert("source_id".to_owned(), text(id));
        }
        for (key, value) in feature
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let ours = NAMES
                .iter()
                .find(|(_, names)| names.iter().any(|name| name.eq_ignore_ascii_case(key)));
            values.insert(
                ours.map_or_else(|| key.clone(), |(name, _)| (*name).to_owned()),
                text(value),
            );
        }
        Record {
            line: at as u64 + 1,
            values,
            geometry: feature.get("geometry").filter(|g| !g.is_null()).cloned(),
        }
    };
    let records = features.iter().enumerate().map(record);
    Ok(List::of(
        records.map(|record| read_record(&record, declared)),
    ))
}

fn read_record(record: &Record, declared: &Declared) -> Result<Line<Draft>, Vec<LineProblem>> {
    let mut problems = Vec::new();
    let mut wrong = |field: &str, code: &str, value: &str| {
        problems.push(LineProblem::new(record.line, field, code, value));
    };
    let kind = match record.get("kind") {
        "" => declared.kind,
        word => Kind::parse(word).or(declared.kind),
    };
    if kind.is_none() {
        wrong("kind", "unknown_word", record.get("kind"));
    }
    let division = match record.get("division") {
        "" => declared.division.clone(),
        text => DivisionCode::parse(text).ok(),
    };
    if division.is_none() {
        wrong("division", "not_a_division", record.get("division"));
    }
    let geometry = match geometry(record, declared.datum) {
        Ok(geometry) => geometry,
        Err((field, code, value)) => {
            wrong(field, code, &value);
            None
        }
    };
    let status = match record.get("status") {
        "" | "在用" | "正常" | "in_use" => Status::InUse,
        "停用" | "维修" | "损坏" | "out_of_use" => Status::OutOfUse,
        "撤销" | "removed" => Status::Removed,
        word => {
            wrong("status", "unknown_word", word);
            Status::InUse
        }
    };
    let mut details = Map::new();
    for field in kind.map_or(&[][..], |kind| kind.fields) {
        let own = [record.get(field.name), record.get(field.zh)]
            .into_iter()
            .find(|text| !text.is_empty());
        let measure =
            (kind.and_then(|kind| kind.measure) == Some(field.name)).then(|| record.get("measure"));
        let Some(text) = own.or(measure).filter(|text| !text.is_empty()) else {
            continue;
        };
        match field.value.parse(text) {
            Some(value) => drop(details.insert(field.name.to_owned(), value)),
            None => wrong(field.name, "not_a_number", text),
        }
    }
    let contact = || Contact {
        role: String::new(),
        name: record.get("contact").to_owned(),
        phone: record.get("phone").to_owned(),
    };
    if let (Some(kind), Some(division)) = (kind, division) {
        let draft = Draft {
            kind: kind.code.to_owned(),
            name: record.get("name").to_owned(),
            division,
            address: record.get("address").to_owned(),
            geometry,
            datum: Datum::Wgs84,
            org: record.get("org").to_owned(),
            contacts: if record.get("phone").is_empty() {
                Vec::new()
            } else {
                vec![contact()]
            },
            status,
            details,
        };
        let known: BTreeSet<String> = problems
            .iter()
            .map(|problem| problem.field.clone())
            .collect();
        let also = draft
            .wrongs()
            .into_iter()
            .filter(|wrong| !known.contains(&wrong.field));
        problems.extend(
            also.map(|wrong| LineProblem::new(record.line, &wrong.field, wrong.code, &wrong.value)),
        );
        if problems.is_empty() {
            let source_id = match record.get("source_id") {
                "" => format!("{}|{}|{}", draft.kind, draft.name, draft.address),
                id => id.to_owned(),
            };
            return Ok(Line {
                line: record.line,
                source_id,
                draft,
            });
        }
    }
    Err(problems)
}

type Bad = (&'static str, &'static str, String);

fn geometry(record: &Record, datum: Datum) -> Result<Option<Value>, Bad> {
    let geometry = match (
        &record.geometry,
        record.get("lon"),
        record.get("lat"),
        record.get("geometry"),
    ) {
        (Some(geometry), ..) => geometry.clone(),
        (None, "", "", "") => return Ok(None),
        (None, "", "", text) => {
            serde_json::from_str(text).map_err(|_| ("geometry", "bad_geometry", text.to_owned()))?
        }
        (None, lon, lat, _) => {
            let bad = || ("lon", "not_a_number", format!("{lon} {lat}"));
            let (lon, lat): (f64, f64) = (
                lon.parse().map_err(|_| bad())?,
                lat.parse().map_err(|_| bad())?,
            );
            let on_earth = (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat);
            if !on_earth || (lon == 0.0 && lat == 0.0) {
                return Err(("lon", "not_on_earth", format!("{lon} {lat}")));
            }
            json!({ "type": "Point", "coordinates": [lon, lat] })
        }
    };
    to_wgs84(&geometry, datum)
        .map(Some)
        .map_err(|why| ("geometry", "bad_geometry", why.to_string()))
}

#[cfg(test)]
#[path = "tests/imports.rs"]
mod tests;
