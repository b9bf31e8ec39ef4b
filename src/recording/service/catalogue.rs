//! Looking things up in the catalogue, and opening a segment's file.

use std::path::PathBuf;

use crate::conference::{self, ConferenceId};
use crate::identity::{Action, Actor, policy};
use crate::platform::{Ctx, Failure, http::Page};
use crate::recording::model::{Recording, RecordingId, Segment, SegmentId};
use crate::recording::refusals::{file_gone, no_recording, no_segment};
use crate::recording::service::{control, entries};
use crate::recording::store;

/// A recording with everything that is whole of it.
pub type Whole = (Recording, Vec<Segment>);

/// The newest recording of a conference; everybody in it may know whether one runs.
pub async fn of_conference(
    ctx: &Ctx,
    who: &Actor,
    id: &ConferenceId,
) -> Result<Option<Recording>, Failure> {
    conference::readable(ctx, who, id).await?;
    Ok(store::last(&ctx.db, id).await?)
}

/// Newest first, as far as the actor reaches.
pub async fn list(
    ctx: &Ctx,
    who: &Actor,
    conference: Option<&ConferenceId>,
    after: Option<&str>,
    limit: i64,
) -> Result<Page<Whole>, Failure> {
    let before = after.unwrap_or("~");
    let conference = conference.map_or("", ConferenceId::as_str);
    let rows = store::list(&ctx.db, before, conference, limit + 1).await?;
    let mut page = Page::of(rows, limit as usize, |row| row.id.to_string());
    page.items
        .retain(|row| policy::may(who, Action::ReadRecordings, &row.division).is_ok());
    let mut items = Vec::with_capacity(page.items.len());
    for row in page.items {
        let segments = store::segments(&ctx.db, &row.id).await?;
        items.push((row, segments));
    }
    Ok(Page {
        items,
        next: page.next,
    })
}

pub async fn by_id(ctx: &Ctx, who: &Actor, id: &RecordingId) -> Result<Whole, Failure> {
    let recording = readable(ctx, who, id).await?;
    let segments = store::segments(&ctx.db, id).await?;
    Ok((recording, segments))
}

/// The file of a segment. `audit` is said once per playing or copying, with whether it is a copy.
#[tracing::instrument(name = "recording.open", skip_all, fields(segment.id = %id))]
pub async fn open(
    ctx: &Ctx,
    who: &Actor,
    recording: &RecordingId,
    id: &SegmentId,
    audit: Option<bool>,
) -> Result<(Segment, PathBuf), Failure> {
    let recording = readable(ctx, who, recording).await?;
    let segment = store::segment(&ctx.db, &recording.id, id)
        .await?
        .ok_or_else(|| no_segment(id.as_str()))?;
    let path = control::folder(ctx, &recording.id)
        .join(segment.venue_id.as_str())
        .join(&segment.file);
    if tokio::fs::metadata(&path).await.is_err() {
        return Err(file_gone(id.as_str()).into());
    }
    if let Some(download) = audit {
        let mut tx = ctx.db.begin().await?;
        let entry = entries::opened(&recording, &segment, download, who.account_id.as_str());
        tx.append(entry, ctx.clock.now()).await?;
        tx.commit().await?;
    }
    Ok((segment, path))
}

async fn readable(ctx: &Ctx, who: &Actor, id: &RecordingId) -> Result<Recording, Failure> {
    let recording = store::by_id(&ctx.db, id)
        .await?
        .ok_or_else(|| no_recording(id.as_str()))?;
    policy::may(who, Action::ReadRecordings, &recording.division)?;
    Ok(recording)
}
