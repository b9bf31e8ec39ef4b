//! What opening a consultation says no to: stable code, and what to do next in both languages.

use crate::platform::{Kind, Refusal};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum No {
    /// The incident has no point on the map, so nothing is near or far.
    PlaceUnknown,
    UnknownKind(String),
    TooManyExperts {
        most: usize,
    },
}

impl From<No> for Refusal {
    fn from(no: No) -> Self {
        match no {
            No::PlaceUnknown => Self::new(
                Kind::Conflict,
                "consultation.no_place",
                "该事件没有地图位置，无法查询周边；请先在事件信息中补充坐标。",
                "This incident has no point on the map, so nothing can be said about its surroundings; add its coordinates first.",
            ),
            No::UnknownKind(code) => Self::new(
                Kind::Invalid,
                "consultation.unknown_kind",
                format!("没有“{code}”这类基础设施；可用类别见设施类别表。"),
                format!("There is no kind of asset “{code}”; see the table of kinds."),
            )
            .with("kind", code),
            No::TooManyExperts { most } => Self::new(
                Kind::Invalid,
                "consultation.too_many_experts",
                format!("一次会商最多邀请 {most} 位专家，请减少人选。"),
                format!("A consultation invites at most {most} experts; choose fewer."),
            )
            .with("most", most),
        }
    }
}
