//! Turns the rows of a file into calls, and names by line what is wrong with them.

use std::{
    collections::HashMap,
    io::{self, Read},
};

use csv::StringRecord;
use sha2::{Digest as _, Sha256};

use super::{
    area::{Bounds, Impossible},
    plan::{Columns, Plan},
    wall_clock::{self, Doubt},
    words,
};
use crate::{
    incident::{
        category::Category,
        model::{DESCRIPTION_MAX, NAME_MAX, PHONE_MAX, PLACE_TEXT_MAX, Place, Point, TITLE_MAX},
    },
    platform::{Millis, sealing::mask, tabular::Records},
};

/// Longest bit of a bad value that is quoted back, in characters.
const QUOTE_MAX: usize = 80;
/// Vaguer than this is no statement, metres.
const ACCURACY_MAX_M: f64 = 100_000.0;

/// One row that can become a call.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadCall {
    pub line: u64,
    pub source_id: String,
    pub received_at: Millis,
    pub occurred_at: Option<Millis>,
    pub place: Place,
    pub category: Category,
    pub subject: String,
    pub service: String,
    pub text: String,
    pub caller: String,
    pub phone: String,
}

/// Something wrong with one cell of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// From 1, the header included.
    pub line: u64,
    pub code: ProblemCode,
    pub column: String,
    /// What stood there, cut short.
    pub value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemCode {
    /// The row is refused: without a time nobody knows what it belongs to.
    TimeUnreadable,
    /// The row is refused: it is a footnote or broken.
    ShapeUnlike,
    TimeTwice,
    TimeNever,
    PlaceUnreadable,
    PlaceOutsideArea,
    PlaceFarFromAll,
    PlaceNull,
    PlaceMissing,
    CategoryUnknown,
    TextUndecodable,
    TextCut,
}

impl ProblemCode {
    pub const ALL: [Self; 12] = [
        Self::TimeUnreadable,
        Self::ShapeUnlike,
        Self::TimeTwice,
        Self::TimeNever,
        Self::PlaceUnreadable,
        Self::PlaceOutsideArea,
        Self::PlaceFarFromAll,
        Self::PlaceNull,
        Self::PlaceMissing,
        Self::CategoryUnknown,
        Self::TextUndecodable,
        Self::TextCut,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TimeUnreadable => "time_unreadable",
            Self::ShapeUnlike => "shape_unlike",
            Self::TimeTwice => "time_twice",
            Self::TimeNever => "time_never",
            Self::PlaceUnreadable => "place_unreadable",
            Self::PlaceOutsideArea => "place_outside_area",
            Self::PlaceFarFromAll => "place_far_from_all",
            Self::PlaceNull => "place_null",
            Self::PlaceMissing => "place_missing",
            Self::CategoryUnknown => "category_unknown",
            Self::TextUndecodable => "text_undecodable",
            Self::TextCut => "text_cut",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }

    /// The row could not become a call at all.
    #[must_use]
    pub fn refuses(self) -> bool {
        matches!(self, Self::TimeUnreadable | Self::ShapeUnlike)
    }
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Nothing when the row was refused.
    pub call: Option<ReadCall>,
    pub problems: Vec<Problem>,
}

/// Opens the text of a file as rows. Rows may have any number of cells; each is judged later.
pub fn rows<R: Read>(bytes: R, plan: &Plan) -> Records<R> {
    Records::of(bytes, plan.encoding, plan.delimiter as u8)
}

/// First pass: where the calls are altogether, and how many rows there are.
///
/// # Errors
/// When the file cannot be read.
pub fn survey<R: Read>(bytes: R, plan: &Plan) -> io::Result<(Bounds, u64)> {
    let mut rows = rows(bytes, plan);
    let at = Positions::of(&header(&mut rows)?, &plan.columns);
    let (mut points, mut count) = (Vec::new(), 0);
    let mut row = StringRecord::new();
    while rows.read(&mut row)?.is_some() {
        count += 1;
        if let Cell::Point(point) = at.point(&row) {
            points.push(plan.datum.to_wgs84(point));
        }
    }
    Ok((Bounds::around(plan.area, &points), count))
}

/// # Errors
/// When the file cannot be read.
pub fn header<R: Read>(rows: &mut Records<R>) -> io::Result<Vec<String>> {
    let mut header = StringRecord::new();
    rows.read(&mut header)?;
    Ok(header.iter().map(|name| name.trim().to_owned()).collect())
}

