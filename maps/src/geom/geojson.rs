//! GeoJSON geometries in and out (RFC 7946: longitude first, rings closed).

use geojson::{Geometry, GeometryValue, Position};

use super::{Area, LonLat, NotAPlace, Polygon, Shape};

/// Why a GeoJSON geometry is not something the map can show.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NotAShape {
    #[error(transparent)]
    Place(#[from] NotAPlace),
    #[error("a position needs a longitude and a latitude")]
    ShortPosition,
    #[error(
        "a geometry of type {0} is not supported; use Point, LineString, Polygon or their Multi forms"
    )]
    Unsupported(&'static str),
    #[error("the geometry is empty")]
    Empty,
    #[error(
        "a ring of a polygon needs at least three different places, and the first again at its end"
    )]
    OpenRing,
}

/// Reads a geometry. Extra ordinates (heights) are dropped; a MultiPoint must have exactly one point.
pub fn shape_from_geojson(geometry: &Geometry) -> Result<Shape, NotAShape> {
    match &geometry.value {
        GeometryValue::Point { coordinates } => Ok(Shape::Point(place(coordinates)?)),
        GeometryValue::MultiPoint { coordinates } => match coordinates.as_slice() {
            [only] => Ok(Shape::Point(place(only)?)),
            [] => Err(NotAShape::Empty),
            _ => Err(NotAShape::Unsupported("MultiPoint with several points")),
        },
        GeometryValue::LineString { coordinates } => Ok(Shape::Line(vec![line(coordinates)?])),
        GeometryValue::MultiLineString { coordinates } if coordinates.is_empty() => {
            Err(NotAShape::Empty)
        }
        GeometryValue::MultiLineString { coordinates } => Ok(Shape::Line(
            coordinates
                .iter()
                .map(|part| line(part))
                .collect::<Result<_, _>>()?,
        )),
        GeometryValue::Polygon { coordinates } => area(std::slice::from_ref(coordinates)),
        GeometryValue::MultiPolygon { coordinates } => area(coordinates),
        GeometryValue::GeometryCollection { .. } => {
            Err(NotAShape::Unsupported("GeometryCollection"))
        }
    }
}

pub fn shape_to_geojson(shape: &Shape) -> Geometry {
    let ring = |ring: &Vec<LonLat>| {
        ring.iter()
            .map(|place| position(*place))
            .collect::<Vec<_>>()
    };
    let polygon = |polygon: &Polygon| polygon.rings.iter().map(ring).collect::<Vec<_>>();
    Geometry::new(match shape {
        Shape::Point(place) => GeometryValue::Point {
            coordinates: position(*place),
        },
        Shape::Line(lines) => match lines.as_slice() {
            [only] => GeometryValue::LineString {
                coordinates: ring(only),
            },
            _ => GeometryValue::MultiLineString {
                coordinates: lines.iter().map(ring).collect(),
            },
        },
        Shape::Area(area) => {
            let mut parts: Vec<_> = area.polygons().map(polygon).collect();
            if parts.len() == 1 {
                GeometryValue::Polygon {
                    coordinates: parts.remove(0),
                }
            } else {
                GeometryValue::MultiPolygon { coordinates: parts }
            }
        }
    })
}

fn position(place: LonLat) -> Position {
    Position::from([place.lon(), place.lat()])
}

fn place(position: &Position) -> Result<LonLat, NotAShape> {
    match position.as_slice() {
        [lon, lat, ..] => Ok(LonLat::new(*lon, *lat)?),
        _ => Err(NotAShape::ShortPosition),
    }
}

fn line(positions: &[Position]) -> Result<Vec<LonLat>, NotAShape> {
    if positions.is_empty() {
        return Err(NotAShape::Empty);
    }
    positions.iter().map(place).collect()
}

fn area(polygons: &[Vec<Vec<Position>>]) -> Result<Shape, NotAShape> {
    let mut parts = Vec::with_capacity(polygons.len());
    for polygon in polygons {
        let rings = polygon
            .iter()
            .map(|ring| line(ring))
            .collect::<Result<Vec<_>, _>>()?;
        if rings
            .iter()
            .any(|ring| ring.len() < 4 || ring.first() != ring.last())
        {
            return Err(NotAShape::OpenRing);
        }
        parts.push(Polygon { rings });
    }
    Area::new(parts).map(Shape::Area).ok_or(NotAShape::Empty)
}
