//! Every way recording says no: stable code, and what to do next in both languages.

use super::lifecycle::Refused;
use crate::platform::{Kind, Refusal};

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotRunning => Self::new(
                Kind::Conflict,
                "recording.conference_not_running",
                "会议未在进行，无法录制；请先开始会议。",
                "The conference is not running, so there is nothing to record; start it first.",
            ),
        }
    }
}

pub fn no_recording(id: &str) -> Refusal {
    Refusal::new(
        Kind::Missing,
        "recording.unknown",
        "没有这份录像。",
        "There is no such recording.",
    )
    .with("recording_id", id)
}

pub fn no_segment(id: &str) -> Refusal {
    Refusal::new(
        Kind::Missing,
        "recording.segment_unknown",
        "没有这段录像。",
        "There is no such segment of a recording.",
    )
    .with("segment_id", id)
}

/// The catalogue knows the file, the disk does not.
pub fn file_gone(id: &str) -> Refusal {
    Refusal::new(
        Kind::Missing,
        "recording.file_missing",
        "录像目录中有此记录，但磁盘上已无该文件，请联系系统管理员。",
        "The catalogue lists this segment but its file is no longer on the disk; ask the system administrator.",
    )
    .with("segment_id", id)
}
