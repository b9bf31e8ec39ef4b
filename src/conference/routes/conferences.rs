//! Conferences over HTTP: the same verbs as the core's commands.

use axum::extract::State;
use axum::{Extension, Json};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::conference::meeting::Command;
use crate::conference::model::ConferenceId;
use crate::conference::refusals::Refused;
use crate::conference::routing::SlotMap;
use crate::conference::service::conferences::{self as service, Act};
use crate::conference::service::tokens;
use crate::conference::stage::Stage;
use crate::conference::view::view;
use crate::conference::wire::{
    self, Calls, Conference, ConferenceDraft, ConferenceMedia, ListConferences, MediaToken,
    OfVenue, OfVenues, VenueView,
};
use crate::identity::{Actor, VenueId};
use crate::platform::http::{Body, Page, Path, Query};
use crate::platform::{Answer, Ctx};

pub(super) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(by_id))
        .routes(routes!(start))
        .routes(routes!(end))
        .routes(routes!(invite))
        .routes(routes!(call))
        .routes(routes!(close_all_mics))
        .routes(routes!(join))
        .routes(routes!(rejoin))
        .routes(routes!(ring))
        .routes(routes!(answer))
        .routes(routes!(decline))
        .routes(routes!(leave))
        .routes(routes!(hang_up))
        .routes(routes!(remove))
        .routes(routes!(close_mic))
        .routes(routes!(open_mic))
        .routes(routes!(close_speaker))
        .routes(routes!(open_speaker))
        .routes(routes!(venue_view))
        .routes(routes!(media_token))
        .routes(routes!(media))
}

/// Newest first; for a venue terminal, the conferences it is invited to.
#[utoipa::path(get, path = "/conferences", tag = "conference", params(ListConferences), responses((status = 200, body = Page<Conference>)))]
async fn list(
    State(ctx): State<Ctx>,
    who: Actor,
    Query(wanted): Query<ListConferences>,
) -> Answer<Page<Conference>> {
    let page = service::list(&ctx, &who, &wanted).await?;
    Ok(Json(Page {
        items: page.items.iter().map(Conference::from).collect(),
        next: page.next,
    }))
}

/// Plans a conference: roster, active and standby main venue.
#[utoipa::path(post, path = "/conferences", tag = "conference", request_body = ConferenceDraft, responses((status = 200, body = Conference)))]
async fn create(
    State(ctx): State<Ctx>,
    who: Actor,
    Body(draft): Body<ConferenceDraft>,
) -> Answer<Conference> {
    let conference = service::create(&ctx, &who, draft).await?;
    Ok(Json((&conference).into()))
}

#[utoipa::path(get, path = "/conferences/{id}", tag = "conference", params(("id" = String, Path)), responses((status = 200, body = Conference)))]
async fn by_id(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<ConferenceId>,
) -> Answer<Conference> {
    let conference = service::by_id(&ctx, &who, &id).await?;
    Ok(Json((&conference).into()))
}

/// Starts the conference and calls every venue on the roster.
#[utoipa::path(post, path = "/conferences/{id}/start", tag = "conference", params(("id" = String, Path)), responses((status = 200, body = Conference)))]
async fn start(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<ConferenceId>,
) -> Answer<Conference> {
    let conference = service::direct(&ctx, &who, &id, Command::Start).await?;
    Ok(Json((&conference).into()))
}

/// Ends the conference for everybody.
#[utoipa::path(post, path = "/conferences/{id}/end", tag = "conference", params(("id" = String, Path)), responses((status = 200, body = Conference)))]
async fn end(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<ConferenceId>,
) -> Answer<Conference> {
    let conference = service::direct(&ctx, &who, &id, Command::End).await?;
    Ok(Json((&conference).into()))
}

/// Closes every microphone but the active main venue's.
#[utoipa::path(post, path = "/conferences/{id}/close-all-mics", tag = "conference", params(("id" = String, Path)), responses((status = 200, body = Conference)))]
async fn close_all_mics(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<ConferenceId>,
) -> Answer<Conference> {
    let conference = service::direct(&ctx, &who, &id, Command::CloseAllMics).await?;
    Ok(Json((&conference).into()))
}

/// Puts venues on the roster. Refused as a whole when one is unknown.
#[utoipa::path(post, path = "/conferences/{id}/invite", tag = "conference", params(("id" = String, Path)), request_body = OfVenues, responses((status = 200, body = Conference)))]
async fn invite(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<ConferenceId>,
    Body(of): Body<OfVenues>,
) -> Answer<Conference> {
    let conference = service::add(&ctx, &who, &id, &of.venue_ids).await?;
    Ok(Json((&conference).into()))
}

