//! What the slice says no to outside its cores: stable code, and what to do next in both languages.

use serde_json::Value;

use super::model::IncidentId;
use crate::platform::{Kind, Refusal};

#[derive(Debug, Clone, PartialEq)]
pub enum No {
    IncidentMissing {
        id: IncidentId,
    },
    /// No such call of this incident.
    CallMissing,
    ImportMissing,
    /// Somebody changed it since it was read; here is how it stands now.
    VersionConflict {
        current: Value,
    },
    /// The chosen id belongs to something else.
    IdTaken,
    FieldUnusable {
        field: &'static str,
        zh: String,
        en: String,
    },
    LevelUndefined,
    LevelBasisMissing,
    MergeIntoClosedCircle,
    MergeTargetUnusable {
        status: &'static str,
    },
}

impl From<No> for Refusal {
    fn from(no: No) -> Self {
        match no {
            No::IncidentMissing { id } => Self::new(
                Kind::Missing,
                "incident.missing",
                "没有这个事件，可能已被撤销导入。",
                "There is no such incident; its import may have been undone.",
            )
            .with("id", id.as_str()),
            No::CallMissing => Self::new(
                Kind::Missing,
                "incident.call_missing",
                "该事件没有这条接警记录，请刷新后重试。",
                "This incident has no such call; reload it and try again.",
            ),
            No::ImportMissing => {
                Self::new(Kind::Missing, "call_import.missing", "没有这个导入批次。", "There is no such import.")
            }
            No::VersionConflict { current } => Self::new(
                Kind::Conflict,
                "incident.version_conflict",
                "事件已被他人修改；请核对最新内容后再提交。",
                "Somebody else changed the incident; look at it as it stands now and submit again.",
            )
            .with("current", current),
            No::IdTaken => Self::new(
                Kind::Conflict,
                "incident.id_taken",
                "该编号已被其他记录使用，请换一个。",
                "This id already belongs to another record; choose a fresh one.",
            ),
            No::FieldUnusable { field, zh, en } => {
                Self::new(Kind::Invalid, "incident.field_unusable", zh, en).with("field", field)
            }
            No::LevelUndefined => Self::new(
                Kind::Invalid,
                "incident.level_undefined",
                "法律未对社会安全事件分级，不能设定级别。",
                "The law defines no levels for social security incidents; none can be set.",
            ),
            No::LevelBasisMissing => Self::new(
                Kind::Invalid,
                "incident.level_basis_missing",
                "设定的级别与规则建议不同，请填写依据。",
                "The level differs from what the rules propose; say on what basis it is set.",
            ),
            No::MergeIntoClosedCircle => Self::new(
                Kind::Conflict,
                "incident.merge_circle",
                "目标事件已并入本事件；请反向操作或先撤销并入。",
                "The target is itself merged into this incident; un-merge it first.",
            ),
            No::MergeTargetUnusable { status } => Self::new(
                Kind::Conflict,
                "incident.merge_target_unusable",
                "目标事件为草稿、误报、移交或重复状态，不能并入。",
                "The target is a draft, dismissed, transferred or a duplicate; nothing can be merged into it.",
            )
            .with("state", status),
        }
    }
}
