//! The only file of this room that names the map crate: areas, datums, repair of foreign polygons.

pub use fenghuotai_maps::datum::Datum;
pub use fenghuotai_maps::geom::{Area, BBox, LonLat, Shape};
pub use fenghuotai_maps::index::Boxes;

use fenghuotai_maps::geom::{shape_from_geojson, shape_to_geojson};
use fenghuotai_maps::repair::{Irreparable, area_from_geojson};
use geojson::Geometry;

/// A foreign polygon made usable.
#[derive(Clone, Debug)]
pub struct Usable {
    pub area: Area,
    /// Kind and place (WGS-84) of everything that was put right.
    pub repairs: Vec<(&'static str, LonLat)>,
}

/// Why a polygon cannot be used.
#[derive(Clone, Debug)]
pub struct Unusable {
    /// `boundary.tangled` and the like.
    pub code: &'static str,
    pub text: String,
    pub place: Option<LonLat>,
}

/// Reads a polygon of a declared datum into a WGS-84 area with valid rings.
///
/// # Errors
/// Why it cannot be used, and where to look.
pub fn usable(geometry: &Geometry, datum: Datum) -> Result<Usable, Unusable> {
    let repaired = area_from_geojson(geometry, datum).map_err(|why| Unusable {
        code: why.code(),
        place: place_of(&why),
        text: why.to_string(),
    })?;
    let repairs = repaired
        .repairs
        .iter()
        .map(|repair| (repair.flaw.as_str(), repair.near));
    Ok(Usable {
        repairs: repairs.collect(),
        area: repaired.area,
    })
}

fn place_of(why: &Irreparable) -> Option<LonLat> {
    match why {
        Irreparable::NoSurface { near, .. }
        | Irreparable::TooManyCrossings { near, .. }
        | Irreparable::Tangled { near, .. }
        | Irreparable::HoleAstray { near, .. } => Some(*near),
        _ => None,
    }
}

/// The area as GeoJSON text, as it is stored.
pub fn to_text(area: &Area) -> String {
    shape_to_geojson(&Shape::Area(area.clone())).to_string()
}

/// The stored text as an area; `None` when it is not one.
pub fn from_text(text: &str) -> Option<Area> {
    let geometry: Geometry = text.parse().ok()?;
    match shape_from_geojson(&geometry).ok()? {
        Shape::Area(area) => Some(area),
        _ => None,
    }
}

/// The area as a GeoJSON geometry.
pub fn to_json(area: &Area) -> serde_json::Value {
    serde_json::to_value(shape_to_geojson(&Shape::Area(area.clone()))).expect("a geometry is JSON")
}
