//! Recordings over HTTP: the verbs, the catalogue, and files with ranges for players.

use std::io::SeekFrom;
use std::path::Path as FilePath;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::model::{RecordingId, Segment, SegmentId};
use super::range::{Wanted, wanted};
use super::service::{catalogue, control};
use super::wire::{self, ListRecordings, OpenSegment, Recording};
use crate::conference::{ConferenceId, Stage};
use crate::identity::Actor;
use crate::platform::http::{Page, Path, Query};
use crate::platform::{Answer, Ctx, Failure, Fault};

/// What is read from the disk at a time.
const PIECE: usize = 1 << 17;

pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(state))
        .routes(routes!(record))
        .routes(routes!(stop_recording))
        .routes(routes!(list))
        .routes(routes!(by_id))
        .routes(routes!(media))
}

/// Whether the conference is being recorded; everybody in it may know.
#[utoipa::path(get, path = "/conferences/{id}/recording", tag = "recording", params(("id" = String, Path)), responses((status = 200, body = wire::State)))]
async fn state(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<ConferenceId>,
) -> Answer<wire::State> {
    let last = catalogue::of_conference(&ctx, &who, &id).await?;
    Ok(Json(last.into()))
}

/// Records every venue of the conference from now on.
#[utoipa::path(post, path = "/conferences/{id}/record", tag = "recording", params(("id" = String, Path)), responses((status = 200, body = wire::State)))]
async fn record(
    State(ctx): State<Ctx>,
    Extension(stage): Extension<Stage>,
    who: Actor,
    Path(id): Path<ConferenceId>,
) -> Answer<wire::State> {
    let recording = control::start(&ctx, &stage, &who, &id).await?;
    Ok(Json(Some(recording).into()))
}

/// Ends the recording of the conference.
#[utoipa::path(post, path = "/conferences/{id}/stop-recording", tag = "recording", params(("id" = String, Path)), responses((status = 200, body = wire::State)))]
async fn stop_recording(
    State(ctx): State<Ctx>,
    Extension(stage): Extension<Stage>,
    who: Actor,
    Path(id): Path<ConferenceId>,
) -> Answer<wire::State> {
    let last = control::stop(&ctx, &stage, &who, &id).await?;
    Ok(Json(last.into()))
}

/// The catalogue, newest first.
#[utoipa::path(get, path = "/recordings", tag = "recording", params(ListRecordings), responses((status = 200, body = Page<Recording>)))]
async fn list(
    State(ctx): State<Ctx>,
    who: Actor,
    Query(asked): Query<ListRecordings>,
) -> Answer<Page<Recording>> {
    let limit = asked.limit.unwrap_or(50).clamp(1, 100);
    let page = catalogue::list(
        &ctx,
        &who,
        asked.conference_id.as_ref(),
        asked.after.as_deref(),
        limit,
    )
    .await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(Recording::from).collect(),
        next: page.next,
    }))
}

#[utoipa::path(get, path = "/recordings/{id}", tag = "recording", params(("id" = String, Path)), responses((status = 200, body = Recording)))]
async fn by_id(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<RecordingId>,
) -> Answer<Recording> {
    let whole = catalogue::by_id(&ctx, &who, &id).await?;
    Ok(Json(whole.into()))
}

/// A segment's file, whole or in ranges; what is opened is audited.
#[utoipa::path(get, path = "/recordings/{id}/segments/{segment}/media", tag = "recording", params(("id" = String, Path), ("segment" = String, Path), OpenSegment), responses((status = 200, content_type = "video/webm"), (status = 206), (status = 416)))]
async fn media(
    State(ctx): State<Ctx>,
    who: Actor,
    Path((id, segment)): Path<(RecordingId, SegmentId)>,
    Query(asked): Query<OpenSegment>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let range = headers
        .get(header::RANGE)
        .and_then(|range| range.to_str().ok());
    // A player asks for many pieces of what it plays; its first is the one that counts.
    let from_start = range.is_none_or(|range| range.trim().starts_with("bytes=0-"));
    let audit = (from_start || asked.download).then_some(asked.download);
    let (segment, path) = catalogue::open(&ctx, &who, &id, &segment, audit).await?;
    answer(&segment, &path, range, &headers, asked.download).await
}

async fn answer(
    segment: &Segment,
    path: &FilePath,
    range: Option<&str>,
    headers: &HeaderMap,
    download: bool,
) -> Result<Response, Failure> {
    let reading = |error| Fault::new(format!("reading {}", path.display()), error);
    let mut file = File::open(path).await.map_err(reading)?;
    let len = file.metadata().await.map_err(reading)?.len();
    let etag = format!("\"{}\"", segment.hash);
    let same = headers
        .get(header::IF_RANGE)
        .is_none_or(|known| known.as_bytes() == etag.as_bytes());
    let kind = match (
        path.extension().and_then(|ending| ending.to_str()),
        &segment.picture,
    ) {
        (Some("mp4"), _) => "video/mp4",
        (_, Some(_)) => "video/webm",
        (_, None) => "audio/webm",
    };
    let mut answer = Response::builder()
        .header(header::CONTENT_TYPE, kind)
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::ETAG, etag)
        // Whoever has signed out must not find it in his browser.
        .header(header::CACHE_CONTROL, "private, no-store");
    if download {
        let name = format!("{}-{}", segment.venue_id, segment.file);
        answer = answer.header(
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        );
    }
    let (from, until) = match wanted(range.filter(|_| same), len) {
        Wanted::Whole => (0, len),
        Wanted::Part(from, until) => {
            answer = answer.status(StatusCode::PARTIAL_CONTENT).header(
                header::CONTENT_RANGE,
                format!("bytes {from}-{}/{len}", until - 1),
            );
            (from, until)
        }
        Wanted::Beyond => {
            let range = [(header::CONTENT_RANGE, format!("bytes */{len}"))];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, range).into_response());
        }
    };
    file.seek(SeekFrom::Start(from)).await.map_err(reading)?;
    answer
        .header(header::CONTENT_LENGTH, until - from)
        .body(pieces(file, until - from))
        .map_err(|error| Fault::new("answering with a recording", error).into())
}

fn pieces(file: File, len: u64) -> Body {
    Body::from_stream(futures_util::stream::try_unfold(
        (file, len),
        |(mut file, left)| async move {
            if left == 0 {
                return Ok::<_, std::io::Error>(None);
            }
            let mut piece = vec![0; left.min(PIECE as u64) as usize];
            let read = file.read(&mut piece).await?;
            if read == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            piece.truncate(read);
            Ok(Some((Bytes::from(piece), (file, left - read as u64))))
        },
    ))
}
