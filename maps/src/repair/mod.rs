//! Makes foreign polygons usable: closes rings, unties small self-crossings, or refuses and names the place.
//!
//! Vertices are never moved, so borders shared with a neighbour stay shared; only crossing points are added. A
//! ring that crosses itself is cut at its crossings into simple loops, and a loop belongs to the area when the
//! ring winds around it (non-zero rule). That is a guess about what was meant, so it is made only while the loops
//! beside the largest one are small; a ring tied in the middle is refused.

mod untangle;

use geojson::{Geometry, GeometryValue};

use crate::datum::Datum;
use crate::geom::{Area, Edge, LonLat, NotAPlace, Polygon};
use untangle::{Loop, untangle};

/// Loops beside the largest of their ring may together make up this share of the whole area.
pub const TANGLED_SHARE_MAX: f64 = 0.01;
/// A ring with more crossings than this is not a border drawn by anybody.
pub const CROSSINGS_MAX: usize = 64;

#[derive(Clone, Debug, PartialEq)]
pub struct Repaired {
    pub area: Area,
    /// What was changed, in the order of the rings; empty for a valid polygon.
    pub repairs: Vec<Repair>,
}

/// One thing that was put right.
#[derive(Clone, Debug, PartialEq)]
pub struct Repair {
    pub ring: RingName,
    pub near: LonLat,
    pub flaw: Flaw,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flaw {
    NotClosed,
    RepeatedPlace,
    /// A there-and-back line that encloses nothing.
    Spike,
    SelfCrossing,
}

impl Flaw {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotClosed => "not_closed",
            Self::RepeatedPlace => "repeated_place",
            Self::Spike => "spike",
            Self::SelfCrossing => "self_crossing",
        }
    }
}

/// Which ring of a (multi)polygon: both count from 0, ring 0 is the outer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingName {
    pub polygon: usize,
    pub ring: usize,
}

impl std::fmt::Display for RingName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.ring {
            0 => write!(f, "polygon {}, outer ring", self.polygon),
            hole => write!(f, "polygon {}, hole {hole}", self.polygon),
        }
    }
}

/// Why an area cannot be used, and where to look.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Irreparable {
    #[error("the geometry is not a Polygon or MultiPolygon")]
    NotAnArea,
    #[error("the area has no polygon")]
    Empty,
    #[error("{ring}: {source}")]
    NotAPlace { ring: RingName, source: NotAPlace },
    #[error("{ring}: fewer than three different places")]
    TooFewPlaces { ring: RingName },
    #[error("{ring}: encloses no surface near {}, {}", near.lon(), near.lat())]
    NoSurface { ring: RingName, near: LonLat },
    #[error("{ring}: crosses itself more than {CROSSINGS_MAX} times, first near {}, {}", near.lon(), near.lat())]
    TooManyCrossings { ring: RingName, near: LonLat },
    #[error(
        "{ring}: crosses itself near {}, {}, and the loops cut off are {share_percent} % of the area; redraw it there",
        near.lon(), near.lat()
    )]
    Tangled {
        ring: RingName,
        near: LonLat,
        share_percent: u8,
    },
    #[error("{ring}: lies outside its outer ring or crosses it near {}, {}", near.lon(), near.lat())]
    HoleAstray { ring: RingName, near: LonLat },
}

impl Irreparable {
    /// A stable code for refusals.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAnArea => "boundary.not_an_area",
            Self::Empty => "boundary.empty",
            Self::NotAPlace { .. } => "boundary.not_a_place",
            Self::TooFewPlaces { .. } => "boundary.too_few_places",
            Self::NoSurface { .. } => "boundary.no_surface",
            Self::TooManyCrossings { .. } => "boundary.too_many_crossings",
            Self::Tangled { .. } => "boundary.tangled",
            Self::HoleAstray { .. } => "boundary.hole_astray",
        }
    }

    /// The ring and the place (WGS-84) to look at, when there is one.
    pub fn ring(&self) -> Option<RingName> {
        match self {
            Self::NotAnArea | Self::Empty => None,
            Self::NotAPlace { ring, .. }
            | Self::TooFewPlaces { ring }
            | Self::NoSurface { ring, .. }
            | Self::TooManyCrossings { ring, .. }
            | Self::Tangled { ring, .. }
            | Self::HoleAstray { ring, .. } => Some(*ring),
        }
    }
}

