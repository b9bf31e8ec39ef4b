//! Recordings as JSON.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{self, Gap};
use super::service::catalogue::Whole;
use crate::conference::{ConferenceId, RecordedGap};
use crate::platform::Millis;

/// Whether a conference is being recorded, and how its last recording ended.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RecordingState)]
pub struct State {
    pub running: bool,
    #[schema(value_type = Option<i64>)]
    pub started_at: Option<Millis>,
    pub started_by: Option<String>,
    /// Of the last one: `asked`, `conference_ended`, `disk_full`, `disk_failed`; the disk's are alarms.
    pub ended_why: Option<&'static str>,
    pub recording_id: Option<String>,
}

impl From<Option<model::Recording>> for State {
    fn from(last: Option<model::Recording>) -> Self {
        Self {
            running: last.as_ref().is_some_and(|last| last.ended_at.is_none()),
            started_at: last.as_ref().map(|last| last.started_at),
            started_by: last.as_ref().map(|last| last.started_by.clone()),
            ended_why: last.as_ref().and_then(|last| Some(last.ended_why?.word())),
            recording_id: last.map(|last| last.id.to_string()),
        }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Recording {
    pub recording_id: String,
    pub conference_id: String,
    pub title: String,
    pub division: String,
    #[schema(value_type = i64)]
    pub started_at: Millis,
    pub started_by: String,
    #[schema(value_type = Option<i64>)]
    pub ended_at: Option<Millis>,
    pub ended_why: Option<&'static str>,
    /// Bytes of all whole segments.
    pub bytes: i64,
    /// Whole segments in the order of their beginnings.
    pub segments: Vec<Segment>,
    pub version: i64,
}

impl From<Whole> for Recording {
    fn from((row, segments): Whole) -> Self {
        Self {
            recording_id: row.id.to_string(),
            conference_id: row.conference_id.to_string(),
            title: row.title,
            division: row.division.as_str().to_owned(),
            started_at: row.started_at,
            started_by: row.started_by,
            ended_at: row.ended_at,
            ended_why: row.ended_why.map(model::EndedWhy::word),
            bytes: segments.iter().map(|segment| segment.bytes).sum(),
            segments: segments.iter().map(Segment::from).collect(),
            version: row.version,
        }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RecordingSegment)]
pub struct Segment {
    pub segment_id: String,
    pub venue_id: String,
    pub venue_name: String,
    pub file: String,
    #[schema(value_type = i64)]
    pub started_at: Millis,
    pub duration_ms: i64,
    pub bytes: i64,
    /// `h264`, `vp8`, `vp9`, `av1`; absent without a picture.
    pub picture_codec: Option<String>,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub sound: bool,
    pub gaps: Vec<Gap>,
    /// SM3 over the file, hexadecimal.
    pub hash: String,
    /// Made whole after a crash; up to two seconds before its end are missing.
    pub salvaged: bool,
}

impl From<&model::Segment> for Segment {
    fn from(row: &model::Segment) -> Self {
        let picture = row.picture.as_ref();
        Self {
            segment_id: row.id.to_string(),
            venue_id: row.venue_id.to_string(),
            venue_name: row.venue_name.clone(),
            file: row.file.clone(),
            started_at: row.started_at,
            duration_ms: row.duration_ms,
            bytes: row.bytes,
            picture_codec: picture.map(|picture| picture.codec.clone()),
            width: picture.map(|picture| picture.width),
            height: picture.map(|picture| picture.height),
            sound: row.sound,
            gaps: row.gaps.clone(),
            hash: row.hash.clone(),
            salvaged: row.salvaged,
        }
    }
}

impl From<RecordedGap> for Gap {
    fn from(gap: RecordedGap) -> Self {
        Self {
            track: gap.track.to_owned(),
            cause: gap.cause.to_owned(),
            from_ms: gap.from_ms,
            until_ms: gap.until_ms,
        }
    }
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
pub struct ListRecordings {
    #[param(value_type = Option<String>)]
    pub conference_id: Option<ConferenceId>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// 1 to 100; 50 without.
    pub limit: Option<i64>,
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
pub struct OpenSegment {
    /// Take a copy away instead of playing it.
    #[serde(default)]
    pub download: bool,
}
