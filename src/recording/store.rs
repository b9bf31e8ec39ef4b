//! Rows of recordings and segments.

use super::model::{EndedWhy, Gap, Picture, Recording, RecordingId, Segment, SegmentId};
use crate::conference::ConferenceId;
use crate::identity::VenueId;
use crate::platform::{
    Db, Fault, Millis,
    db::{Row, Tx, args},
};
use crate::region::DivisionCode;

const INSERT: &str = "
    INSERT INTO recordings (recording_id, conference_id, title, division, started_at, started_by, version)
    VALUES ($1, $2, $3, $4, $5, $6, 1)
";
const END: &str = "
    UPDATE recordings
       SET ended_at = $2, ended_why = $3, version = version + 1
     WHERE recording_id = $1
       AND ended_at IS NULL
";
const BY_ID: &str = "
    SELECT recording_id, conference_id, title, division, started_at, started_by, ended_at, ended_why, version
      FROM recordings
     WHERE recording_id = $1
";
const RUNNING: &str = "
    SELECT recording_id, conference_id, title, division, started_at, started_by, ended_at, ended_why, version
      FROM recordings
     WHERE ended_at IS NULL
       AND ($1 = '' OR conference_id = $1)
";
const LAST: &str = "
      SELECT recording_id, conference_id, title, division, started_at, started_by, ended_at, ended_why, version
        FROM recordings
       WHERE conference_id = $1
    ORDER BY recording_id DESC
       LIMIT 1
";
const LIST: &str = "
      SELECT recording_id, conference_id, title, division, started_at, started_by, ended_at, ended_why, version
        FROM recordings
       WHERE recording_id < $1
         AND ($2 = '' OR conference_id = $2)
    ORDER BY recording_id DESC
       LIMIT $3
";
const INSERT_SEGMENT: &str = "
    INSERT INTO recording_segments (segment_id, recording_id, venue_id, venue_name, file, started_at, duration_ms
                                  , bytes, picture_codec, width, height, sound, gaps, hash, salvaged)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
    ON CONFLICT (recording_id, venue_id, file) DO NOTHING
";
const SEGMENT: &str = "
    SELECT segment_id, recording_id, venue_id, venue_name, file, started_at, duration_ms, bytes, picture_codec
         , width, height, sound, gaps, hash, salvaged
      FROM recording_segments
     WHERE segment_id = $1
       AND recording_id = $2
";
const SEGMENTS: &str = "
      SELECT segment_id, recording_id, venue_id, venue_name, file, started_at, duration_ms, bytes, picture_codec
           , width, height, sound, gaps, hash, salvaged
        FROM recording_segments
       WHERE recording_id = $1
    ORDER BY started_at, segment_id
";

pub const STATEMENTS: &[&[&str]] = &[&[
    INSERT,
    END,
    BY_ID,
    RUNNING,
    LAST,
    LIST,
    INSERT_SEGMENT,
    SEGMENT,
    SEGMENTS,
]];

pub async fn insert(tx: &mut Tx, recording: &Recording) -> Result<(), Fault> {
    let values = args![
        recording.id.as_str(),
        recording.conference_id.as_str(),
        recording.title.as_str(),
        recording.division.as_str(),
        recording.started_at.0,
        recording.started_by.as_str(),
    ];
    tx.execute(INSERT, values).await.map(drop)
}

/// False when it had ended before.
pub async fn end(tx: &mut Tx, id: &RecordingId, now: Millis, why: EndedWhy) -> Result<bool, Fault> {
    let changed = tx
        .execute(END, args![id.as_str(), now.0, why.word()])
        .await?;
    Ok(changed == 1)
}

pub async fn by_id(db: &Db, id: &RecordingId) -> Result<Option<Recording>, Fault> {
    let row = db.read().fetch_optional(BY_ID, args![id.as_str()]).await?;
    row.as_ref().map(recording).transpose()
}

/// All running ones, or the one of a conference.
pub async fn running(db: &Db, of: Option<&ConferenceId>) -> Result<Vec<Recording>, Fault> {
    let of = of.map_or("", ConferenceId::as_str);
    let rows = db.read().fetch_all(RUNNING, args![of]).await?;
    rows.iter().map(recording).collect()
}

/// As [`running`], inside a transaction that is about to change it.
pub async fn running_locked(tx: &mut Tx, of: &ConferenceId) -> Result<Option<Recording>, Fault> {
    let row = tx.fetch_optional(RUNNING, args![of.as_str()]).await?;
    row.as_ref().map(recording).transpose()
}

