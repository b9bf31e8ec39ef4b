//! `/experts`: extract → service → wire.

use axum::{
    Json,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
};
use bytes::Bytes;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::ExpertId,
    service,
    store::Filter,
    wire::{ChangedExpert, ExpertQuery, ExpertSeen, ImportQuery, NewExpert, Revealed},
};
use crate::{
    identity::Actor,
    platform::{
        Answer, Ctx, Failure,
        http::{Body, ByName, Page, Path, Query, page},
        import::{Report, Writing},
        spelling, word,
    },
};

const IMPORT_MAX: usize = 100 << 20;

pub fn routes() -> OpenApiRouter<Ctx> {
    let import = OpenApiRouter::new()
        .routes(routes!(import))
        .layer(DefaultBodyLimit::max(IMPORT_MAX));
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(read, change))
        .routes(routes!(reveal))
        .merge(import)
}

/// Experts of the jurisdiction in the order of names; contacts are masked.
#[utoipa::path(get, path = "/experts", tag = "expert", params(ExpertQuery), responses((status = 200, body = Page<ExpertSeen>)))]
async fn list(
    State(ctx): State<Ctx>,
    actor: Actor,
    Query(query): Query<ExpertQuery>,
) -> Answer<Page<ExpertSeen>> {
    let limit = page::limit(query.limit);
    let filter = Filter {
        division: query.division,
        patterns: spelling::patterns(&query.q),
        group: query.group.map(|group| word(&group)),
        state: query.state.map(|state| word(&state)),
        after: ByName::parse(query.after.as_deref())?,
        limit: limit as i64 + 1,
    };
    let experts = service::list(&ctx, &actor, filter).await?;
    Ok(Json(Page::of(experts, limit, |last| {
        ByName::key(&last.name, &last.id)
    })))
}

/// One expert; contacts are masked.
#[utoipa::path(get, path = "/experts/{id}", tag = "expert", params(("id" = String, Path)), responses((status = 200, body = ExpertSeen)))]
async fn read(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(id): Path<ExpertId>,
) -> Answer<ExpertSeen> {
    service::read(&ctx, &actor, &id).await.map(Json)
}

/// His contacts in full, for who may call him; the look is recorded.
#[utoipa::path(post, path = "/experts/{id}/reveal", tag = "expert", params(("id" = String, Path)), responses((status = 200, body = Revealed)))]
async fn reveal(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(id): Path<ExpertId>,
) -> Answer<Revealed> {
    let contacts = service::reveal(&ctx, &actor, &id).await?;
    Ok(Json(Revealed { contacts }))
}

/// Adds an expert by hand.
#[utoipa::path(post, path = "/experts", tag = "expert", request_body = NewExpert, responses((status = 201, body = ExpertSeen)))]
async fn add(
    State(ctx): State<Ctx>,
    actor: Actor,
    Body(new): Body<NewExpert>,
) -> Result<(StatusCode, Json<ExpertSeen>), Failure> {
    Ok((
        StatusCode::CREATED,
        Json(service::add(&ctx, &actor, new.id, new.draft).await?),
    ))
}

/// Changes an expert.
#[utoipa::path(put, path = "/experts/{id}", tag = "expert", params(("id" = String, Path)), request_body = ChangedExpert, responses((status = 200, body = ExpertSeen)))]
async fn change(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(id): Path<ExpertId>,
    Body(changed): Body<ChangedExpert>,
) -> Answer<ExpertSeen> {
    service::change(&ctx, &actor, &id, changed.version, changed.draft)
        .await
        .map(Json)
}

/// Imports a CSV list (the body is the file), or previews it.
#[utoipa::path(post, path = "/experts/import", tag = "expert", params(ImportQuery), request_body(content = String, content_type = "text/csv"), responses((status = 200, body = Report)))]
async fn import(
    State(ctx): State<Ctx>,
    actor: Actor,
    Query(query): Query<ImportQuery>,
    file: Bytes,
) -> Answer<Report> {
    service::import(
        &ctx,
        &actor,
        &query.source,
        &file,
        Writing::of(query.preview, query.on_problem),
    )
    .await
    .map(Json)
}
