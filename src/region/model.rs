//! What a division and its boundary are, and since when.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::code::{DivisionCode, Level};
use super::link::Area;

/// What sort of unit a division is; the code alone does not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DivisionKind {
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

/// City-level rows of the code list that only group counties.
const GROUPINGS: [&str; 4] = [
    "市辖区",
    "县",
    "省直辖县级行政区划",
    "自治区直辖县级行政区划",
];

impl DivisionKind {
    const ALL: [(DivisionKind, &'static str); 7] = [
        (DivisionKind::Province, "province"),
        (DivisionKind::City, "city"),
        (DivisionKind::County, "county"),
        (DivisionKind::Zone, "zone"),
        (DivisionKind::Township, "township"),
        (DivisionKind::Village, "village"),
        (DivisionKind::Grouping, "grouping"),
    ];

    pub fn as_str(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(kind, _)| *kind == self)
            .expect("every kind has its word")
            .1
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(kind, _)| *kind)
    }

    /// What a row of a code list is when the list does not say.
    pub fn of(code: &DivisionCode, name: &str) -> Self {
        match code.level() {
            Level::Province => Self::Province,
            Level::City if GROUPINGS.contains(&name) => Self::Grouping,
            Level::City => Self::City,
            Level::County if code.is_zone() => Self::Zone,
            Level::County => Self::County,
            Level::Township => Self::Township,
            Level::Village => Self::Village,
        }
    }
}

/// A division with the days on which it exists. A code is never given to another division later.
#[derive(Clone, Debug, PartialEq)]
pub struct Division {
    pub code: DivisionCode,
    pub name: String,
    pub kind: DivisionKind,
    /// Pinyin with blanks between syllables, ü as v: `lv yuan`.
    pub pinyin: String,
    pub valid: Validity,
    /// The division that took this one's place when it ended: 220381 公主岭市 became 220184.
    pub successor: Option<DivisionCode>,
    /// Seat of government, WGS-84 lon, lat.
    pub seat: Option<[f64; 2]>,
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
    pub area: Area,
    pub datum_in: String,
    pub source: String,
    /// What was put right, for the reader of the report.
    pub repaired: Option<String>,
}
