//! Areas: polygons with holes, and the one rule that says which side of a border a point is on.
//!
//! The rule is half-open: a point belongs to an area when a ray to the east crosses its rings an odd number of
//! times, an edge counting from its lower end (included) to its upper end (not included), and an edge through the
//! point itself not being east of it. So for areas that share their borders vertex by vertex, as divisions
//! do, every point belongs to exactly one; an area holds its west and south borders, not its east and north ones.

use super::{BBox, LonLat};

/// An edge from its lower to its upper end: the same border walked either way gives the same answer, bit by bit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    low: (f64, f64),
    high: (f64, f64),
}

impl Edge {
    pub fn new(a: LonLat, b: LonLat) -> Self {
        let (a, b) = ((a.lon, a.lat), (b.lon, b.lat));
        if (a.1, a.0) <= (b.1, b.0) {
            Self { low: a, high: b }
        } else {
            Self { low: b, high: a }
        }
    }

    /// Whether the ray from the place to the east crosses this edge.
    #[inline]
    pub fn is_east_of(&self, lon: f64, lat: f64) -> bool {
        if !(self.low.1 <= lat && lat < self.high.1) {
            return false;
        }
        let cross = (self.high.0 - self.low.0) * (lat - self.low.1)
            - (self.high.1 - self.low.1) * (lon - self.low.0);
        cross > 0.0
    }

    /// Whether the edge touches the band of latitudes `south..=north`.
    pub(crate) fn crosses_band(&self, south: f64, north: f64) -> bool {
        self.low.1 <= north && south <= self.high.1
    }

    fn bbox_meets(&self, bbox: &BBox) -> bool {
        self.low.1 <= bbox.north
            && bbox.south <= self.high.1
            && self.low.0.min(self.high.0) <= bbox.east
            && bbox.west <= self.low.0.max(self.high.0)
    }

    /// Whether the two closed segments share a point.
    pub fn meets(&self, other: &Self) -> bool {
        let side = |a: (f64, f64), b: (f64, f64), p: (f64, f64)| {
            (b.0 - a.0) * (p.1 - a.1) - (b.1 - a.1) * (p.0 - a.0)
        };
        let (a, b, c, d) = (self.low, self.high, other.low, other.high);
        let (s1, s2, s3, s4) = (side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b));
        if ((s1 > 0.0) != (s2 > 0.0) || s1 == 0.0 || s2 == 0.0)
            && ((s3 > 0.0) != (s4 > 0.0) || s3 == 0.0 || s4 == 0.0)
        {
            let boxes_meet = a.0.min(b.0) <= c.0.max(d.0)
                && c.0.min(d.0) <= a.0.max(b.0)
                && a.1.min(b.1) <= c.1.max(d.1)
                && c.1.min(d.1) <= a.1.max(b.1);
            return boxes_meet;
        }
        false
    }
}

/// One outer ring and its holes. Rings are closed: the last place repeats the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Polygon {
    pub rings: Vec<Vec<LonLat>>,
}

impl Polygon {
    pub fn edges(&self) -> impl Iterator<Item = Edge> {
        self.rings
            .iter()
            .flat_map(|ring| ring.windows(2).map(|pair| Edge::new(pair[0], pair[1])))
    }

    /// Half-open, see the rule at the head of this file.
    pub fn holds(&self, place: LonLat) -> bool {
        self.edges()
            .filter(|edge| edge.is_east_of(place.lon, place.lat))
            .count()
            % 2
            == 1
    }
}

/// One or several polygons that are one thing, such as a county with an exclave.
#[derive(Clone, Debug, PartialEq)]
pub struct Area {
    parts: Vec<(BBox, Polygon)>,
    bbox: BBox,
}

impl Area {
    /// `None` when there is no polygon with a ring of at least four places (three and the first again).
    pub fn new(parts: Vec<Polygon>) -> Option<Self> {
        let parts: Vec<_> = parts
            .into_iter()
            .filter(|polygon| polygon.rings.first().is_some_and(|ring| ring.len() >= 4))
            .filter_map(|polygon| Some((BBox::around(polygon.rings[0].iter().copied())?, polygon)))
            .collect();
        let bbox = parts
            .iter()
            .map(|(bbox, _)| *bbox)
            .reduce(|a, b| a.union(&b))?;
        Some(Self { parts, bbox })
    }

    /// The area of a box, for asking with a rectangle.
    pub fn of_bbox(bbox: &BBox) -> Self {
        let corner = |lon, lat| LonLat { lon, lat };
        let (sw, ne) = (corner(bbox.west, bbox.south), corner(bbox.east, bbox.north));
        let ring = vec![sw, corner(ne.lon, sw.lat), ne, corner(sw.lon, ne.lat), sw];
        Self {
            parts: vec![(*bbox, Polygon { rings: vec![ring] })],
            bbox: *bbox,
        }
    }

    pub fn bbox(&self) -> BBox {
        self.bbox
    }

    pub fn polygons(&self) -> impl Iterator<Item = &Polygon> {
        self.parts.iter().map(|(_, polygon)| polygon)
    }

    pub fn edges(&self) -> impl Iterator<Item = Edge> {
        self.polygons().flat_map(Polygon::edges)
    }

    /// Half-open, see the rule at the head of this file.
    pub fn holds(&self, place: LonLat) -> bool {
        self.bbox.holds(place)
            && self
                .parts
                .iter()
                .any(|(bbox, polygon)| bbox.holds(place) && polygon.holds(place))
    }

    /// Whether the two closed areas share a point; touching borders count.
    pub fn meets(&self, other: &Self) -> bool {
        self.parts
            .iter()
            .any(|a| other.parts.iter().any(|b| polygons_meet(a, b)))
    }

    /// Whether a line shares a point with the closed area.
    pub fn meets_line(&self, line: &[LonLat]) -> bool {
        line.iter().any(|place| self.holds(*place))
            || line.windows(2).any(|pair| {
                let edge = Edge::new(pair[0], pair[1]);
                self.edges().any(|own| own.meets(&edge))
            })
            || matches!(line, [only] if self.edges().any(|own| own.meets(&Edge::new(*only, *only))))
    }
}

fn polygons_meet((box_a, a): &(BBox, Polygon), (box_b, b): &(BBox, Polygon)) -> bool {
    if !box_a.meets(box_b) {
        return false;
    }
    // Most meetings are decided by one vertex, before any pair of edges is looked at.
    let inside = |polygon: &Polygon, bbox: &BBox, other: &Polygon| {
        other.rings[0]
            .iter()
            .any(|vertex| bbox.holds(*vertex) && polygon.holds(*vertex))
    };
    if inside(a, box_a, b) || inside(b, box_b, a) {
        return true;
    }
    let near: Vec<Edge> = b.edges().filter(|edge| edge.bbox_meets(box_a)).collect();
    a.edges()
        .filter(|edge| edge.bbox_meets(box_b))
        .any(|edge| near.iter().any(|other| edge.meets(other)))
}
