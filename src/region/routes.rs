//! HTTP of divisions.

use axum::extract::{DefaultBodyLimit, State};
use axum::{Extension, Json};
use bytes::Bytes;
use jiff::civil::Date;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::atlas::{Atlas, Search};
use super::code::{DivisionCode, Level};
use super::link::{Datum, LonLat};
use super::plan::Edition;
use super::refusal::No;
use super::report::Report;
use super::service;
use super::survey::Declared;
use super::wire::{
    AtQuery, BoundaryImport, DivisionImport, DivisionQuery, DivisionView, OnQuery, Whereabouts,
};
use crate::identity::Actor;
use crate::platform::Ctx;
use crate::platform::failure::{Answer, Failure};
use crate::platform::http::{Page, Path, Query};

/// Largest import, bytes.
const IMPORT_MAX: usize = 100 * 1024 * 1024;
const PAGE_MAX: usize = 500;

pub fn routes() -> OpenApiRouter<Ctx> {
    let imports = OpenApiRouter::new()
        .routes(routes!(import_divisions))
        .routes(routes!(import_boundaries))
        .layer(DefaultBodyLimit::max(IMPORT_MAX));
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(at))
        .routes(routes!(read))
        .routes(routes!(boundary))
        .merge(imports)
}

/// Divisions by name, pinyin, code, level.
#[utoipa::path(get, path = "/divisions", tag = "region", params(DivisionQuery), responses((status = 200, body = Page<DivisionView>)))]
async fn list(
    State(ctx): State<Ctx>,
    Extension(atlas): Extension<Atlas>,
    _: Actor,
    Query(query): Query<DivisionQuery>,
) -> Answer<Page<DivisionView>> {
    let sheet = atlas.sheet();
    let on = match query.on.as_deref() {
        Some("any") => None,
        other => Some(day(other)?.unwrap_or_else(|| service::today(&ctx))),
    };
    let level = query.level.and_then(|number| match number {
        1 => Some(Level::Province),
        2 => Some(Level::City),
        3 => Some(Level::County),
        4 => Some(Level::Township),
        5 => Some(Level::Village),
        _ => None,
    });
    let limit = query.limit.clamp(1, PAGE_MAX);
    let skip: usize = query.after.parse().unwrap_or(0);
    let search = Search {
        words: query.q,
        under: query.under,
        level,
        on,
    };
    let hits = sheet.search(&search, skip, limit + 1);
    let next = (hits.len() > limit).then(|| (skip + limit).to_string());
    let items = hits
        .into_iter()
        .take(limit)
        .map(|one| DivisionView::new(one, &sheet))
        .collect();
    Ok(Json(Page { items, next }))
}

/// Which division a place lies in on a day. A point on a border belongs to exactly one side: a division
/// holds its west and south border, not its east and north one.
#[utoipa::path(get, path = "/divisions/at", tag = "region", params(AtQuery), responses((status = 200, body = Whereabouts), (status = 404), (status = 422)))]
async fn at(
    State(ctx): State<Ctx>,
    Extension(atlas): Extension<Atlas>,
    _: Actor,
    Query(query): Query<AtQuery>,
) -> Answer<Whereabouts> {
    let on = day(query.on.as_deref())?.unwrap_or_else(|| service::today(&ctx));
    let place = LonLat::new(query.lon, query.lat)
        .and_then(|place| query.datum.unwrap_or(Datum::Wgs84).to_wgs84(place))
        .map_err(|_| No::NotAPlace)?;
    let sheet = atlas.sheet();
    let found = sheet.at(place, on).ok_or(No::NowhereKnown)?;
    Ok(Json(Whereabouts {
        division: DivisionView::new(found, &sheet),
        lineage: sheet
            .lineage(&found.code)
            .into_iter()
            .map(|one| DivisionView::new(one, &sheet))
            .collect(),
        on: on.to_string(),
    }))
}

/// One division.
#[utoipa::path(get, path = "/divisions/{code}", tag = "region", params(("code" = String, Path)), responses((status = 200, body = DivisionView), (status = 404)))]
async fn read(
    Extension(atlas): Extension<Atlas>,
    _: Actor,
    Path(code): Path<DivisionCode>,
) -> Answer<DivisionView> {
    let sheet = atlas.sheet();
    let one = sheet.division(&code).ok_or(No::DivisionMissing)?;
    Ok(Json(DivisionView::new(one, &sheet)))
}

/// The boundary of a division on a day, as a GeoJSON feature in WGS-84.
#[utoipa::path(get, path = "/divisions/{code}/boundary", tag = "region", params(("code" = String, Path), OnQuery), responses((status = 200, body = serde_json::Value), (status = 404)))]
async fn boundary(
    State(ctx): State<Ctx>,
    Extension(atlas): Extension<Atlas>,
    _: Actor,
    Path(code): Path<DivisionCode>,
    Query(query): Query<OnQuery>,
) -> Answer<serde_json::Value> {
    let on = day(query.on.as_deref())?.unwrap_or_else(|| service::today(&ctx));
    let sheet = atlas.sheet();
    let one = sheet.division(&code).ok_or(No::DivisionMissing)?;
    let area = sheet.area(&code, on).ok_or(No::DivisionMissing)?;
    Ok(Json(serde_json::json!({
        "type": "Feature",
        "id": code,
        "properties": { "code": code, "name": one.name, "kind": one.kind },
        "geometry": super::link::to_json(area),
    })))
}

/// Imports a division list (JSON tree or CSV in the body): all of it or nothing.
#[utoipa::path(
    post,
    path = "/divisions/import",
    tag = "region",
    params(DivisionImport),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = Report), (status = 413), (status = 422))
)]
async fn import_divisions(
    State(ctx): State<Ctx>,
    Extension(atlas): Extension<Atlas>,
    who: Actor,
    Query(query): Query<DivisionImport>,
    file: Bytes,
) -> Answer<Report> {
    let edition = Edition {
        from: day(query.valid_from.as_deref())?,
        is_complete: query.complete,
    };
    Ok(Json(
        service::import_divisions(&ctx, &atlas, &who, file.into(), edition, query.preview).await?,
    ))
}

/// Imports boundaries (GeoJSON FeatureCollection in the body): all of it or nothing.
#[utoipa::path(
    post,
    path = "/boundaries/import",
    tag = "region",
    params(BoundaryImport),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = Report), (status = 413), (status = 422))
)]
async fn import_boundaries(
    State(ctx): State<Ctx>,
    Extension(atlas): Extension<Atlas>,
    who: Actor,
    Query(query): Query<BoundaryImport>,
    file: Bytes,
) -> Answer<Report> {
    let declared = Declared {
        datum: query.datum,
        from: day(query.valid_from.as_deref())?,
        source: query.source.chars().take(200).collect(),
        creates_divisions: query.creates_divisions,
    };
    Ok(Json(
        service::import_boundaries(&ctx, &atlas, &who, file.into(), declared, query.preview)
            .await?,
    ))
}

fn day(text: Option<&str>) -> Result<Option<Date>, Failure> {
    text.filter(|text| !text.is_empty())
        .map(|text| text.parse().map_err(|_| No::BadDate.into()))
        .transpose()
}
