//! How a file of call records is to be read: every assumption is declared, none is guessed silently.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::incident::{category::Category, lifecycle::Status, model::Datum};
use crate::platform::{Kind, Refusal, text::Encoding};

/// Most rules of one kind in a plan.
pub const RULES_MAX: usize = 500;
/// Calls farther from the middle of all are suspect when nothing else is declared, kilometres.
pub const FARTHER_THAN_KM: f64 = 100.0;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Name of the sending system. `(source, source id)` is what makes a second import harmless.
    pub source: String,
    #[serde(default)]
    pub encoding: Encoding,
    /// One ASCII character: `,` `;` tab or `|`.
    #[serde(default = "comma")]
    pub delimiter: char,
    pub columns: Columns,
    #[serde(default)]
    pub datum: Datum,
    /// IANA name of the zone of wall-clock times, such as `Asia/Shanghai`.
    #[serde(default = "shanghai")]
    pub zone: String,
    /// strptime format of the time; nothing tries the usual ones.
    #[serde(default)]
    pub time_format: Option<String>,
    #[serde(default)]
    pub area: Area,
    /// The first service whose prefix the subject starts with; the prefix is then taken off.
    #[serde(default)]
    pub services: Vec<ServiceRule>,
    /// Tried in order before the built-in words.
    #[serde(default)]
    pub categories: Vec<CategoryRule>,
    /// For rows no rule knows.
    #[serde(default = "unknown_category")]
    pub default_category: String,
    /// Division responsible for the calls; the importer's own when empty.
    #[serde(default)]
    pub division: String,
    /// `reported` puts the calls on the desk, `archived` files them as history.
    #[serde(default = "reported")]
    pub status: Status,
    #[serde(default)]
    pub exercise: bool,
}

/// Which column holds what, by header name.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Columns {
    /// The sender's own key; when absent one is derived from the whole row.
    pub source_id: Option<String>,
    /// One column, or date and time apart.
    pub received_at: Vec<String>,
    pub occurred_at: Vec<String>,
    pub lon: Option<String>,
    pub lat: Option<String>,
    pub accuracy_m: Option<String>,
    /// Joined with a space where several columns make one address.
    pub address: Vec<String>,
    pub subject: Option<String>,
    pub text: Option<String>,
    pub service: Option<String>,
    pub caller: Option<String>,
    pub phone: Option<String>,
}

impl Columns {
    /// Every name used, in a fixed order.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        let single = [
            &self.source_id,
            &self.lon,
            &self.lat,
            &self.accuracy_m,
            &self.subject,
            &self.text,
            &self.service,
            &self.caller,
            &self.phone,
        ];
        single
            .into_iter()
            .flatten()
            .chain(&self.received_at)
            .chain(&self.occurred_at)
            .chain(&self.address)
    }
}

/// Which places are possible at all.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Area {
    /// West, south, east, north in degrees, WGS-84.
    pub bbox: Option<[f64; 4]>,
    /// Distance from the median of all points, kilometres.
    pub farther_than_km: Option<f64>,
}

impl Default for Area {
    fn default() -> Self {
        Self {
            bbox: None,
            farther_than_km: Some(FARTHER_THAN_KM),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceRule {
    pub starts_with: String,
    pub service: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryRule {
    /// Looked for in the subject, upper and lower case alike.
    pub contains: String,
    pub category: String,
}

fn comma() -> char {
    ','
}
fn shanghai() -> String {
    "Asia/Shanghai".to_owned()
}
fn unknown_category() -> String {
    "accident".to_owned()
}
fn reported() -> Status {
    Status::Reported
}

/// What is wrong with a plan; all of it at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRefusal {
    pub problems: Vec<PlanProblem>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum PlanProblem {
    SourceMissing,
    ColumnUnknown { column: String },
    TimeColumnMissing,
    PlaceColumnMissing,
    DelimiterUnusable,
    ZoneUnknown { zone: String },
    TimeFormatUnusable { format: String },
    CategoryUnknown { category: String },
    StatusUnusable,
    AreaUnusable,
    TooManyRules,
}

impl Plan {
    /// Checks the plan against the header of the file.
    ///
    /// # Errors
    /// With everything that is wrong.
    pub fn check(&self, header: &[String]) -> Result<(), PlanRefusal> {
        let mut problems = Vec::new();
        let mut require = |good: bool, problem: PlanProblem| {
            if !good {
                problems.push(problem);
            }
        };
        let source = self.source.trim();
        require(
            !source.is_empty() && source.chars().count() <= 100,
            PlanProblem::SourceMissing,
        );
        for column in self.columns.names() {
            require(
                header.contains(column),
                PlanProblem::ColumnUnknown {
                    column: column.clone(),
                },
            );
        }
        require(
            !self.columns.received_at.is_empty(),
            PlanProblem::TimeColumnMissing,
        );
        let point = self.columns.lon.is_some() && self.columns.lat.is_some();
        require(
            point || !self.columns.address.is_empty(),
            PlanProblem::PlaceColumnMissing,
        );
        require(
            self.delimiter.is_ascii() && !"\"\r\n\0".contains(self.delimiter),
            PlanProblem::DelimiterUnusable,
        );
        require(
            super::wall_clock::zone(&self.zone).is_some(),
            PlanProblem::ZoneUnknown {
                zone: self.zone.clone(),
            },
        );
        if let Some(format) = &self.time_format {
            require(
                super::wall_clock::usable(format),
                PlanProblem::TimeFormatUnusable {
                    format: format.clone(),
                },
            );
        }
        let rules = self.categories.iter().map(|rule| &rule.category);
        for category in rules.chain([&self.default_category]) {
            require(
                Category::parse(category).is_some(),
                PlanProblem::CategoryUnknown {
                    category: category.clone(),
                },
            );
        }
        require(
            matches!(self.status, Status::Reported | Status::Archived),
            PlanProblem::StatusUnusable,
        );
        require(self.area.is_usable(), PlanProblem::AreaUnusable);
        require(
            self.services.len().max(self.categories.len()) <= RULES_MAX,
            PlanProblem::TooManyRules,
        );
        if problems.is_empty() {
            Ok(())
        } else {
            Err(PlanRefusal { problems })
        }
    }
}

impl Area {
    fn is_usable(&self) -> bool {
        let bbox = self.bbox.is_none_or(|[west, south, east, north]| {
            west < east
                && south < north
                && west >= -180.0
                && east <= 180.0
                && south >= -90.0
                && north <= 90.0
        });
        bbox && self
            .farther_than_km
            .is_none_or(|km| km.is_finite() && km > 0.0)
    }
}

impl From<PlanRefusal> for Refusal {
    fn from(refusal: PlanRefusal) -> Self {
        let problems = serde_json::to_value(&refusal.problems).expect("plain data becomes JSON");
        Self::new(
            Kind::Invalid,
            "call_import.plan_unusable",
            format!("导入方案有 {} 处问题，请逐项修改。", refusal.problems.len()),
            format!(
                "The import plan has {} problem(s); correct each of them.",
                refusal.problems.len()
            ),
        )
        .with("problems", problems)
    }
}
