//! Join links: made by whoever runs the conference, used by the invited person without an account.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::media::bearer;
use crate::conference::invitation::Closed;
use crate::conference::model::{ConferenceId, LinkId};
use crate::conference::refusals::Refused;
use crate::conference::routing::SlotMap;
use crate::conference::service::links::{self as service, GuestAct};
use crate::conference::stage::Stage;
use crate::conference::store::links::Link;
use crate::conference::view::view;
use crate::conference::wire::{
    self, GuestSeat, IssuedLink, JoinLink, JoinLinks, LinkFor, LinkToken, VenueView,
};
use crate::identity::Actor;
use crate::platform::http::{Body, Path};
use crate::platform::{Answer, Ctx, Failure, Kind, Millis, Refusal};

pub(super) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(list, issue))
        .routes(routes!(revoke))
        .routes(routes!(redeem))
        .routes(routes!(guest_view))
        .routes(routes!(guest_act))
}

/// The links of a conference, newest first, without their secrets.
#[utoipa::path(get, path = "/conferences/{id}/links", tag = "join", params(("id" = String, Path)), responses((status = 200, body = JoinLinks)))]
async fn list(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<ConferenceId>,
) -> Answer<JoinLinks> {
    let links = service::list(&ctx, &who, &id).await?;
    Ok(Json(seen(&links, ctx.clock.now())))
}

/// A new link for one of the conference's people; an earlier one stops working.
#[utoipa::path(post, path = "/conferences/{id}/links", tag = "join", params(("id" = String, Path)), request_body = LinkFor, responses((status = 201, body = IssuedLink)))]
async fn issue(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<ConferenceId>,
    Body(wanted): Body<LinkFor>,
) -> Result<(StatusCode, Json<IssuedLink>), Failure> {
    let (link, token) = service::issue(&ctx, &who, &id, &wanted.reference).await?;
    let link = one(&link, ctx.clock.now());
    Ok((StatusCode::CREATED, Json(IssuedLink { link, token })))
}

/// Ends a link; whoever has come in with it is hung up.
#[utoipa::path(post, path = "/conferences/{id}/links/{link}/revoke", tag = "join", params(("id" = String, Path), ("link" = String, Path)), responses((status = 200, body = JoinLinks)))]
async fn revoke(
    State(ctx): State<Ctx>,
    who: Actor,
    Path((id, link)): Path<(ConferenceId, LinkId)>,
) -> Answer<JoinLinks> {
    let links = service::revoke(&ctx, &who, &id, &link).await?;
    Ok(Json(seen(&links, ctx.clock.now())))
}

/// Uses a link up: from now on the client's key opens the person's seat. Repeating it with the same key is harmless.
#[utoipa::path(post, path = "/join", tag = "join", request_body = LinkToken, responses((status = 200, body = GuestSeat)))]
async fn redeem(State(ctx): State<Ctx>, Body(with): Body<LinkToken>) -> Answer<GuestSeat> {
    let (conference, link) = service::redeem(&ctx, &with.token, &with.key).await?;
    Ok(Json(GuestSeat {
        expires_at: link.invitation.key_until().unwrap_or(link.created_at),
        conference_id: conference.id,
        venue_id: link.venue,
        title: conference.title,
        name: link.name,
    }))
}

/// What the invited person sees, hears and is told about his seat.
#[utoipa::path(get, path = "/join/view", tag = "join", responses((status = 200, body = VenueView)))]
async fn guest_view(
    State(ctx): State<Ctx>,
    stage: Option<Extension<Stage>>,
    headers: HeaderMap,
) -> Answer<VenueView> {
    let (conference, link) = service::guest(&ctx, key(&headers)?).await?;
    let picture = view(&conference.meeting, &link.venue);
    let map = match stage {
        Some(Extension(stage)) => stage.slots(conference.clone(), link.venue.clone()).await?,
        None => SlotMap::default(),
    };
    let view = wire::view(&conference, &link.venue, &picture, map)
        .ok_or(Refused::NotOnRoster(link.venue))?;
    Ok(Json(view))
}

/// `join`, `rejoin`, `leave`, `open-mic`, `close-mic`: the invited person's own seat, nothing else.
#[utoipa::path(post, path = "/join/{verb}", tag = "join", params(("verb" = String, Path)), responses((status = 204)))]
async fn guest_act(
    State(ctx): State<Ctx>,
    headers: HeaderMap,
    Path(verb): Path<String>,
) -> Result<StatusCode, Failure> {
    let act = GuestAct::from_word(&verb).ok_or_else(|| unknown(&verb))?;
    service::act(&ctx, key(&headers)?, act).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn key(headers: &HeaderMap) -> Result<&str, Refusal> {
    bearer(headers).ok_or_else(|| Closed::Unknown.into())
}

fn seen(links: &[Link], now: Millis) -> JoinLinks {
    JoinLinks {
        items: links.iter().map(|link| one(link, now)).collect(),
    }
}

fn one(link: &Link, now: Millis) -> JoinLink {
    JoinLink {
        id: link.id.clone(),
        venue_id: link.venue.clone(),
        name: link.name.clone(),
        reference: link.reference.clone(),
        state: link.invitation.state(now).word().to_owned(),
        created_at: link.created_at,
        expires_at: link.invitation.expires_at,
        used_at: link.invitation.used_at,
    }
}

fn unknown(verb: &str) -> Refusal {
    Refusal::new(
        Kind::Missing,
        "join.unknown_verb",
        "入会链接不能做这件事。",
        "A join link cannot do this.",
    )
    .with("verb", verb)
}
