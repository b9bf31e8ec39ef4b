//! What a place is: WGS-84 (CGCS2000) longitude and latitude in degrees, boxes, lines and areas.

mod area;
mod cell;
mod distance;
mod geojson;
mod shape;

pub use area::{Area, Edge, Polygon};
pub use cell::{Cell, LEVEL_MAX, MERCATOR_LAT_MAX, mercator};
pub use distance::{EARTH_RADIUS_M, Haversine, distance_m, reach};
pub use geojson::{NotAShape, shape_from_geojson, shape_to_geojson};
pub use shape::Shape;

use serde::{Deserialize, Serialize};

/// A place on the earth, WGS-84 degrees. Always finite and in range: made only by [`LonLat::new`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "[f64; 2]", into = "[f64; 2]")]
pub struct LonLat {
    lon: f64,
    lat: f64,
}

/// Why two numbers are not a place.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("longitude {lon}, latitude {lat} is not on the earth (−180…180, −90…90)")]
pub struct NotAPlace {
    pub lon: f64,
    pub lat: f64,
}

impl LonLat {
    /// Longitude first, as GeoJSON has it. Refuses NaN, infinities and numbers off the globe.
    pub fn new(lon: f64, lat: f64) -> Result<Self, NotAPlace> {
        if (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat) {
            // Adding zero turns −0 into 0, so that equal places have equal bits.
            Ok(Self {
                lon: lon + 0.0,
                lat: lat + 0.0,
            })
        } else {
            Err(NotAPlace { lon, lat })
        }
    }

    pub fn lon(self) -> f64 {
        self.lon
    }

    pub fn lat(self) -> f64 {
        self.lat
    }

    /// A key that is equal exactly for equal places.
    pub(crate) fn bits(self) -> (u64, u64) {
        (self.lon.to_bits(), self.lat.to_bits())
    }
}

impl TryFrom<[f64; 2]> for LonLat {
    type Error = NotAPlace;

    fn try_from([lon, lat]: [f64; 2]) -> Result<Self, NotAPlace> {
        Self::new(lon, lat)
    }
}

impl From<LonLat> for [f64; 2] {
    fn from(place: LonLat) -> Self {
        [place.lon, place.lat]
    }
}

/// A closed box of degrees: a point on its border is inside. Never crosses the antimeridian.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "[f64; 4]", into = "[f64; 4]")]
pub struct BBox {
    pub west: f64,
    pub south: f64,
    pub east: f64,
    pub north: f64,
}

/// Why four numbers are not a box.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "{0:?} is not a box: west, south, east, north in degrees with west ≤ east and south ≤ north are needed"
)]
pub struct NotABox(pub [f64; 4]);

impl BBox {
    pub const WORLD: Self = Self {
        west: -180.0,
        south: -90.0,
        east: 180.0,
        north: 90.0,
    };

    pub fn new(west: f64, south: f64, east: f64, north: f64) -> Result<Self, NotABox> {
        let on_earth = LonLat::new(west, south).is_ok() && LonLat::new(east, north).is_ok();
        if on_earth && west <= east && south <= north {
            Ok(Self {
                west,
                south,
                east,
                north,
            })
        } else {
            Err(NotABox([west, south, east, north]))
        }
    }

    pub fn of_point(place: LonLat) -> Self {
        Self {
            west: place.lon,
            south: place.lat,
            east: place.lon,
            north: place.lat,
        }
    }

    /// The smallest box around `places`; `None` when there are none.
    pub fn around(places: impl IntoIterator<Item = LonLat>) -> Option<Self> {
        let mut places = places.into_iter();
        let first = Self::of_point(places.next()?);
        Some(places.fold(first, |bbox, place| bbox.union(&Self::of_point(place))))
    }

    pub fn union(&self, other: &Self) -> Self {
        Self {
            west: self.west.min(other.west),
            south: self.south.min(other.south),
            east: self.east.max(other.east),
            north: self.north.max(other.north),
        }
    }

    pub fn holds(&self, place: LonLat) -> bool {
        self.west <= place.lon
            && place.lon <= self.east
            && self.south <= place.lat
            && place.lat <= self.north
    }

    /// Whether the two closed boxes share a point.
    pub fn meets(&self, other: &Self) -> bool {
        self.west <= other.east
            && other.west <= self.east
            && self.south <= other.north
            && other.south <= self.north
    }

    /// Whether `other` lies wholly inside.
    pub fn covers(&self, other: &Self) -> bool {
        self.west <= other.west
            && other.east <= self.east
            && self.south <= other.south
            && other.north <= self.north
    }

    pub fn centre(&self) -> LonLat {
        LonLat {
            lon: f64::midpoint(self.west, self.east),
            lat: f64::midpoint(self.south, self.north),
        }
    }
}

impl TryFrom<[f64; 4]> for BBox {
    type Error = NotABox;

    fn try_from([west, south, east, north]: [f64; 4]) -> Result<Self, NotABox> {
        Self::new(west, south, east, north)
    }
}

impl From<BBox> for [f64; 4] {
    fn from(bbox: BBox) -> Self {
        [bbox.west, bbox.south, bbox.east, bbox.north]
    }
}

#[cfg(test)]
mod tests;
