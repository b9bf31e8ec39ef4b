//! WHIP (RFC 9725) and WHEP: a venue publishes its camera and microphone, and receives into fixed slots.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::conference::link::Restart;
use crate::conference::model::{Conference, ConferenceId};
use crate::conference::service::{conferences, media as service, permits};
use crate::conference::stage::{Opened, Stage, Way};
use crate::identity::{Actor, VenueId};
use crate::platform::http::{Path, Query};
use crate::platform::{Ctx, Failure, Kind, Refusal};

const SDP: &str = "application/sdp";
const FRAGMENT: &str = "application/trickle-ice-sdpfrag";

pub(super) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(publish))
        .routes(routes!(change_publishing, stop_publishing))
        .routes(routes!(receive))
        .routes(routes!(change_receiving, stop_receiving))
}

/// Needed with a session; a bearer token says both by itself.
#[derive(Clone, Debug, Deserialize, IntoParams)]
struct Whose {
    #[param(value_type = Option<String>)]
    conference: Option<ConferenceId>,
    #[param(value_type = Option<String>)]
    venue: Option<VenueId>,
}

/// Publishes a venue's camera and microphone. The body is an SDP offer, the answer an SDP answer.
#[utoipa::path(post, path = "/media/whip", tag = "media", params(Whose), request_body(content = String, content_type = "application/sdp"), responses((status = 201, body = String, content_type = "application/sdp")))]
async fn publish(
    State(ctx): State<Ctx>,
    Extension(stage): Extension<Stage>,
    who: Option<Extension<Actor>>,
    Query(whose): Query<Whose>,
    headers: HeaderMap,
    offer: String,
) -> Result<Response, Failure> {
    open(&ctx, &stage, who, whose, &headers, Way::Publish, offer).await
}

/// Receives into as many slots as the offer has media lines.
#[utoipa::path(post, path = "/media/whep", tag = "media", params(Whose), request_body(content = String, content_type = "application/sdp"), responses((status = 201, body = String, content_type = "application/sdp")))]
async fn receive(
    State(ctx): State<Ctx>,
    Extension(stage): Extension<Stage>,
    who: Option<Extension<Actor>>,
    Query(whose): Query<Whose>,
    headers: HeaderMap,
    offer: String,
) -> Result<Response, Failure> {
    open(&ctx, &stage, who, whose, &headers, Way::Receive, offer).await
}

/// Trickled candidates (204) or an ICE restart (200 with a fragment).
#[utoipa::path(patch, path = "/media/whip/{leg}", tag = "media", params(("leg" = String, Path)), request_body(content = String, content_type = "application/trickle-ice-sdpfrag"), responses((status = 200, body = String), (status = 204)))]
async fn change_publishing(
    State(ctx): State<Ctx>,
    Extension(stage): Extension<Stage>,
    who: Option<Extension<Actor>>,
    Path(leg): Path<String>,
    headers: HeaderMap,
    fragment: String,
) -> Result<Response, Failure> {
    change(&ctx, &stage, who, leg, &headers, fragment).await
}

/// Trickled candidates (204) or an ICE restart (200 with a fragment).
#[utoipa::path(patch, path = "/media/whep/{leg}", tag = "media", params(("leg" = String, Path)), request_body(content = String, content_type = "application/trickle-ice-sdpfrag"), responses((status = 200, body = String), (status = 204)))]
async fn change_receiving(
    State(ctx): State<Ctx>,
    Extension(stage): Extension<Stage>,
    who: Option<Extension<Actor>>,
    Path(leg): Path<String>,
    headers: HeaderMap,
    fragment: String,
) -> Result<Response, Failure> {
    change(&ctx, &stage, who, leg, &headers, fragment).await
}

