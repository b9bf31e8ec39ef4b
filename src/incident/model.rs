//! What an incident is, and the calls that told of it.

use fenghuotai_maps::geom::{LonLat, distance_m};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{category::Category, level::Level, lifecycle::Lifecycle};
use crate::{platform::Millis, region::DivisionCode};

crate::typed_id!(
    /// One incident 突发事件.
    pub IncidentId
);
crate::typed_id!(
    /// One call 接警单: somebody told us something.
    pub CallId
);
crate::typed_id!(
    /// One figure as somebody reported it.
    pub FigureId
);

/// The longest texts accepted, in characters.
pub const TITLE_MAX: usize = 200;
pub const PLACE_TEXT_MAX: usize = 500;
pub const DESCRIPTION_MAX: usize = 8_000;
pub const NAME_MAX: usize = 100;
pub const PHONE_MAX: usize = 40;

#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    pub id: IncidentId,
    /// Said aloud and written on paper: `220102-20261122-0007`. Never issued twice.
    pub number: String,
    pub title: String,
    pub category: Category,
    /// Nothing while nobody has set it, and always nothing for 社会安全: the law defines no levels there.
    pub level: Option<Level>,
    /// The rule that was followed, or the reason of the person who set it.
    pub level_basis: Option<String>,
    pub lifecycle: Lifecycle,
    /// Whose people are responsible.
    pub division: DivisionCode,
    pub place: Place,
    pub description: String,
    pub sensitive: Vec<Sensitivity>,
    /// Part of an exercise 演练: never leaves the house as if it were real.
    pub exercise: bool,
    /// Where the report came from.
    pub source: Source,
    /// 事发: when it happened, as far as anybody knows.
    pub occurred_at: Option<Millis>,
    /// 接报: when we were told.
    pub received_at: Millis,
    /// 录入: when it was written here. Only the server sets it.
    pub recorded_at: Millis,
    /// When somebody last worked on it. Merging and un-merging are no work on it: they leave it as it is.
    pub updated_at: Millis,
    /// Account id of who wrote it.
    pub recorded_by: String,
    /// The batch it came with, if any.
    pub import_id: Option<String>,
    pub version: i64,
}

/// Where it is: the words always survive, the point may be absent or vague.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Place {
    /// As it was typed or heard; no geocoder ever overwrites it.
    pub text: String,
    /// WGS-84 (CGCS2000).
    pub point: Option<Point>,
    /// Radius in which it really is, metres.
    pub accuracy_m: Option<f64>,
    /// In which datum the point was given, before conversion.
    pub datum_in: Datum,
}

/// Degrees, WGS-84.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Point {
    pub lon: f64,
    pub lat: f64,
}

impl Point {
    /// A point on the Earth: finite and in range.
    #[must_use]
    pub fn new(lon: f64, lat: f64) -> Option<Self> {
        let there = lon.is_finite() && lat.is_finite() && lon.abs() <= 180.0 && lat.abs() <= 90.0;
        there.then_some(Self { lon, lat })
    }

    /// Haversine distance, metres; nothing is near a point off the Earth.
    #[must_use]
    pub fn distance_m(self, other: Self) -> f64 {
        match (self.lon_lat(), other.lon_lat()) {
            (Some(from), Some(to)) => distance_m(from, to),
            _ => f64::INFINITY,
        }
    }

    fn lon_lat(self) -> Option<LonLat> {
        LonLat::new(self.lon, self.lat).ok()
    }
}

/// The datum in which coordinates were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Datum {
    #[default]
    Wgs84,
    Gcj02,
    Bd09,
}

impl Datum {
    pub const ALL: [Self; 3] = [Self::Wgs84, Self::Gcj02, Self::Bd09];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wgs84 => "wgs84",
            Self::Gcj02 => "gcj02",
            Self::Bd09 => "bd09",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|datum| datum.as_str() == text)
    }

    /// The point in WGS-84. The shifted datums exist for the mainland only.
    #[must_use]
    pub fn to_wgs84(self, point: Point) -> Point {
        let (lon, lat) = match self {
            Self::Wgs84 => (point.lon, point.lat),
            Self::Gcj02 => coordtransform::gcj02_to_wgs84_in_mainland(point.lon, point.lat),
            Self::Bd09 => {
                let (lon, lat) = coordtransform::bd09_to_gcj02(point.lon, point.lat);
                coordtransform::gcj02_to_wgs84_in_mainland(lon, lat)
            }
        };
        Point { lon, lat }
    }
}

/// Why it is reported upward whatever its level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    /// 敏感地点
    Place,
    /// 敏感时间
    Time,
    /// 敏感人群
    People,
}

/// How a report reached us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A telephone call.
    #[default]
    Call,
    /// The duty office of a lower level or a department.
    Duty,
    /// A patrol, a camera or a sensor.
    Watch,
    /// A file of call records.
    Import,
}

impl Source {
    pub const ALL: [Self; 4] = [Self::Call, Self::Duty, Self::Watch, Self::Import];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Duty => "duty",
            Self::Watch => "watch",
            Self::Import => "import",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == text)
    }
}

/// 接警单: one caller, one telling. Many calls may belong to one incident.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub id: CallId,
    pub incident_id: IncidentId,
    /// The number that was dialled or the service that took it: `110`, `119`, `120`, `122`, `12345`, `duty`.
    pub service: String,
    pub caller: String,
    pub phone: String,
    /// When it rang, if known; otherwise when it was taken.
    pub received_at: Millis,
    pub occurred_at: Option<Millis>,
    pub place: Place,
    pub text: String,
    /// What the call was about, in the caller's or the sending system's words.
    pub subject: String,
    pub origin: Origin,
    pub recorded_at: Millis,
}

/// Where the record of a call comes from: `(source, source_id)` is unique.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub source: String,
    pub source_id: String,
    pub import_id: Option<String>,
    /// Line of the file, from 1, the header included.
    pub line: Option<i64>,
}
