//! Reads a division list in the forms that are about: the statistics bureau's tree (JSON), its flat tables,
//! the areacity tables, and our own table with dates.

use csv::StringRecord;
use jiff::civil::Date;
use serde::Deserialize;

use super::model::DivisionKind;
use crate::platform::{
    tabular::{Broken, Records},
    text::{self, Encoding},
};

/// One row as the file has it; nothing of it is trusted yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Line in a CSV, running number in JSON; from 1.
    pub line: usize,
    pub code: String,
    pub name: String,
    /// Pinyin, when the file has it.
    pub pinyin: String,
    /// A second spelling of the code that must agree (`ext_id`).
    pub long_code: String,
    pub parent: String,
    pub kind: Option<DivisionKind>,
    pub from: Option<Date>,
    pub until: Option<Date>,
    pub successor: String,
    pub seat: Option<[f64; 2]>,
    /// A cell that could not be read: column and content.
    pub unreadable: Option<(&'static str, String)>,
}

/// Why a file is no division list at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAList {
    /// Neither UTF-8 nor GB 18030.
    Encoding,
    /// Neither a JSON tree nor a table whose first line names a code and a name.
    Form,
    /// JSON or CSV that breaks off; the line.
    Broken {
        line: usize,
        why: String,
    },
    TooLong,
}

/// The whole country down to villages has some 660,000 rows.
pub const ROWS_MAX: usize = 1_000_000;

#[derive(Deserialize)]
struct Node {
    code: String,
    name: String,
    #[serde(default)]
    children: Vec<Node>,
}

/// Reads the rows of a file.
///
/// # Errors
/// What makes it unusable as a whole; single wrong cells are left to the plan.
pub fn read(bytes: &[u8]) -> Result<Vec<Row>, NotAList> {
    let text = text::decode(bytes).ok_or(NotAList::Encoding)?;
    match text.trim_start().chars().next() {
        Some('[') => tree(&text),
        Some('{') | None => Err(NotAList::Form),
        Some(_) => table(&text),
    }
}

fn tree(text: &str) -> Result<Vec<Row>, NotAList> {
    let nodes: Vec<Node> = serde_json::from_str(text).map_err(|why| NotAList::Broken {
        line: why.line(),
        why: why.to_string(),
    })?;
    let mut rows = Vec::new();
    let mut open: Vec<(String, Node)> = nodes
        .into_iter()
        .rev()
        .map(|node| (String::new(), node))
        .collect();
    while let Some((parent, node)) = open.pop() {
        if rows.len() == ROWS_MAX {
            return Err(NotAList::TooLong);
        }
        let code = node.code;
        open.extend(
            node.children
                .into_iter()
                .rev()
                .map(|child| (code.clone(), child)),
        );
        rows.push(Row {
            line: rows.len() + 1,
            code,
            name: node.name,
            parent,
            ..Row::default()
        });
    }
    Ok(rows)
}

/// Columns by any of their known names.
struct Columns {
    code: usize,
    name: usize,
    short_name: Option<usize>,
    long_code: Option<usize>,
    parents: Vec<usize>,
    pinyin: Option<usize>,
    kind: Option<usize>,
    from: Option<usize>,
    until: Option<usize>,
    successor: Option<usize>,
    seat: Option<(usize, usize)>,
}

impl Columns {
    fn of(header: &csv::StringRecord) -> Option<Self> {
        let at = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| header.iter().position(|cell| cell.trim() == *name))
        };
        let short_name = at(&["name", "名称"]);
        Some(Self {
            code: at(&["code", "id", "代码"])?,
            name: at(&["ext_name"]).or(short_name)?,
            short_name,
            long_code: at(&["ext_id"]),
            parents: ["pid", "areaCode", "cityCode", "provinceCode"]
                .iter()
                .filter_map(|name| at(&[name]))
                .collect(),
            pinyin: at(&["pinyin", "拼音"]),
            kind: at(&["kind"]),
            from: at(&["valid_from"]),
            until: at(&["valid_until"]),
            successor: at(&["successor"]),
            seat: at(&["seat_lon"]).zip(at(&["seat_lat"])),
        })
    }
}

fn table(text: &str) -> Result<Vec<Row>, NotAList> {
    let mut records = Records::of(text.as_bytes(), Encoding::Utf8, b',');
    let mut record = StringRecord::new();
    let broken = |why: Broken| NotAList::Broken {
        line: why.line() as usize,
        why: why.to_string(),
    };
    records.read(&mut record).map_err(broken)?;
    let columns = Columns::of(&record).ok_or(NotAList::Form)?;
    let mut rows = Vec::new();
    while let Some(line) = records.read(&mut record).map_err(broken)? {
        if rows.len() == ROWS_MAX {
            return Err(NotAList::TooLong);
        }
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        rows.push(row(&columns, &record, line as usize));
    }
    Ok(rows)
}

fn row(columns: &Columns, record: &StringRecord, line: usize) -> Row {
    let cell = |at: Option<usize>| {
        at.and_then(|at| record.get(at))
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let mut row = Row {
        line,
        code: cell(Some(columns.code)),
        name: cell(Some(columns.name)),
        long_code: cell(columns.long_code),
        parent: columns
            .parents
            .first()
            .map(|at| cell(Some(*at)))
            .unwrap_or_default(),
        successor: cell(columns.successor),
        ..Row::default()
    };
    // areacity spells the short name: `chao yang` for 朝阳区. The tail is ours to add.
    let (given, short) = (cell(columns.pinyin), cell(columns.short_name));
    if !given.is_empty() {
        let tail = row.name.strip_prefix(short.as_str()).unwrap_or_default();
        row.pinyin = format!("{given} {}", super::pinyin::usual(tail))
            .trim()
            .to_owned();
    }
    let kind = cell(columns.kind);
    row.kind = DivisionKind::parse(&kind);
    if row.kind.is_none() && !kind.is_empty() {
        row.unreadable = Some(("kind", kind));
    }
    for (at, name, day) in [
        (columns.from, "valid_from", &mut row.from),
        (columns.until, "valid_until", &mut row.until),
    ] {
        let text = cell(at);
        *day = text.parse().ok();
        if day.is_none() && !text.is_empty() {
            row.unreadable = Some((name, text));
        }
    }
    if let Some((lon, lat)) = columns.seat {
        let (lon, lat) = (cell(Some(lon)), cell(Some(lat)));
        row.seat = lon
            .parse()
            .ok()
            .zip(lat.parse().ok())
            .map(|(lon, lat)| [lon, lat]);
        if row.seat.is_none() && !(lon.is_empty() && lat.is_empty()) {
            row.unreadable = Some(("seat_lon, seat_lat", format!("{lon}, {lat}")));
        }
    }
    row
}

#[cfg(test)]
#[path = "tests/list.rs"]
mod tests;
