//! Recordings and their segments: what they are, not what may happen to them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::conference::ConferenceId;
use crate::identity::VenueId;
use crate::platform::Millis;
use crate::region::DivisionCode;

crate::typed_id!(pub RecordingId);
crate::typed_id!(pub SegmentId);

/// From one start to one stop; every venue that sends is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    pub id: RecordingId,
    pub conference_id: ConferenceId,
    /// The conference's title when it began.
    pub title: String,
    pub division: DivisionCode,
    pub started_at: Millis,
    pub started_by: String,
    pub ended_at: Option<Millis>,
    pub ended_why: Option<EndedWhy>,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedWhy {
    /// Somebody pressed stop.
    Asked,
    ConferenceEnded,
    /// Alarm: the disk has less room than the low-water mark.
    DiskFull,
    /// Alarm: the disk failed.
    DiskFailed,
}

impl EndedWhy {
    pub fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::ConferenceEnded => "conference_ended",
            Self::DiskFull => "disk_full",
            Self::DiskFailed => "disk_failed",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::Asked,
            Self::ConferenceEnded,
            Self::DiskFull,
            Self::DiskFailed,
        ]
        .into_iter()
        .find(|why| why.word() == word)
    }

    pub fn is_alarm(self) -> bool {
        matches!(self, Self::DiskFull | Self::DiskFailed)
    }
}

/// One whole file of one venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    pub id: SegmentId,
    pub recording_id: RecordingId,
    pub venue_id: VenueId,
    pub venue_name: String,
    /// Name inside the recording's folder of the venue.
    pub file: String,
    pub started_at: Millis,
    pub duration_ms: i64,
    pub bytes: i64,
    pub picture: Option<Picture>,
    pub sound: bool,
    pub gaps: Vec<Gap>,
    /// SM3 over the file, hexadecimal.
    pub hash: String,
    /// Made whole after a crash; up to two seconds before it are missing.
    pub salvaged: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pub codec: String,
    pub width: i64,
    pub height: i64,
}

/// A stretch without picture or sound of its own, milliseconds since the segment's start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Gap {
    /// `picture`, `sound`
    pub track: String,
    /// `lost`, `overload`, `absent`
    pub cause: String,
    pub from_ms: i64,
    pub until_ms: i64,
}
