//! What a division and its boundary are, and since when.

use geo::MultiPolygon;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::code::DivisionCode;

/// What sort of unit a division is; the code alone does not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Province,
    City,
    County,
    /// 开发区: a statistics code (220171…), no polygon of its own, yet it has an administration and a venue.
    Zone,
    Township,
    Village,
    /// 市辖区, 省直辖县级行政区划: a row of the code list that is no unit of government.
    Grouping,
}

/// A division with the days on which it exists. A code is never given to another division later.
#[derive(Clone, Debug, PartialEq)]
pub struct Division {
    pub code: DivisionCode,
    pub name: String,
    pub kind: Kind,
    /// Full pinyin with blanks between syllables, ü as v: `lv yuan`.
    pub pinyin: String,
    pub valid: Validity,
    /// The division that took this one's place when it ended: 220381 公主岭市 became 220184.
    pub successor: Option<DivisionCode>,
    /// Seat of government, WGS-84 lon, lat.
    pub seat: Option<(f64, f64)>,
    pub version: i64,
}

/// Days of existence: from the first day on (open = since before records), up to but not including `until`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Validity {
    pub from: Option<Date>,
    pub until: Option<Date>,
}

impl Validity {
    pub fn contains(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day < until)
    }
}

/// The area of a division from a day on, until the next boundary of the same code begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Boundary {
    pub code: DivisionCode,
    pub from: Option<Date>,
    /// WGS-84, valid rings.
    pub area: MultiPolygon<f64>,
}

/// What became of one line (or feature) of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Added,
    Changed,
    Unchanged,
    /// A boundary that crossed itself and was put right; the place is named.
    Repaired,
    /// The division is not in this edition any more and ends with it.
    Ended,
    /// Known not to be a division (placeholder, dashed line): left out, the import goes on.
    Skipped,
    /// Wrong: nothing of the file is imported.
    Refused,
}

/// One line of an import's report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    /// Line of the file; for JSON the running number of the entry or feature, from 1.
    pub line: usize,
    /// The code as the file writes it.
    pub code: String,
    pub name: String,
    pub outcome: Outcome,
    /// Stable reason such as `placeholder`; absent when there is nothing to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail_en: Option<String>,
    /// Where on the ground (WGS-84 lon, lat), when the reason has a place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<[f64; 2]>,
}

impl Line {
    pub fn new(line: usize, code: impl Into<String>, name: impl Into<String>, outcome: Outcome) -> Self {
        Self {
            line,
            code: code.into(),
            name: name.into(),
            outcome,
            reason: None,
            detail: None,
            detail_en: None,
            place: None,
        }
    }

    pub fn because(mut self, reason: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.reason = Some(reason.to_owned());
        self.detail = Some(zh.into());
        self.detail_en = Some(en.into());
        self
    }

    pub fn at(mut self, place: (f64, f64)) -> Self {
        self.place = Some([place.0, place.1]);
        self
    }
}
