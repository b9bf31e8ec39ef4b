//! How far apart two places are: the haversine on a sphere, said in the API, 0.3 % at worst from the spheroid.

use super::{BBox, LonLat};

/// Mean radius of the earth (IUGG), metres.
pub const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// Great-circle distance in metres.
pub fn distance_m(a: LonLat, b: LonLat) -> f64 {
    Haversine::from(a).distance_m(b)
}

/// Distances from one place, with its cosine worked out once.
#[derive(Clone, Copy, Debug)]
pub struct Haversine {
    lon: f64,
    lat: f64,
    cos_lat: f64,
}

impl From<LonLat> for Haversine {
    fn from(place: LonLat) -> Self {
        let lat = place.lat().to_radians();
        Self {
            lon: place.lon().to_radians(),
            lat,
            cos_lat: lat.cos(),
        }
    }
}

impl Haversine {
    pub fn distance_m(&self, to: LonLat) -> f64 {
        Self::metres(self.share(to.lon(), to.lat()))
    }

    /// The haversine itself, 0…1: grows with the distance and needs no square root to compare.
    pub(crate) fn share(&self, lon: f64, lat: f64) -> f64 {
        let lat = lat.to_radians();
        let half_lat = ((lat - self.lat) * 0.5).sin();
        let half_lon = ((lon.to_radians() - self.lon) * 0.5).sin();
        half_lat * half_lat + self.cos_lat * lat.cos() * half_lon * half_lon
    }

    pub(crate) fn metres(share: f64) -> f64 {
        2.0 * EARTH_RADIUS_M * share.clamp(0.0, 1.0).sqrt().asin()
    }

    /// Whether the short way to some meridian of the box leads over the date line; then meridians bound nothing.
    pub(crate) fn is_over_the_date_line_from(&self, bbox: &BBox) -> bool {
        let pi = std::f64::consts::PI;
        self.lon - bbox.west.to_radians() > pi || bbox.east.to_radians() - self.lon > pi
    }

    /// No place of this latitude or beyond it is nearer than this share.
    pub(crate) fn share_to_parallel(&self, lat: f64) -> f64 {
        let half = ((lat.to_radians() - self.lat) * 0.5).sin();
        half * half
    }

    /// No place of this meridian or beyond it is nearer than this share.
    pub(crate) fn share_to_meridian(&self, lon: f64) -> f64 {
        let apart = (lon.to_radians() - self.lon)
            .abs()
            .min(std::f64::consts::PI);
        if apart >= std::f64::consts::FRAC_PI_2 {
            // Beyond a quarter turn the nearest point of the meridian is the nearer pole.
            let to_pole = std::f64::consts::FRAC_PI_2 - self.lat.abs();
            return (to_pole * 0.5).sin().powi(2);
        }
        let angle = (self.cos_lat * apart.sin()).clamp(-1.0, 1.0).asin();
        (angle * 0.5).sin().powi(2)
    }
}

/// The box that holds every place within `radius_m` of `centre` (and some more, in its corners).
pub fn reach(centre: LonLat, radius_m: f64) -> BBox {
    // One part in 10⁹ more than asked, so that rounding cannot shave off a point on the rim.
    let angle = radius_m.max(0.0) / EARTH_RADIUS_M * (1.0 + 1e-9) + 1e-12;
    let lat = centre.lat().to_radians();
    let (south, north) = (lat - angle, lat + angle);
    let quarter = std::f64::consts::FRAC_PI_2;
    if south <= -quarter || north >= quarter || angle >= quarter {
        return BBox {
            west: -180.0,
            south: south.to_degrees().max(-90.0),
            east: 180.0,
            north: north.to_degrees().min(90.0),
        };
    }
    let spread = (angle.sin() / lat.cos())
        .clamp(-1.0, 1.0)
        .asin()
        .to_degrees()
        + 1e-12;
    let (west, east) = (centre.lon() - spread, centre.lon() + spread);
    let wraps = west < -180.0 || east > 180.0;
    BBox {
        west: if wraps { -180.0 } else { west },
        south: south.to_degrees(),
        east: if wraps { 180.0 } else { east },
        north: north.to_degrees(),
    }
}