/// Second pass: rows into calls, one by one, in the order of the file.
pub struct Reading<R> {
    rows: Records<R>,
    plan: Plan,
    at: Positions,
    width: usize,
    bounds: Bounds,
    zone: jiff::tz::TimeZone,
    /// How often a row with exactly this content has come by: equal rows are still several calls.
    seen: HashMap<[u8; 16], u32>,
    row: StringRecord,
}

impl<R: Read> Reading<R> {
    /// # Errors
    /// When the file cannot be read.
    ///
    /// # Panics
    /// When the plan was not checked before.
    pub fn new(bytes: R, plan: &Plan, bounds: Bounds) -> io::Result<Self> {
        let mut rows = rows(bytes, plan);
        let header = header(&mut rows)?;
        Ok(Self {
            at: Positions::of(&header, &plan.columns),
            width: header.len(),
            zone: wall_clock::zone(&plan.zone).expect("a checked plan names a known zone"),
            plan: plan.clone(),
            rows,
            bounds,
            seen: HashMap::new(),
            row: StringRecord::new(),
        })
    }

    fn outcome(&mut self, line: u64) -> Outcome {
        let mut problems = Vec::new();
        let mut note = |code, column: &str, value: &str| {
            problems.push(Problem {
                line,
                code,
                column: column.to_owned(),
                value: cut(value, QUOTE_MAX).0,
            });
        };
        let row = &self.row;
        let columns = &self.plan.columns;
        if row.len() != self.width {
            note(
                ProblemCode::ShapeUnlike,
                "",
                &row.iter().collect::<Vec<_>>().join(" "),
            );
            return Outcome {
                call: None,
                problems,
            };
        }
        if row.iter().any(|cell| cell.contains('\u{FFFD}')) {
            note(
                ProblemCode::TextUndecodable,
                "",
                row.iter()
                    .find(|cell| cell.contains('\u{FFFD}'))
                    .unwrap_or(""),
            );
        }

        let format = self.plan.time_format.as_deref();
        let text = join(row, &self.at.received_at);
        let time_column = columns.received_at.first().map_or("", String::as_str);
        let Some(received) = wall_clock::read(&text, format, &self.zone) else {
            note(ProblemCode::TimeUnreadable, time_column, &text);
            return Outcome {
                call: None,
                problems,
            };
        };
        match received.doubt {
            Some(Doubt::Twice) => note(ProblemCode::TimeTwice, time_column, &text),
            Some(Doubt::Never) => note(ProblemCode::TimeNever, time_column, &text),
            None => {}
        }
        let occurred = join(row, &self.at.occurred_at);
        let occurred_at = wall_clock::read(&occurred, format, &self.zone).map(|read| read.at);

        let place_column = columns.lon.as_deref().unwrap_or("");
        let point = match self.at.point(row) {
            Cell::Point(given) => {
                let point = self.plan.datum.to_wgs84(given);
                let code = self.bounds.doubt(point).map(|doubt| match doubt {
                    Impossible::OutsideBbox => ProblemCode::PlaceOutsideArea,
                    Impossible::FarFromAll => ProblemCode::PlaceFarFromAll,
                    Impossible::NullIsland => ProblemCode::PlaceNull,
                });
                if let Some(code) = code {
                    note(code, place_column, &format!("{} {}", given.lon, given.lat));
                }
                code.is_none().then_some(point)
            }
            Cell::Broken(text) => {
                note(ProblemCode::PlaceUnreadable, place_column, &text);
                None
            }
            Cell::Empty => {
                if columns.lon.is_some() {
                    note(ProblemCode::PlaceMissing, place_column, "");
                }
                None
            }
        };

        let whole_subject = cell(row, self.at.subject).trim();
        let (service, subject) = self
            .plan
            .service(cell(row, self.at.service).trim(), whole_subject);
        let known = words::category(&self.plan, &subject)
            .or_else(|| words::category(&self.plan, whole_subject));
        let category = known.unwrap_or_else(|| {
            note(
                ProblemCode::CategoryUnknown,
                columns.subject.as_deref().unwrap_or(""),
                whole_subject,
            );
            Category::parse(&self.plan.default_category)
                .expect("a checked plan names a known category")
        });
        let mut short = |column: &Option<String>, text: &str, most: usize| {
            let (text, was_cut) = cut(text.trim(), most);
            if was_cut {
                note(ProblemCode::TextCut, column.as_deref().unwrap_or(""), &text);
            }
            text
        };
        let place = Place {
            text: short(
                &columns.address.first().cloned(),
                &join(row, &self.at.address),
                PLACE_TEXT_MAX,
            ),
            point,
            accuracy_m: point.and_then(|_| accuracy(cell(row, self.at.accuracy_m))),
            datum_in: self.plan.datum,
        };
        let (subject, text) = (
            short(&columns.subject, &subject, TITLE_MAX),
            short(&columns.text, cell(row, self.at.text), DESCRIPTION_MAX),
        );
        let caller = short(&columns.caller, cell(row, self.at.caller), NAME_MAX);
        let (phone, was_cut) = cut(cell(row, self.at.phone).trim(), PHONE_MAX);
        if was_cut {
            // Problems are kept in plain text; numbers are not.
            let column = columns.phone.as_deref().unwrap_or("");
            note(ProblemCode::TextCut, column, &mask(&phone));
        }
        let given_id = cell(row, self.at.source_id).trim().to_owned();
        let source_id = if given_id.is_empty() {
            derived_id(&self.row, &mut self.seen)
        } else {
            given_id
        };
        let call = ReadCall {
            line,
            source_id,
            received_at: received.at,
            occurred_at,
            place,
            category,
            subject,
            service: cut(&service, 20).0,
            text,
            caller,
            phone,
        };
        Outcome {
            call: Some(call),
            problems,
        }
    }
}