/// The newest recording of a conference, running or not.
pub async fn last(db: &Db, of: &ConferenceId) -> Result<Option<Recording>, Fault> {
    let row = db.read().fetch_optional(LAST, args![of.as_str()]).await?;
    row.as_ref().map(recording).transpose()
}

pub async fn list(
    db: &Db,
    before: &str,
    conference: &str,
    limit: i64,
) -> Result<Vec<Recording>, Fault> {
    let rows = db
        .read()
        .fetch_all(LIST, args![before, conference, limit])
        .await?;
    rows.iter().map(recording).collect()
}

/// False when the file is in the catalogue already.
pub async fn insert_segment(tx: &mut Tx, segment: &Segment) -> Result<bool, Fault> {
    let gaps = serde_json::to_string(&segment.gaps)
        .map_err(|error| Fault::new("writing the gaps of a segment", error))?;
    let picture = segment.picture.as_ref();
    let values = args![
        segment.id.as_str(),
        segment.recording_id.as_str(),
        segment.venue_id.as_str(),
        segment.venue_name.as_str(),
        segment.file.as_str(),
        segment.started_at.0,
        segment.duration_ms,
        segment.bytes,
        picture.map(|picture| picture.codec.clone()),
        picture.map(|picture| picture.width),
        picture.map(|picture| picture.height),
        segment.sound,
        gaps,
        segment.hash.as_str(),
        segment.salvaged,
    ];
    Ok(tx.execute(INSERT_SEGMENT, values).await? == 1)
}

pub async fn segment(
    db: &Db,
    recording: &RecordingId,
    id: &SegmentId,
) -> Result<Option<Segment>, Fault> {
    let row = db
        .read()
        .fetch_optional(SEGMENT, args![id.as_str(), recording.as_str()])
        .await?;
    row.as_ref().map(read_segment).transpose()
}

/// In the order of their beginnings.
pub async fn segments(db: &Db, of: &RecordingId) -> Result<Vec<Segment>, Fault> {
    let rows = db.read().fetch_all(SEGMENTS, args![of.as_str()]).await?;
    rows.iter().map(read_segment).collect()
}

fn recording(row: &Row) -> Result<Recording, Fault> {
    let why: Option<String> = row.get("ended_why")?;
    Ok(Recording {
        id: id(row, "recording_id", RecordingId::parse)?,
        conference_id: id(row, "conference_id", ConferenceId::parse)?,
        title: row.get("title")?,
        division: id(row, "division", |text| DivisionCode::parse(text).ok())?,
        started_at: Millis(row.get("started_at")?),
        started_by: row.get("started_by")?,
        ended_at: row.get::<Option<i64>>("ended_at")?.map(Millis),
        ended_why: why
            .map(|why| EndedWhy::parse(&why).ok_or_else(|| unknown("ended_why", &why)))
            .transpose()?,
        version: row.get("version")?,
    })
}

fn read_segment(row: &Row) -> Result<Segment, Fault> {
    let gaps: String = row.get("gaps")?;
    let gaps: Vec<Gap> = serde_json::from_str(&gaps)
        .map_err(|error| Fault::new("reading the gaps of a segment", error))?;
    let codec: Option<String> = row.get("picture_codec")?;
    let picture = match codec {
        Some(codec) => Some(Picture {
            codec,
            width: row.get::<Option<i64>>("width")?.unwrap_or_default(),
            height: row.get::<Option<i64>>("height")?.unwrap_or_default(),
        }),
        None => None,
    };
    Ok(Segment {
        id: id(row, "segment_id", SegmentId::parse)?,
        recording_id: id(row, "recording_id", RecordingId::parse)?,
        venue_id: id(row, "venue_id", VenueId::parse)?,
        venue_name: row.get("venue_name")?,
        file: row.get("file")?,
        started_at: Millis(row.get("started_at")?),
        duration_ms: row.get("duration_ms")?,
        bytes: row.get("bytes")?,
        picture,
        sound: row.get("sound")?,
        gaps,
        hash: row.get("hash")?,
        salvaged: row.get("salvaged")?,
    })
}

fn id<T>(row: &Row, column: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, Fault> {
    let text: String = row.get(column)?;
    parse(&text).ok_or_else(|| unknown(column, &text))
}

fn unknown(column: &str, text: &str) -> Fault {
    Fault::new(
        format!("reading column {column}"),
        format!("unknown {text:?}"),
    )
}
