//! JSON of divisions.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::atlas::Sheet;
use super::code::DivisionCode;
use super::link::Datum;
use super::model::{Division, DivisionKind};

#[derive(Debug, Serialize, ToSchema)]
pub struct DivisionView {
    /// Significant digits: `2201`, `220102`.
    #[schema(value_type = String)]
    pub code: DivisionCode,
    /// Six digits of GB/T 2260 that contain it.
    pub gb_code: String,
    pub name: String,
    /// From the province down.
    pub full_name: String,
    pub kind: DivisionKind,
    pub pinyin: String,
    #[schema(value_type = Option<String>)]
    pub parent: Option<DivisionCode>,
    /// YYYY-MM-DD; null: since before records.
    pub valid_from: Option<String>,
    /// First day it does not exist any more; null: it exists.
    pub valid_until: Option<String>,
    #[schema(value_type = Option<String>)]
    pub successor: Option<DivisionCode>,
    /// Seat of government, WGS-84 lon, lat.
    pub seat: Option<[f64; 2]>,
    pub version: i64,
}

impl DivisionView {
    pub fn new(one: &Division, sheet: &Sheet) -> Self {
        let parent = one
            .code
            .lineage()
            .skip(1)
            .find(|above| sheet.division(above).is_some());
        Self {
            code: one.code.clone(),
            gb_code: one.code.six_digits(),
            name: one.name.clone(),
            full_name: sheet.full_name(&one.code),
            kind: one.kind,
            pinyin: one.pinyin.clone(),
            parent,
            valid_from: one.valid.from.map(|day| day.to_string()),
            valid_until: one.valid.until.map(|day| day.to_string()),
            successor: one.successor.clone(),
            seat: one.seat,
            version: one.version,
        }
    }
}

/// Where a place lies: the smallest division and all above it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Whereabouts {
    pub division: DivisionView,
    /// From the province down, the division itself last.
    pub lineage: Vec<DivisionView>,
    /// The day asked about, YYYY-MM-DD.
    pub on: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AtQuery {
    pub lon: f64,
    pub lat: f64,
    /// YYYY-MM-DD; today in Shanghai when absent.
    pub on: Option<String>,
    /// Datum of the coordinates; WGS-84 when absent.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub datum: Option<Datum>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DivisionQuery {
    /// Part of a name, its pinyin or initials (`lvyuan`, `ly`), or the beginning of a code.
    #[serde(default)]
    pub q: String,
    /// Only this division and what lies under it.
    #[param(value_type = Option<String>)]
    pub under: Option<DivisionCode>,
    /// 1 province, 2 city, 3 county, 4 township, 5 village.
    pub level: Option<u8>,
    /// Only what exists on this day (YYYY-MM-DD, or `any`); today when absent.
    pub on: Option<String>,
    /// Cursor: `next` of the page before.
    #[serde(default)]
    pub after: String,
    /// At most 500.
    #[serde(default = "fifty")]
    pub limit: usize,
}

fn fifty() -> usize {
    50
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OnQuery {
    /// YYYY-MM-DD; today when absent.
    pub on: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DivisionImport {
    /// Day this edition came into force (YYYY-MM-DD): codes new with it exist from then on.
    pub valid_from: Option<String>,
    /// The edition is complete for its provinces and levels: what it does not name ends on `valid_from`.
    #[serde(default)]
    pub complete: bool,
    /// Only say what would happen.
    #[serde(default)]
    pub preview: bool,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BoundaryImport {
    /// Datum of the file, declared and never guessed: `wgs84`, `cgcs2000`, `gcj02`, `bd09`.
    #[param(value_type = String)]
    pub datum: Datum,
    /// First day the boundaries hold (YYYY-MM-DD); since before records when absent.
    pub valid_from: Option<String>,
    /// Where the file comes from.
    #[serde(default)]
    pub source: String,
    /// Make divisions the code list does not have.
    #[serde(default)]
    pub creates_divisions: bool,
    /// Only say what would happen.
    #[serde(default)]
    pub preview: bool,
}
