//! The three kinds of thing a map shows: a point, lines, an area.

use super::{Area, BBox, EARTH_RADIUS_M, Edge, LonLat, distance_m};

#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    Point(LonLat),
    /// One or several lines, each of at least one place.
    Line(Vec<Vec<LonLat>>),
    Area(Area),
}

impl Shape {
    pub fn bbox(&self) -> BBox {
        match self {
            Self::Point(place) => BBox::of_point(*place),
            Self::Line(lines) => {
                BBox::around(lines.iter().flatten().copied()).expect("a line has a place")
            }
            Self::Area(area) => area.bbox(),
        }
    }

    /// Metres from `from` to the nearest place of the shape; 0 inside an area.
    ///
    /// Points by haversine; lines and borders in a plane laid at `from`, right to 0.1 % within 50 km.
    pub fn distance_m(&self, from: LonLat) -> f64 {
        match self {
            Self::Point(place) => distance_m(from, *place),
            Self::Line(lines) => lines
                .iter()
                .map(|line| distance_to_line_m(from, line))
                .fold(f64::INFINITY, f64::min),
            Self::Area(area) if area.holds(from) => 0.0,
            Self::Area(area) => area
                .polygons()
                .flat_map(|polygon| &polygon.rings)
                .map(|ring| distance_to_line_m(from, ring))
                .fold(f64::INFINITY, f64::min),
        }
    }

    /// Whether the shape shares a point with the area: a point by the half-open rule, lines and areas closed.
    pub fn meets_area(&self, area: &Area) -> bool {
        match self {
            Self::Point(place) => area.holds(*place),
            Self::Line(lines) => lines.iter().any(|line| area.meets_line(line)),
            Self::Area(own) => own.meets(area),
        }
    }

    /// Whether the shape shares a point with the closed box.
    pub fn meets_bbox(&self, bbox: &BBox) -> bool {
        let own = self.bbox();
        match self {
            _ if !own.meets(bbox) => false,
            _ if bbox.covers(&own) => true,
            Self::Point(_) => true,
            Self::Line(lines) => {
                let sides = Area::of_bbox(bbox);
                lines.iter().any(|line| {
                    line.iter().any(|place| bbox.holds(*place))
                        || line.windows(2).any(|pair| {
                            sides
                                .edges()
                                .any(|side| side.meets(&Edge::new(pair[0], pair[1])))
                        })
                })
            }
            Self::Area(area) => area.meets(&Area::of_bbox(bbox)),
        }
    }
}

fn distance_to_line_m(from: LonLat, line: &[LonLat]) -> f64 {
    let metres_per_degree = EARTH_RADIUS_M.to_radians();
    let plane = |place: &LonLat| {
        // Longitudes shrink with the latitude half way, which keeps the error of long segments small.
        let shrink = f64::midpoint(place.lat(), from.lat()).to_radians().cos();
        (
            (place.lon() - from.lon()) * metres_per_degree * shrink,
            (place.lat() - from.lat()) * metres_per_degree,
        )
    };
    if let [only] = line {
        return distance_m(from, *only);
    }
    line.windows(2)
        .map(|pair| to_segment(plane(&pair[0]), plane(&pair[1])))
        .fold(f64::INFINITY, f64::min)
}

/// Distance from the origin to the segment `a b`.
fn to_segment(a: (f64, f64), b: (f64, f64)) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 {
        (-(a.0 * dx + a.1 * dy) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (a.0 + along * dx).hypot(a.1 + along * dy)
}
