//! `/incidents/{id}/…` around a consultation: extract → service → wire.

use axum::{Extension, Json, extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    refusal::No,
    service::{self, Circle},
    wire::{CircleQuery, ConsultationProposal, ExpertMatches, MatchesQuery, Opening, Surroundings},
};
use crate::{
    conference::ConferenceSeen,
    identity::Actor,
    incident::IncidentId,
    infrastructure::{Atlas, Kind},
    platform::{
        Answer, Ctx, Failure,
        http::{Body, Path, Query},
    },
};

const RADIUS_M: f64 = 3_000.0;
const NEAREST: usize = 3;
const NEAREST_MAX: usize = 20;

pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(surroundings))
        .routes(routes!(expert_matches))
        .routes(routes!(proposal))
        .routes(routes!(open))
}

/// What lies inside the circle around the incident, and the nearest of each kind that helps.
#[utoipa::path(get, path = "/incidents/{id}/surroundings", tag = "consultation", params(("id" = String, Path), CircleQuery),
    responses((status = 200, body = Surroundings)))]
async fn surroundings(
    State(ctx): State<Ctx>,
    Extension(atlas): Extension<Atlas>,
    who: Actor,
    Path(id): Path<IncidentId>,
    Query(query): Query<CircleQuery>,
) -> Answer<Surroundings> {
    let radius_m = query.radius_m.unwrap_or(RADIUS_M);
    let codes = query.kinds.split(',').filter(|code| !code.is_empty());
    let kinds = codes
        .map(|code| Kind::parse(code).ok_or_else(|| No::UnknownKind(code.to_owned())))
        .collect::<Result<_, _>>()?;
    let circle = Circle {
        radius_m,
        kinds,
        nearest: query.nearest.unwrap_or(NEAREST).clamp(1, NEAREST_MAX),
    };
    let (inside, nearest) = service::surroundings(&ctx, &atlas, &who, &id, circle).await?;
    Ok(Json(Surroundings {
        radius_m,
        inside,
        nearest,
    }))
}

/// The experts that fit the incident, best first, each with the parts of its score.
#[utoipa::path(get, path = "/incidents/{id}/expert-matches", tag = "consultation", params(("id" = String, Path), MatchesQuery),
    responses((status = 200, body = ExpertMatches)))]
async fn expert_matches(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<IncidentId>,
    Query(query): Query<MatchesQuery>,
) -> Answer<ExpertMatches> {
    let limit = query.limit.unwrap_or(service::MATCHES);
    let items = service::expert_matches(&ctx, &who, &id, limit).await?;
    Ok(Json(ExpertMatches { items }))
}

/// Title, venues and experts that one click would bring together.
#[utoipa::path(get, path = "/incidents/{id}/consultation/proposal", tag = "consultation", params(("id" = String, Path)),
    responses((status = 200, body = ConsultationProposal)))]
async fn proposal(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<IncidentId>,
) -> Answer<ConsultationProposal> {
    let proposal = service::propose(&ctx, &who, &id).await?;
    Ok(Json(proposal.into()))
}

/// Opens the consultation: its venues ring at once, the experts stand on its roster.
#[utoipa::path(post, path = "/incidents/{id}/consultation", tag = "consultation", params(("id" = String, Path)),
    request_body = Opening, responses((status = 201, body = ConferenceSeen)))]
async fn open(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<IncidentId>,
    Body(opening): Body<Opening>,
) -> Result<(StatusCode, Json<ConferenceSeen>), Failure> {
    let conference = service::open(&ctx, &who, &id, opening).await?;
    Ok((StatusCode::CREATED, Json((&conference).into())))
}
