//! One batch of calls and how far it has come.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::plan::Plan;
use crate::{platform::Millis, region::DivisionCode};

crate::typed_id!(
    /// One uploaded file of call records.
    pub ImportId
);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CallImportState)]
pub enum State {
    /// The file is here, nothing has been done with it.
    Uploaded,
    Running,
    Done,
    /// The world failed; starting again goes on where it stopped.
    Failed,
    Undoing,
    Undone,
}

impl State {
    pub const ALL: [Self; 6] = [
        Self::Uploaded,
        Self::Running,
        Self::Done,
        Self::Failed,
        Self::Undoing,
        Self::Undone,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uploaded => "uploaded",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    pub id: ImportId,
    pub serial: i64,
    pub file_name: String,
    pub bytes: i64,
    pub sha256: String,
    pub division: DivisionCode,
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

/// Rows counted so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema)]
#[schema(as = CallImportProgress)]
pub struct Progress {
    pub total: i64,
    pub done: i64,
    /// Became calls by this import.
    pub added: i64,
    /// Were here before, from another import of the same source.
    pub known: i64,
    /// Could not become calls.
    pub refused: i64,
    /// Became calls whose place is not on the map.
    pub without_place: i64,
    pub problems: i64,
}
