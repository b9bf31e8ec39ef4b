//! Addresses of imports.

use axum::{Json, body::Body as RawBody, extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{model::ImportId, plan::Plan, service, wire};
use crate::{
    identity::Actor,
    platform::{
        Answer, Ctx, Failure,
        http::{Body, Page, Path, Query},
    },
};

const PAGE: usize = 100;
const PAGE_MAX: usize = 500;

#[must_use]
pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(upload, list))
        .routes(routes!(by_id))
        .routes(routes!(look))
        .routes(routes!(preview))
        .routes(routes!(start))
        .routes(routes!(problems))
        .routes(routes!(proposals))
        .routes(routes!(undo))
}

/// Takes a CSV file of at most 100 MiB as the raw body. Nothing is imported yet.
#[utoipa::path(post, path = "/call-imports", tag = "call import", params(wire::UploadQuery),
    request_body(content = String, content_type = "text/csv"), responses((status = 201, body = wire::Looked)))]
async fn upload(
    State(ctx): State<Ctx>,
    who: Actor,
    Query(query): Query<wire::UploadQuery>,
    body: RawBody,
) -> Result<(StatusCode, Json<wire::Looked>), Failure> {
    let (import, look) = service::upload(&ctx, &who, &query.name, body).await?;
    Ok((StatusCode::CREATED, Json(wire::Looked::of(&import, look))))
}

/// The imports in reach, newest first.
#[utoipa::path(get, path = "/call-imports", tag = "call import", responses((status = 200, body = wire::Imports)))]
async fn list(State(ctx): State<Ctx>, who: Actor) -> Answer<wire::Imports> {
    let imports = service::list(&ctx, &who).await?;
    Ok(Json(wire::Imports {
        items: imports.iter().map(wire::Import::from).collect(),
    }))
}

/// One import and how far it has come.
#[utoipa::path(get, path = "/call-imports/{id}", tag = "call import", params(("id" = String, Path)),
    responses((status = 200, body = wire::Import)))]
async fn by_id(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<ImportId>,
) -> Answer<wire::Import> {
    Ok(Json(wire::Import::from(
        &service::by_id(&ctx, &who, &id).await?,
    )))
}

/// Looks into the file again, with another encoding or delimiter.
#[utoipa::path(get, path = "/call-imports/{id}/look", tag = "call import", params(("id" = String, Path), wire::LookQuery),
    responses((status = 200, body = wire::Looked)))]
async fn look(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<ImportId>,
    Query(query): Query<wire::LookQuery>,
) -> Answer<wire::Looked> {
    let (import, look) = service::look(&ctx, &who, &id, query.encoding, query.delimiter).await?;
    Ok(Json(wire::Looked::of(&import, look)))
}

/// Reads the whole file by the plan and writes nothing.
#[utoipa::path(post, path = "/call-imports/{id}/preview", tag = "call import", params(("id" = String, Path)),
    request_body = Plan, responses((status = 200, body = wire::Preview)))]
async fn preview(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<ImportId>,
    Body(plan): Body<Plan>,
) -> Answer<wire::Preview> {
    Ok(Json(service::preview(&ctx, &who, &id, plan).await?.into()))
}

/// Starts the import; it goes on by itself. Watch topic `incident/<import id>` or ask for it.
#[utoipa::path(post, path = "/call-imports/{id}/start", tag = "call import", params(("id" = String, Path)),
    request_body = Plan, responses((status = 202, body = wire::Import)))]
async fn start(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<ImportId>,
    Body(plan): Body<Plan>,
) -> Result<(StatusCode, Json<wire::Import>), Failure> {
    let import = service::start(&ctx, &who, &id, plan).await?;
    Ok((StatusCode::ACCEPTED, Json(wire::Import::from(&import))))
}

/// What was wrong with the file, by line.
#[utoipa::path(get, path = "/call-imports/{id}/problems", tag = "call import", params(("id" = String, Path), wire::PageQuery),
    responses((status = 200, body = Page<wire::Problem>)))]
async fn problems(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<ImportId>,
    Query(query): Query<wire::PageQuery>,
) -> Answer<Page<wire::Problem>> {
    let limit = query.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    let after = query
        .after
        .split_once('.')
        .and_then(|(line, ordinal)| Some((line.parse().ok()?, ordinal.parse().ok()?)));
    let found = service::problems(&ctx, &who, &id, after.unwrap_or((0, 0)), limit + 1).await?;
    let page = Page::of(found, limit, |(ordinal, problem)| {
        format!("{}.{ordinal}", problem.line)
    });
    Ok(Json(Page {
        items: page
            .items
            .iter()
            .map(|(_, problem)| wire::Problem::from(problem))
            .collect(),
        next: page.next,
    }))
}

/// Which imported reports tell of one incident: for merging with one click.
#[utoipa::path(get, path = "/call-imports/{id}/proposals", tag = "call import", params(("id" = String, Path), wire::PageQuery),
    responses((status = 200, body = wire::Proposals)))]
async fn proposals(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<ImportId>,
    Query(query): Query<wire::PageQuery>,
) -> Answer<wire::Proposals> {
    let skip = query.after.parse().unwrap_or(0);
    let limit = query.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    Ok(Json(wire::Proposals::of(
        service::proposals(&ctx, &who, &id, skip, limit).await?,
        skip,
    )))
}

/// Takes the import back, unless somebody has worked on what it made.
#[utoipa::path(post, path = "/call-imports/{id}/undo", tag = "call import", params(("id" = String, Path)),
    responses((status = 202, body = wire::Import)))]
async fn undo(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<ImportId>,
) -> Result<(StatusCode, Json<wire::Import>), Failure> {
    let import = service::undo(&ctx, &who, &id).await?;
    Ok((StatusCode::ACCEPTED, Json(wire::Import::from(&import))))
}