/// Ends the connection; the venue stays in the conference.
#[utoipa::path(delete, path = "/media/whip/{leg}", tag = "media", params(("leg" = String, Path)), responses((status = 200)))]
async fn stop_publishing(
    State(ctx): State<Ctx>,
    Extension(stage): Extension<Stage>,
    who: Option<Extension<Actor>>,
    Path(leg): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Failure> {
    stop(&ctx, &stage, who, leg, &headers).await
}

/// Ends the connection; the venue stays in the conference.
#[utoipa::path(delete, path = "/media/whep/{leg}", tag = "media", params(("leg" = String, Path)), responses((status = 200)))]
async fn stop_receiving(
    State(ctx): State<Ctx>,
    Extension(stage): Extension<Stage>,
    who: Option<Extension<Actor>>,
    Path(leg): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Failure> {
    stop(&ctx, &stage, who, leg, &headers).await
}

async fn open(
    ctx: &Ctx,
    stage: &Stage,
    who: Option<Extension<Actor>>,
    whose: Whose,
    headers: &HeaderMap,
    way: Way,
    offer: String,
) -> Result<Response, Failure> {
    content_type(headers, SDP)?;
    let (conference, venue) = match bearer(headers) {
        Some(token) => service::scope_of(ctx, token).await?,
        None => named(ctx, who, whose).await?,
    };
    let Opened { leg, answer, etag } = stage.open(conference, venue, way, offer).await?;
    let kind = if way == Way::Publish { "whip" } else { "whep" };
    let headers = [
        (header::CONTENT_TYPE, SDP.to_owned()),
        (header::LOCATION, format!("/api/v1/media/{kind}/{leg}")),
        (header::ETAG, quoted(&etag)),
    ];
    Ok((StatusCode::CREATED, headers, answer).into_response())
}

async fn named(
    ctx: &Ctx,
    who: Option<Extension<Actor>>,
    whose: Whose,
) -> Result<(Conference, VenueId), Failure> {
    let Some(Extension(who)) = who else {
        return Err(nobody().into());
    };
    let venue = permits::named_or_own(&who, whose.venue)?;
    let Some(id) = whose.conference else {
        return Err(Refusal::new(
            Kind::Invalid,
            "media.no_conference",
            "请指明会议。",
            "Say which conference is meant.",
        )
        .into());
    };
    let conference = conferences::by_id(ctx, &who, &id).await?;
    permits::act_for(&who, &conference, &venue)?;
    Ok((conference, venue))
}

async fn change(
    ctx: &Ctx,
    stage: &Stage,
    who: Option<Extension<Actor>>,
    leg: String,
    headers: &HeaderMap,
    fragment: String,
) -> Result<Response, Failure> {
    content_type(headers, FRAGMENT)?;
    let etag = allow(ctx, stage, who, &leg, headers).await?;
    let wanted = headers
        .get(header::IF_MATCH)
        .and_then(|value| value.to_str().ok());
    if wanted.is_some_and(|wanted| wanted != "*" && wanted != quoted(&etag)) {
        return Ok(StatusCode::PRECONDITION_FAILED.into_response());
    }
    Ok(match stage.restart_ice(leg, fragment).await? {
        Restart::Trickled => StatusCode::NO_CONTENT.into_response(),
        Restart::Restarted { fragment, etag } => {
            let headers = [
                (header::CONTENT_TYPE, FRAGMENT.to_owned()),
                (header::ETAG, quoted(&etag)),
            ];
            (StatusCode::OK, headers, fragment).into_response()
        }
    })
}

async fn stop(
    ctx: &Ctx,
    stage: &Stage,
    who: Option<Extension<Actor>>,
    leg: String,
    headers: &HeaderMap,
) -> Result<StatusCode, Failure> {
    allow(ctx, stage, who, &leg, headers).await?;
    stage.close(leg).await?;
    Ok(StatusCode::OK)
}

/// Whoever may open a venue's connection may change it. Answers its present `ETag`.
async fn allow(
    ctx: &Ctx,
    stage: &Stage,
    who: Option<Extension<Actor>>,
    leg: &str,
    headers: &HeaderMap,
) -> Result<String, Failure> {
    let (conference, venue, etag) = stage.owner(leg.to_owned()).await?;
    match bearer(headers) {
        Some(token) => {
            let (scoped, holder) = service::scope_of(ctx, token).await?;
            if scoped.id != conference || holder != venue {
                return Err(nobody().into());
            }
        }
        None => {
            named(
                ctx,
                who,
                Whose {
                    conference: Some(conference),
                    venue: Some(venue),
                },
            )
            .await?;
        }
    }
    Ok(etag)
}

pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

fn content_type(headers: &HeaderMap, wanted: &'static str) -> Result<(), Refusal> {
    let sent = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if sent
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case(wanted))
    {
        return Ok(());
    }
    Err(Refusal::new(
        Kind::UnsupportedMedia,
        "media.content_type",
        format!("请求内容须为 {wanted}。"),
        format!("The body must be {wanted}."),
    ))
}

fn nobody() -> Refusal {
    Refusal::new(
        Kind::Unauthenticated,
        "media.not_authorised",
        "请登录，或使用本会场本次会议的媒体令牌。",
        "Sign in, or use the media token of this venue in this conference.",
    )
}

fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}
