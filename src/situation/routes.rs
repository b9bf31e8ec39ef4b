//! HTTP: features of a box, the style under them, its tiles.

use axum::{
    Extension,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Situation,
    link::{self, BBox, Theme},
    views,
};
use crate::{
    identity::Actor,
    platform::{
        Ctx, Failure, Kind, Refusal,
        http::{Path, Query},
    },
};

/// Features answered at once.
const FEATURES_MAX: usize = 10_000;
/// The base map changes when the server starts anew.
const KEEP: HeaderValue = HeaderValue::from_static("private, max-age=3600");

pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(features))
        .routes(routes!(style))
        .routes(routes!(base))
        .routes(routes!(tile))
}

#[derive(Debug, Deserialize, IntoParams)]
struct FeaturesQuery {
    /// Layers by name, separated by commas: `incident,region`.
    layer: String,
    /// West, south, east, north in degrees, separated by commas; the whole world when absent.
    bbox: Option<String>,
}

/// What lies in a box now: a GeoJSON FeatureCollection with `truncated`.
#[utoipa::path(get, path = "/map/features", tag = "situation", params(FeaturesQuery),
    responses((status = 200, content_type = "application/geo+json", body = String), (status = 422)))]
async fn features(
    Extension(situation): Extension<Situation>,
    who: Actor,
    Query(query): Query<FeaturesQuery>,
) -> Result<Response, Failure> {
    let bbox = match &query.bbox {
        Some(text) => parse_box(text).ok_or_else(views::bad_box)?,
        None => BBox::WORLD,
    };
    let layers = query.layer.split(',').map(|layer| layer.trim().to_owned());
    let (found, truncated) =
        situation
            .map
            .look(link::view(layers, bbox), FEATURES_MAX, link::allowed(&who));
    let items: Vec<&str> = found.iter().map(|placed| placed.json.as_str()).collect();
    let body = format!(
        r#"{{"type":"FeatureCollection","truncated":{truncated},"features":[{}]}}"#,
        items.join(",")
    );
    Ok(([(header::CONTENT_TYPE, "application/geo+json")], body).into_response())
}

fn parse_box(text: &str) -> Option<BBox> {
    let numbers: Vec<f64> = text
        .split(',')
        .map(|part| part.trim().parse().ok())
        .collect::<Option<_>>()?;
    BBox::try_from(<[f64; 4]>::try_from(numbers).ok()?).ok()
}

#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ThemeName {
    #[default]
    Dark,
    Light,
}

#[derive(Debug, Deserialize, IntoParams)]
struct StyleQuery {
    /// `dark` when absent.
    #[serde(default)]
    #[param(inline)]
    theme: ThemeName,
}

/// A MapLibre style; works without any tiles.
#[utoipa::path(get, path = "/map/style.json", tag = "situation", params(StyleQuery),
    responses((status = 200, content_type = "application/json", body = String)))]
async fn style(
    Extension(situation): Extension<Situation>,
    Query(query): Query<StyleQuery>,
) -> Result<Response, Failure> {
    let theme = match query.theme {
        ThemeName::Dark => Theme::Dark,
        ThemeName::Light => Theme::Light,
    };
    let body = situation.ground.style(theme).to_string();
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// The plain base map, when one is configured.
#[utoipa::path(get, path = "/map/base.geojson", tag = "situation",
    responses((status = 200, content_type = "application/geo+json", body = String), (status = 404)))]
async fn base(Extension(situation): Extension<Situation>) -> Result<Response, Failure> {
    let base = situation.ground.base().ok_or_else(no_base)?;
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/geo+json"),
        ),
        (header::CACHE_CONTROL, KEEP),
    ];
    Ok((headers, base).into_response())
}

/// One tile of the base map as it is stored; 204 where there is none.
#[utoipa::path(get, path = "/map/tiles/{z}/{x}/{y}", tag = "situation",
    params(("z" = u8, Path), ("x" = u32, Path), ("y" = u32, Path)),
    responses((status = 200, content_type = "application/vnd.mapbox-vector-tile", body = Vec<u8>), (status = 204)))]
async fn tile(
    Extension(situation): Extension<Situation>,
    Path((z, x, y)): Path<(u8, u32, u32)>,
) -> Result<Response, Failure> {
    let Some(tile) = situation.ground.tile(z, x, y).await? else {
        return Ok((StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, KEEP)]).into_response());
    };
    let mut response = tile.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(tile.content_type),
    );
    headers.insert(header::CACHE_CONTROL, KEEP);
    if let Some(encoding) = tile.content_encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Ok(response)
}

fn no_base() -> Refusal {
    Refusal::new(
        Kind::Missing,
        "map.no_base",
        "没有配置底图（map.base_geojson）。",
        "No base map is configured (map.base_geojson).",
    )
}