/// Calls the named venues, or all that are not in.
#[utoipa::path(post, path = "/conferences/{id}/call", tag = "conference", params(("id" = String, Path)), request_body = Calls, responses((status = 200, body = Conference)))]
async fn call(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<ConferenceId>,
    Body(calls): Body<Calls>,
) -> Answer<Conference> {
    let conference = service::call(&ctx, &who, &id, calls.venue_ids).await?;
    Ok(Json((&conference).into()))
}

macro_rules! venue_verbs {
    ($($(#[$doc:meta])* $verb:ident $path:tt $act:ident;)*) => {$(
        $(#[$doc])*
        #[utoipa::path(post, path = $path, tag = "conference", params(("id" = String, Path)), request_body = OfVenue, responses((status = 200, body = Conference)))]
        async fn $verb(State(ctx): State<Ctx>, who: Actor, Path(id): Path<ConferenceId>, Body(of): Body<OfVenue>) -> Answer<Conference> {
            let conference = service::act(&ctx, &who, &id, Act::$act, of.venue_id).await?;
            Ok(Json((&conference).into()))
        }
    )*};
}

venue_verbs! {
    /// The venue comes in, called or not.
    join "/conferences/{id}/join" Join;
    /// A client that was cut off comes back by itself; refused when its venue has gone to another conference.
    rejoin "/conferences/{id}/rejoin" Rejoin;
    /// The venue's terminal has received the call.
    ring "/conferences/{id}/ring" Ring;
    /// The venue takes the call.
    answer "/conferences/{id}/answer" Answer;
    /// The venue refuses the call.
    decline "/conferences/{id}/decline" Decline;
    /// The venue goes on purpose.
    leave "/conferences/{id}/leave" Leave;
    /// 挂断: ends the venue's connection; it stays on the roster and is not redialled.
    hang_up "/conferences/{id}/hang-up" HangUp;
    /// 删除: takes the venue off the roster.
    remove "/conferences/{id}/remove" Remove;
    /// Closes a microphone: by control, binding; by the venue itself, its own choice.
    close_mic "/conferences/{id}/close-mic" CloseMic;
    /// Opens a microphone, if whoever asks may lift the closure.
    open_mic "/conferences/{id}/open-mic" OpenMic;
    /// 关扬声器: the venue hears nothing; its own microphone is unaffected.
    close_speaker "/conferences/{id}/close-speaker" CloseSpeaker;
    open_speaker "/conferences/{id}/open-speaker" OpenSpeaker;
}

/// What a venue sees and hears, and which venue each of its media lines carries.
#[utoipa::path(get, path = "/conferences/{id}/venues/{venue}/view", tag = "conference", params(("id" = String, Path), ("venue" = String, Path)), responses((status = 200, body = VenueView)))]
async fn venue_view(
    State(ctx): State<Ctx>,
    stage: Option<Extension<Stage>>,
    who: Actor,
    Path((id, venue)): Path<(ConferenceId, VenueId)>,
) -> Answer<VenueView> {
    let conference = service::by_id(&ctx, &who, &id).await?;
    let picture = view(&conference.meeting, &venue);
    let map = match stage {
        Some(Extension(stage)) => stage.slots(conference.clone(), venue.clone()).await?,
        None => SlotMap::default(),
    };
    let view = wire::view(&conference, &venue, &picture, map).ok_or(Refused::NotOnRoster(venue))?;
    Ok(Json(view))
}

/// A secret for an encoder or terminal to publish and receive as this venue.
#[utoipa::path(post, path = "/conferences/{id}/venues/{venue}/media-token", tag = "conference", params(("id" = String, Path), ("venue" = String, Path)), responses((status = 200, body = MediaToken)))]
async fn media_token(
    State(ctx): State<Ctx>,
    who: Actor,
    Path((id, venue)): Path<(ConferenceId, VenueId)>,
) -> Answer<MediaToken> {
    let (token, expires_at) = tokens::issue(&ctx, &who, &id, &venue).await?;
    Ok(Json(MediaToken { token, expires_at }))
}

/// What the media server measures for each connected venue.
#[utoipa::path(get, path = "/conferences/{id}/media", tag = "conference", params(("id" = String, Path)), responses((status = 200, body = ConferenceMedia)))]
async fn media(
    State(ctx): State<Ctx>,
    stage: Option<Extension<Stage>>,
    who: Actor,
    Path(id): Path<ConferenceId>,
) -> Answer<ConferenceMedia> {
    let conference = service::by_id(&ctx, &who, &id).await?;
    let venues = match stage {
        Some(Extension(stage)) => stage.figures(conference.id).await?,
        None => Vec::new(),
    };
    Ok(Json(ConferenceMedia { venues }))
}