impl<R: Read> Iterator for Reading<R> {
    type Item = io::Result<Outcome>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.rows.read(&mut self.row) {
            Ok(Some(line)) => Some(Ok(self.outcome(line))),
            Ok(None) => None,
            Err(broken) => Some(Err(broken.into())),
        }
    }
}

/// A key for rows whose sender gave none: their content, and the how-manieth of its kind it is.
fn derived_id(row: &StringRecord, seen: &mut HashMap<[u8; 16], u32>) -> String {
    let mut hash = Sha256::new();
    for cell in row {
        hash.update((cell.len() as u64).to_be_bytes());
        hash.update(cell.as_bytes());
    }
    let mut key = [0; 16];
    key.copy_from_slice(&hash.finalize()[..16]);
    let times = seen.entry(key).and_modify(|times| *times += 1).or_insert(1);
    format!("row-{}-{times}", hex::encode(key))
}

/// Where in a row the columns stand.
#[derive(Debug, Default)]
struct Positions {
    source_id: Option<usize>,
    received_at: Vec<usize>,
    occurred_at: Vec<usize>,
    lon: Option<usize>,
    lat: Option<usize>,
    accuracy_m: Option<usize>,
    address: Vec<usize>,
    subject: Option<usize>,
    text: Option<usize>,
    service: Option<usize>,
    caller: Option<usize>,
    phone: Option<usize>,
}

enum Cell {
    Empty,
    Broken(String),
    Point(Point),
}

impl Positions {
    fn of(header: &[String], columns: &Columns) -> Self {
        let find = |name: &String| header.iter().position(|known| known == name);
        let one = |name: &Option<String>| name.as_ref().and_then(find);
        let many = |names: &[String]| names.iter().filter_map(find).collect();
        Self {
            source_id: one(&columns.source_id),
            received_at: many(&columns.received_at),
            occurred_at: many(&columns.occurred_at),
            lon: one(&columns.lon),
            lat: one(&columns.lat),
            accuracy_m: one(&columns.accuracy_m),
            address: many(&columns.address),
            subject: one(&columns.subject),
            text: one(&columns.text),
            service: one(&columns.service),
            caller: one(&columns.caller),
            phone: one(&columns.phone),
        }
    }

    fn point(&self, row: &StringRecord) -> Cell {
        let (lon, lat) = (cell(row, self.lon).trim(), cell(row, self.lat).trim());
        if lon.is_empty() && lat.is_empty() {
            return Cell::Empty;
        }
        let point = lon
            .parse()
            .ok()
            .zip(lat.parse().ok())
            .and_then(|(lon, lat)| Point::new(lon, lat));
        point.map_or_else(|| Cell::Broken(format!("{lon} {lat}")), Cell::Point)
    }
}

fn cell(row: &StringRecord, at: Option<usize>) -> &str {
    at.and_then(|at| row.get(at)).unwrap_or("")
}

fn join(row: &StringRecord, at: &[usize]) -> String {
    let cells: Vec<&str> = at
        .iter()
        .filter_map(|&at| row.get(at))
        .map(str::trim)
        .filter(|c| !c.is_empty())
        .collect();
    cells.join(" ")
}

fn accuracy(text: &str) -> Option<f64> {
    text.trim()
        .parse()
        .ok()
        .filter(|metres| (0.0..=ACCURACY_MAX_M).contains(metres))
}

fn cut(text: &str, most: usize) -> (String, bool) {
    match text.char_indices().nth(most) {
        Some((end, _)) => (text[..end].to_owned(), true),
        None => (text.to_owned(), false),
    }
}
