//! What an import says about a file: counts, and every wrong line with its reason.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Wrong lines told in one answer; `problems_total` counts them all.
pub const PROBLEMS_TOLD_MAX: usize = 500;

/// Something wrong with one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LineProblem {
    /// Line in the file (CSV) or number of the feature (GeoJSON), from 1.
    pub line: u64,
    /// Field of ours, such as `birth_year`.
    pub field: String,
    pub code: String,
    /// What stood there, cut to 80 characters.
    pub value: String,
    pub zh: String,
    pub en: String,
}

impl LineProblem {
    #[must_use]
    pub fn new(line: u64, field: &str, code: &str, value: &str) -> Self {
        let (zh, en) = words(code);
        Self {
            line,
            field: field.to_owned(),
            code: code.to_owned(),
            value: value.chars().take(80).collect(),
            zh: zh.to_owned(),
            en: en.to_owned(),
        }
    }
}

fn words(code: &str) -> (&'static str, &'static str) {
    match code {
        "missing" => ("必填项为空", "a required value is missing"),
        "too_long" => ("内容过长", "the text is too long"),
        "too_many" => ("条目过多", "too many entries"),
        "out_of_range" => ("数值不合理", "the value is not plausible"),
        "not_a_number" => ("不是数字", "not a number"),
        "not_on_earth" => (
            "坐标超出经纬度范围",
            "the coordinates are not longitude and latitude",
        ),
        "not_a_division" => ("行政区划代码无效", "not a division code"),
        "foreign_division" => ("不在您的管辖范围内", "outside your jurisdiction"),
        "unknown_word" => ("无法识别的取值", "not one of the known values"),
        "code_malformed" => ("代码格式错误", "the code is malformed"),
        "repeated" => ("与前面的行编号相同", "the same number as an earlier line"),
        "bad_geometry" => ("图形无效", "the geometry is not usable"),
        _ => ("无效", "not valid"),
    }
}

/// What to do when lines are wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnProblem {
    /// Nothing is written.
    #[default]
    Refuse,
    /// The good lines are written, the wrong ones told.
    Skip,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
#[schema(as = ListImportReport)]
pub struct Report {
    /// Lines with data.
    pub rows: usize,
    pub new: usize,
    pub changed: usize,
    pub same: usize,
    pub problems_total: usize,
    pub problems: Vec<LineProblem>,
    /// Whether anything was written; false for a preview and for a refused file.
    pub applied: bool,
}

impl Report {
    /// Takes the problems found, telling the first ones.
    pub fn found(&mut self, problems: Vec<LineProblem>) {
        self.problems_total = problems.len();
        self.problems = problems;
        self.problems.truncate(PROBLEMS_TOLD_MAX);
    }
}
