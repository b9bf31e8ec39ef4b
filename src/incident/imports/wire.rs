//! Imports as JSON.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    jobs::file::Look,
    model::{self, ImportId, Progress, State},
    plan::Plan,
    reading::{self, ProblemCode},
    service,
};
use crate::{
    incident::{
        duplicate::Evidence,
        model::{IncidentId, Point},
        wire,
    },
    platform::{Millis, text::Encoding},
};

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CallImport)]
pub struct Import {
    pub id: ImportId,
    pub serial: i64,
    pub file_name: String,
    pub bytes: i64,
    pub sha256: String,
    pub division: String,
    pub state: State,
    pub plan: Option<Plan>,
    pub progress: Progress,
    pub failure: Option<String>,
    pub created_by: String,
    pub created_at: Millis,
    pub started_at: Option<Millis>,
    pub finished_at: Option<Millis>,
    pub undone_at: Option<Millis>,
    pub version: i64,
}

impl From<&model::Import> for Import {
    fn from(import: &model::Import) -> Self {
        let import = import.clone();
        Self {
            id: import.id,
            serial: import.serial,
            file_name: import.file_name,
            bytes: import.bytes,
            sha256: import.sha256,
            division: import.division.as_str().to_owned(),
            state: import.state,
            plan: import.plan,
            progress: import.progress,
            failure: import.failure,
            created_by: import.created_by,
            created_at: import.created_at,
            started_at: import.started_at,
            finished_at: import.finished_at,
            undone_at: import.undone_at,
            version: import.version,
        }
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CallImports)]
pub struct Imports {
    /// Newest first.
    pub items: Vec<Import>,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct UploadQuery {
    /// Name of the file, for people.
    pub name: String,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct LookQuery {
    pub encoding: Option<Encoding>,
    pub delimiter: Option<char>,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// `next` of the page before.
    pub after: String,
    /// 1–500, default 100.
    pub limit: Option<usize>,
}

/// The file as it looks, and the plan a person will most likely want.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CallImportLook)]
pub struct Looked {
    pub import: Import,
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
    pub suggested: Plan,
}

impl Looked {
    #[must_use]
    pub fn of(import: &model::Import, look: Look) -> Self {
        Self {
            import: import.into(),
            header: look.header,
            rows: look.rows,
            suggested: look.suggested,
        }
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CallImportProblem)]
pub struct Problem {
    /// From 1, the header included.
    pub line: u64,
    pub code: &'static str,
    pub column: String,
    /// What stood there.
    pub value: String,
    /// The row did not become a call.
    pub refused: bool,
    pub text: &'static str,
    pub text_en: &'static str,
}

impl From<&reading::Problem> for Problem {
    fn from(problem: &reading::Problem) -> Self {
        let (text, text_en) = said(problem.code);
        Self {
            line: problem.line,
            code: problem.code.as_str(),
            column: problem.column.clone(),
            value: problem.value.clone(),
            refused: problem.code.refuses(),
            text,
            text_en,
        }
    }
}

fn said(code: ProblemCode) -> (&'static str, &'static str) {
    match code {
        ProblemCode::TimeUnreadable => (
            "时间无法识别，该行未导入",
            "The time cannot be read; the row was not imported",
        ),
        ProblemCode::ShapeUnlike => (
            "列数与表头不符，该行未导入",
            "The row has another number of cells than the header; not imported",
        ),
        ProblemCode::TimeTwice => (
            "该时刻因时钟回拨出现两次，按第一次计",
            "The clock was set back and showed this time twice; the first is taken",
        ),
        ProblemCode::TimeNever => (
            "该时刻因时钟拨快并不存在，已顺延",
            "The clock was set forward and never showed this time; read as if it had gone on",
        ),
        ProblemCode::PlaceUnreadable => (
            "坐标无法识别，已按无坐标导入",
            "The point cannot be read; imported without a point",
        ),
        ProblemCode::PlaceOutsideArea => (
            "坐标在声明范围之外，已按无坐标导入",
            "The point lies outside the declared area; imported without a point",
        ),
        ProblemCode::PlaceFarFromAll => (
            "坐标远离其余记录，已按无坐标导入",
            "The point lies far from all others; imported without a point",
        ),
        ProblemCode::PlaceNull => (
            "坐标为 0,0，已按无坐标导入",
            "The point is 0, 0; imported without a point",
        ),
        ProblemCode::PlaceMissing => ("没有坐标", "There is no point"),
        ProblemCode::CategoryUnknown => (
            "类别无法对应，已用默认类别",
            "No rule knows this category; the default was used",
        ),
        ProblemCode::TextUndecodable => (
            "含无法解码的字符，请检查编码",
            "Characters cannot be decoded; check the encoding",
        ),
        ProblemCode::TextCut => ("内容过长，已截短", "The text is too long and was cut"),
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CallImportPreview)]
pub struct Preview {
    /// The whole file, as it would be counted; `known` is only found out when it runs.
    pub progress: Progress,
    /// Middle of all points, WGS-84.
    pub middle: Option<Point>,
    pub rows: Vec<PreviewRow>,
    /// The first 500.
    pub problems: Vec<Problem>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CallImportRow)]
pub struct PreviewRow {
    pub line: u64,
    pub received_at: Option<Millis>,
    pub category: Option<&'static str>,
    pub service: String,
    pub subject: String,
    pub place_text: String,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    pub problems: Vec<&'static str>,
}

impl From<service::Preview> for Preview {
    fn from(preview: service::Preview) -> Self {
        let row = |outcome: &reading::Outcome| {
            let call = outcome.call.as_ref();
            let point = call.and_then(|call| call.place.point);
            PreviewRow {
                line: call.map_or_else(
                    || outcome.problems.first().map_or(0, |problem| problem.line),
                    |call| call.line,
                ),
                received_at: call.map(|call| call.received_at),
                category: call.map(|call| call.category.slug()),
                service: call.map(|call| call.service.clone()).unwrap_or_default(),
                subject: call.map(|call| call.subject.clone()).unwrap_or_default(),
                place_text: call.map(|call| call.place.text.clone()).unwrap_or_default(),
                lon: point.map(|point| point.lon),
                lat: point.map(|point| point.lat),
                problems: outcome
                    .problems
                    .iter()
                    .map(|problem| problem.code.as_str())
                    .collect(),
            }
        };
        Self {
            progress: preview.progress,
            middle: preview.middle,
            rows: preview.rows.iter().map(row).collect(),
            problems: preview.problems.iter().map(Problem::from).collect(),
        }
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = MergeProposals)]
pub struct Proposals {
    /// Groups altogether.
    pub total: usize,
    /// Reports that would be merged away.
    pub members: usize,
    pub items: Vec<ProposedGroup>,
    pub next: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = MergeGroup)]
pub struct ProposedGroup {
    /// The earliest report; the others are merged into it.
    pub keep: wire::Incident,
    pub others: Vec<ProposedMember>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = MergeMember)]
pub struct ProposedMember {
    pub incident: wire::Incident,
    pub score: i32,
    pub evidence: Vec<Evidence>,
}

impl Proposals {
    #[must_use]
    pub fn of(found: service::Proposals, skip: usize) -> Self {
        let seen = skip + found.groups.len();
        let items = found
            .groups
            .into_iter()
            .filter_map(|(group, rows)| {
                let row = |id: &IncidentId| {
                    rows.iter()
                        .find(|incident| incident.id == *id)
                        .map(wire::Incident::from)
                };
                let others = group.others.iter().filter_map(|member| {
                    Some(ProposedMember {
                        incident: row(&member.id)?,
                        score: member.score,
                        evidence: member.evidence.clone(),
                    })
                });
                Some(ProposedGroup {
                    keep: row(&group.keep)?,
                    others: others.collect(),
                })
            })
            .collect();
        let next = (seen < found.total).then(|| seen.to_string());
        Self {
            total: found.total,
            members: found.members,
            items,
            next,
        }
    }
}