/// Reads a Polygon or MultiPolygon of a declared datum into a usable WGS-84 area.
pub fn area_from_geojson(geometry: &Geometry, datum: Datum) -> Result<Repaired, Irreparable> {
    let polygons = match &geometry.value {
        GeometryValue::Polygon { coordinates } => std::slice::from_ref(coordinates),
        GeometryValue::MultiPolygon { coordinates } => coordinates.as_slice(),
        _ => return Err(Irreparable::NotAnArea),
    };
    let mut places = Vec::with_capacity(polygons.len());
    for (polygon, rings) in polygons.iter().enumerate() {
        let mut own = Vec::with_capacity(rings.len());
        for (ring, positions) in rings.iter().enumerate() {
            let read = |position: &geojson::Position| {
                let (lon, lat) = match position.as_slice() {
                    [lon, lat, ..] => (*lon, *lat),
                    _ => (f64::NAN, f64::NAN),
                };
                LonLat::new(lon, lat)
                    .and_then(|place| datum.to_wgs84(place))
                    .map_err(|source| Irreparable::NotAPlace {
                        ring: RingName { polygon, ring },
                        source,
                    })
            };
            own.push(positions.iter().map(read).collect::<Result<Vec<_>, _>>()?);
        }
        places.push(own);
    }
    repair(places)
}

/// Turns rings (polygon → rings → places, the first ring of each polygon its outline) into a usable area.
pub fn repair(polygons: Vec<Vec<Vec<LonLat>>>) -> Result<Repaired, Irreparable> {
    let mut repairs = Vec::new();
    let mut untied = Vec::new();
    for (polygon, rings) in polygons.into_iter().enumerate() {
        let mut own = Vec::with_capacity(rings.len());
        for (ring, places) in rings.into_iter().enumerate() {
            let name = RingName { polygon, ring };
            let mut flaws = |near, flaw| {
                repairs.push(Repair {
                    ring: name,
                    near,
                    flaw,
                })
            };
            own.push((name, untangle(name, places, &mut flaws)?));
        }
        untied.push(own);
    }
    refuse_if_tangled(&untied, &repairs)?;

    let mut parts = Vec::new();
    for rings in untied {
        parts.extend(assemble(rings)?);
    }
    let area = Area::new(parts).ok_or(Irreparable::Empty)?;
    Ok(Repaired { area, repairs })
}

fn refuse_if_tangled(
    untied: &[Vec<(RingName, Vec<Loop>)>],
    repairs: &[Repair],
) -> Result<(), Irreparable> {
    let largest = |loops: &[Loop]| loops.iter().map(Loop::surface).fold(0.0, f64::max);
    let whole: f64 = untied
        .iter()
        .filter_map(|rings| rings.first())
        .map(|(_, loops)| largest(loops))
        .sum();
    for (ring, loops) in untied.iter().flatten() {
        let beside = loops.iter().map(Loop::surface).sum::<f64>() - largest(loops);
        if beside > whole * TANGLED_SHARE_MAX {
            let near = repairs
                .iter()
                .find(|repair| repair.ring == *ring && repair.flaw == Flaw::SelfCrossing)
                .map_or(loops[0].places()[0], |repair| repair.near);
            let share_percent = (beside / (whole + beside) * 100.0).ceil() as u8;
            return Err(Irreparable::Tangled {
                ring: *ring,
                near,
                share_percent,
            });
        }
    }
    Ok(())
}

/// Puts the loops of one polygon's rings together: outlines with the holes that lie in them.
fn assemble(rings: Vec<(RingName, Vec<Loop>)>) -> Result<Vec<Polygon>, Irreparable> {
    let mut outlines: Vec<Polygon> = Vec::new();
    let mut holes: Vec<(RingName, Loop)> = Vec::new();
    for (name, loops) in rings {
        for one in loops {
            // A hole cut off inside an outline is a hole; one inside a declared hole is land again.
            match (name.ring == 0, one.is_hole()) {
                (true, false) | (false, true) => outlines.push(Polygon {
                    rings: vec![one.into_places()],
                }),
                (true, true) | (false, false) => holes.push((name, one)),
            }
        }
    }
    for (name, hole) in holes {
        let inside = hole.inside();
        let astray = Irreparable::HoleAstray {
            ring: name,
            near: hole.places()[0],
        };
        let outline = outlines
            .iter_mut()
            .find(|polygon| {
                odd(&polygon.rings[0], inside) && !crosses(&polygon.rings[0], hole.places())
            })
            .ok_or(astray)?;
        outline.rings.push(hole.into_places());
    }
    Ok(outlines)
}

fn odd(ring: &[LonLat], (lon, lat): (f64, f64)) -> bool {
    ring.windows(2)
        .filter(|pair| Edge::new(pair[0], pair[1]).is_east_of(lon, lat))
        .count()
        % 2
        == 1
}

/// Whether two rings cross; rings that only touch in places do not.
fn crosses(a: &[LonLat], b: &[LonLat]) -> bool {
    a.windows(2).any(|one| {
        b.windows(2)
            .any(|two| untangle::proper_crossing((one[0], one[1]), (two[0], two[1])).is_some())
    })
}

#[cfg(test)]
mod tests;
