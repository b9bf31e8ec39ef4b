//! Why something about an expert was refused.

use serde_json::json;

use super::model::Wrong;
use crate::platform::{Kind, Refusal as Problem, tabular::NotATable};

#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    Missing,
    VersionConflict { current: serde_json::Value },
    Invalid(Vec<Wrong>),
    NotATable(NotATable),
    ColumnsMissing(Vec<&'static str>),
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Missing => Self::new(
                Kind::Missing,
                "expert.missing",
                "没有这位专家。",
                "There is no such expert.",
            ),
            Refusal::VersionConflict { current } => Self::new(
                Kind::Conflict,
                "expert.version_conflict",
                "该专家信息已被他人修改，请核对后再保存。",
                "Somebody else has changed this expert; look at the current record and save again.",
            )
            .with("current", current),
            Refusal::Invalid(wrongs) => Self::new(
                Kind::Invalid,
                "expert.invalid",
                "专家信息有误，请按标出的项目改正。",
                "Some values are not valid; correct the fields named.",
            )
            .with(
                "fields",
                json!(
                    wrongs
                        .iter()
                        .map(|wrong| json!({"field": wrong.field(), "code": wrong.code()}))
                        .collect::<Vec<_>>()
                ),
            ),
            Refusal::NotATable(why) => Self::new(
                Kind::Invalid,
                "expert.not_a_table",
                "文件不是 UTF-8 或 GB 18030 编码的 CSV 表格。",
                "The file is not a CSV table in UTF-8 or GB 18030.",
            )
            .with("why", format!("{why:?}")),
            Refusal::ColumnsMissing(columns) => Self::new(
                Kind::Invalid,
                "expert.columns_missing",
                format!("表格缺少必需的列：{}。", columns.join("、")),
                "The table lacks columns it must have.",
            )
            .with("columns", json!(columns)),
        }
    }
}
