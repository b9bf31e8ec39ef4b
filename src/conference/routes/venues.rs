//! The registry of venues over HTTP.

use axum::Json;
use axum::extract::State;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::conference::service::{calls, venues as service};
use crate::conference::wire::{DivisionVenues, UnderDivision, Venue, VenueCalls, VenueDraft};
use crate::identity::{Actor, VenueId};
use crate::platform::http::{Body, Page, Path, Query};
use crate::platform::{Answer, Ctx};

pub(super) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(tree))
        .routes(routes!(by_id, change, retire))
        .routes(routes!(of_venue))
}

/// Venues of a division and everything under it, sorted by division.
#[utoipa::path(get, path = "/venues", tag = "venue", params(UnderDivision), responses((status = 200, body = Page<Venue>)))]
async fn list(
    State(ctx): State<Ctx>,
    who: Actor,
    Query(of): Query<UnderDivision>,
) -> Answer<Page<Venue>> {
    let venues = service::under(&ctx, &who, of.division.as_deref()).await?;
    Ok(Json(Page {
        items: venues.iter().map(Venue::from).collect(),
        next: None,
    }))
}

/// The same venues as a tree of divisions.
#[utoipa::path(get, path = "/venues/tree", tag = "venue", params(UnderDivision), responses((status = 200, body = Vec<DivisionVenues>)))]
async fn tree(
    State(ctx): State<Ctx>,
    who: Actor,
    Query(of): Query<UnderDivision>,
) -> Answer<Vec<DivisionVenues>> {
    let branches = service::tree(&ctx, &who, of.division.as_deref()).await?;
    Ok(Json(
        branches.into_iter().map(DivisionVenues::from).collect(),
    ))
}

/// Registers a venue.
#[utoipa::path(post, path = "/venues", tag = "venue", request_body = VenueDraft, responses((status = 200, body = Venue)))]
async fn create(
    State(ctx): State<Ctx>,
    who: Actor,
    Body(draft): Body<VenueDraft>,
) -> Answer<Venue> {
    let venue = service::create(&ctx, &who, draft).await?;
    Ok(Json((&venue).into()))
}

#[utoipa::path(get, path = "/venues/{id}", tag = "venue", params(("id" = String, Path)), responses((status = 200, body = Venue)))]
async fn by_id(State(ctx): State<Ctx>, who: Actor, Path(id): Path<VenueId>) -> Answer<Venue> {
    let venue = service::by_id(&ctx, &who, &id).await?;
    Ok(Json((&venue).into()))
}

/// Changes a venue; `version` must be the current one. Conferences keep the kind their roster was made with.
#[utoipa::path(put, path = "/venues/{id}", tag = "venue", params(("id" = String, Path)), request_body = VenueDraft, responses((status = 200, body = Venue)))]
async fn change(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<VenueId>,
    Body(draft): Body<VenueDraft>,
) -> Answer<Venue> {
    let venue = service::change(&ctx, &who, id, draft).await?;
    Ok(Json((&venue).into()))
}

/// Takes a venue out of the registry.
#[utoipa::path(delete, path = "/venues/{id}", tag = "venue", params(("id" = String, Path)), responses((status = 200, body = Venue)))]
async fn retire(State(ctx): State<Ctx>, who: Actor, Path(id): Path<VenueId>) -> Answer<Venue> {
    let venue = service::retire(&ctx, &who, id).await?;
    Ok(Json((&venue).into()))
}

/// Where the venue sits, who calls it and how its terminal answers, and where it may go back to.
#[utoipa::path(get, path = "/venues/{id}/calls", tag = "venue", params(("id" = String, Path)), responses((status = 200, body = VenueCalls)))]
async fn of_venue(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<VenueId>,
) -> Answer<VenueCalls> {
    Ok(Json(calls::of_venue(&ctx, &who, &id).await?))
}
