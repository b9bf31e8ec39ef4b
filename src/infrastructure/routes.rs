//! `/assets`: extract → service → wire.

use axum::{
    Extension, Json,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode, header},
};
use bytes::Bytes;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    atlas::Atlas,
    imports::Declared,
    kind::Kind,
    model::AssetId,
    refusal::Refusal,
    service::{self, File, Question},
    store::Filter,
    wire::{
        self, AssetQuery, AssetSeen, ChangedAsset, Found, ImportQuery, KindCount, KindSeen,
        NewAsset, PlaceQuery, Revealed,
    },
};
use crate::{
    identity::Actor,
    platform::{
        Answer, Ctx, Failure,
        http::{Body, ByName, Page, Path, Query, page},
        import::{Report, Writing},
        spelling,
    },
    region::DivisionCode,
};

const IMPORT_MAX: usize = 100 << 20;

pub fn routes() -> OpenApiRouter<Ctx> {
    let import = OpenApiRouter::new()
        .routes(routes!(import))
        .layer(DefaultBodyLimit::max(IMPORT_MAX));
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(kinds))
        .routes(routes!(counts))
        .routes(routes!(within))
        .routes(routes!(nearest))
        .routes(routes!(read, change))
        .routes(routes!(reveal))
        .merge(import)
}

/// Assets of the jurisdiction in the order of names.
#[utoipa::path(get, path = "/assets", tag = "infrastructure", params(AssetQuery), responses((status = 200, body = Page<AssetSeen>)))]
async fn list(
    State(ctx): State<Ctx>,
    actor: Actor,
    Query(query): Query<AssetQuery>,
) -> Answer<Page<AssetSeen>> {
    let limit = page::limit(query.limit);
    let filter = Filter {
        division: query.division,
        patterns: spelling::patterns(&query.q),
        kind: query.kind,
        after: ByName::parse(query.after.as_deref())?,
        limit: limit as i64 + 1,
    };
    let assets = service::list(&ctx, &actor, filter).await?;
    Ok(Json(Page::of(assets, limit, |last| {
        ByName::key(&last.name, &last.id)
    })))
}

/// The kinds of asset and their fields.
#[utoipa::path(get, path = "/assets/kinds", tag = "infrastructure", responses((status = 200, body = Vec<KindSeen>)))]
async fn kinds(_: Actor) -> Json<Vec<KindSeen>> {
    Json(wire::kinds())
}

/// How complete the registry is, by kind.
#[utoipa::path(get, path = "/assets/counts", tag = "infrastructure", responses((status = 200, body = Vec<KindCount>)))]
async fn counts(State(ctx): State<Ctx>, actor: Actor) -> Answer<Vec<KindCount>> {
    service::counts(&ctx, &actor).await.map(Json)
}

/// Assets inside a circle, nearest first.
#[utoipa::path(get, path = "/assets/within", tag = "infrastructure", params(PlaceQuery), responses((status = 200, body = Found)))]
async fn within(
    State(ctx): State<Ctx>,
    Extension(atlas): Extension<Atlas>,
    actor: Actor,
    Query(query): Query<PlaceQuery>,
) -> Answer<Found> {
    let question = question(&query, service::FOUND_MAX)?;
    service::within(&ctx, &atlas, &actor, &question, query.radius_m)
        .await
        .map(Json)
}

/// The nearest assets in use of each kind.
#[utoipa::path(get, path = "/assets/nearest", tag = "infrastructure", params(PlaceQuery), responses((status = 200, body = Found)))]
async fn nearest(
    State(ctx): State<Ctx>,
    Extension(atlas): Extension<Atlas>,
    actor: Actor,
    Query(query): Query<PlaceQuery>,
) -> Answer<Found> {
    let question = question(&query, 3)?;
    service::nearest(&ctx, &atlas, &actor, &question)
        .await
        .map(Json)
}

fn question(query: &PlaceQuery, limit: usize) -> Result<Question, Refusal> {
    let codes = query.kinds.split(',').filter(|code| !code.is_empty());
    let kinds = codes
        .map(|code| Kind::parse(code).ok_or(Refusal::BadQuestion("kinds")))
        .collect::<Result<_, _>>()?;
    Ok(Question {
        place: [query.lon, query.lat],
        kinds,
        limit: query.limit.unwrap_or(limit).clamp(1, service::FOUND_MAX),
    })
}

/// One asset; contacts are masked.
#[utoipa::path(get, path = "/assets/{id}", tag = "infrastructure", params(("id" = String, Path)), responses((status = 200, body = AssetSeen)))]
async fn read(State(ctx): State<Ctx>, actor: Actor, Path(id): Path<AssetId>) -> Answer<AssetSeen> {
    service::read(&ctx, &actor, &id).await.map(Json)
}

/// Its contacts in full, for who may call them; the look is recorded.
#[utoipa::path(post, path = "/assets/{id}/reveal", tag = "infrastructure", params(("id" = String, Path)), responses((status = 200, body = Revealed)))]
async fn reveal(State(ctx): State<Ctx>, actor: Actor, Path(id): Path<AssetId>) -> Answer<Revealed> {
    let contacts = service::reveal(&ctx, &actor, &id).await?;
    Ok(Json(Revealed { contacts }))
}

/// Adds an asset by hand.
#[utoipa::path(post, path = "/assets", tag = "infrastructure", request_body = NewAsset, responses((status = 201, body = AssetSeen)))]
async fn add(
    State(ctx): State<Ctx>,
    actor: Actor,
    Body(new): Body<NewAsset>,
) -> Result<(StatusCode, Json<AssetSeen>), Failure> {
    Ok((
        StatusCode::CREATED,
        Json(service::add(&ctx, &actor, new.id, new.draft).await?),
    ))
}

#[utoipa::path(put, path = "/assets/{id}", tag = "infrastructure", params(("id" = String, Path)), request_body = ChangedAsset, responses((status = 200, body = AssetSeen)))]
async fn change(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(id): Path<AssetId>,
    Body(changed): Body<ChangedAsset>,
) -> Answer<AssetSeen> {
    service::change(&ctx, &actor, &id, changed.version, changed.draft)
        .await
        .map(Json)
}

/// Imports a CSV list or a GeoJSON FeatureCollection (the body is the file, `Content-Type` says which), or previews it.
#[utoipa::path(post, path = "/assets/import", tag = "infrastructure", params(ImportQuery), request_body(content = String, content_type = "text/csv"), responses((status = 200, body = Report)))]
async fn import(
    State(ctx): State<Ctx>,
    actor: Actor,
    Query(query): Query<ImportQuery>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Answer<Report> {
    let kind = query.kind.as_deref().filter(|code| !code.is_empty());
    let kind = kind
        .map(|code| Kind::parse(code).ok_or(Refusal::BadQuestion("kind")))
        .transpose()?;
    let division = query.division.as_deref().filter(|code| !code.is_empty());
    let division = division
        .map(|code| DivisionCode::parse(code).map_err(|_| Refusal::BadQuestion("division")))
        .transpose()?;
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let file = File {
        source: &query.source,
        geojson: content_type.contains("json"),
        declared: Declared {
            datum: query.datum,
            kind,
            division,
        },
        bytes: &bytes,
    };
    let writing = Writing::of(query.preview, query.on_problem);
    service::import(&ctx, &actor, file, writing).await.map(Json)
}
