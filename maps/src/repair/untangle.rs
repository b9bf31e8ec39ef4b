//! Cuts one ring at its self-crossings into simple loops.

use std::collections::BTreeMap;

use super::{CROSSINGS_MAX, Flaw, Irreparable, RingName, odd};
use crate::geom::{BBox, LonLat};
use crate::index::Boxes;

/// Cutting at a rounded crossing point can make a new crossing nearby; this often it is cut again.
const ROUNDS_MAX: usize = 4;

/// A closed loop without self-crossings.
#[derive(Clone, Debug)]
pub struct Loop {
    places: Vec<LonLat>,
    /// Shoelace sum in square degrees, positive when the loop turns counter-clockwise.
    signed: f64,
    hole: bool,
}

impl Loop {
    fn new(mut open: Vec<LonLat>) -> Option<Self> {
        if open.len() < 3 {
            return None;
        }
        open.push(open[0]);
        let origin = open[0];
        let signed: f64 = open
            .windows(2)
            .map(|pair| {
                let (ax, ay) = (pair[0].lon() - origin.lon(), pair[0].lat() - origin.lat());
                let (bx, by) = (pair[1].lon() - origin.lon(), pair[1].lat() - origin.lat());
                (ax * by - bx * ay) / 2.0
            })
            .sum();
        (signed != 0.0).then_some(Self {
            places: open,
            signed,
            hole: false,
        })
    }

    pub fn surface(&self) -> f64 {
        self.signed.abs()
    }

    pub fn is_hole(&self) -> bool {
        self.hole
    }

    pub fn places(&self) -> &[LonLat] {
        &self.places
    }

    pub fn into_places(self) -> Vec<LonLat> {
        self.places
    }

    /// Some point strictly inside: half way between the two westernmost crossings of a line of latitude.
    pub fn inside(&self) -> (f64, f64) {
        let mut lats: Vec<f64> = self.places.iter().map(|place| place.lat()).collect();
        lats.sort_by(f64::total_cmp);
        lats.dedup();
        let widest = lats
            .windows(2)
            .max_by(|a, b| (a[1] - a[0]).total_cmp(&(b[1] - b[0])));
        let lat = widest.map_or(lats[0], |gap| f64::midpoint(gap[0], gap[1]));
        let mut crossings: Vec<f64> = self
            .places
            .windows(2)
            .filter(|pair| (pair[0].lat() > lat) != (pair[1].lat() > lat))
            .map(|pair| {
                let along = (lat - pair[0].lat()) / (pair[1].lat() - pair[0].lat());
                pair[0].lon() + along * (pair[1].lon() - pair[0].lon())
            })
            .collect();
        crossings.sort_by(f64::total_cmp);
        match crossings.as_slice() {
            [west, east, ..] => (f64::midpoint(*west, *east), lat),
            _ => (self.places[0].lon(), lat),
        }
    }
}

/// The loops of a ring that belong to it, holes marked; `flaw` hears what had to be put right.
pub fn untangle(
    name: RingName,
    mut ring: Vec<LonLat>,
    flaw: &mut impl FnMut(LonLat, Flaw),
) -> Result<Vec<Loop>, Irreparable> {
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    } else if let Some(first) = ring.first() {
        flaw(*first, Flaw::NotClosed);
    }
    ring.dedup_by(|b, a| {
        let same = a == b;
        if same {
            flaw(*a, Flaw::RepeatedPlace);
        }
        same
    });
    if ring.len() < 3 {
        return Err(Irreparable::TooFewPlaces { ring: name });
    }

    let start = ring[0];
    let mut loops = Vec::new();
    let mut waiting = vec![ring];
    for _ in 0..ROUNDS_MAX {
        let mut crossed = Vec::new();
        for ring in waiting.drain(..) {
            let (noded, crossings) = node(&ring);
            if crossings.len() > CROSSINGS_MAX {
                return Err(Irreparable::TooManyCrossings {
                    ring: name,
                    near: crossings[0],
                });
            }
            for near in &crossings {
                flaw(*near, Flaw::SelfCrossing);
            }
            let pieces = split(noded, flaw);
            if crossings.is_empty() {
                loops.extend(pieces.into_iter().filter_map(Loop::new));
            } else {
                crossed.extend(pieces.into_iter().filter(|piece| piece.len() >= 3));
            }
        }
        waiting = crossed;
        if waiting.is_empty() {
            break;
        }
    }
    if let Some(left) = waiting.first() {
        return Err(Irreparable::TooManyCrossings {
            ring: name,
            near: left[0],
        });
    }
    if loops.is_empty() {
        return Err(Irreparable::NoSurface {
            ring: name,
            near: start,
        });
    }
    Ok(keep_wound(loops))
}

/// Keeps the loops between filled and empty (non-zero winding), and marks those that bound an emptiness.
fn keep_wound(loops: Vec<Loop>) -> Vec<Loop> {
    let winding = |one: &Loop| -> (i32, i32) {
        let point = one.inside();
        let around: i32 = loops
            .iter()
            .filter(|other| other.surface() > one.surface() && odd(&other.places, point))
            .map(|other| other.signed.signum() as i32)
            .sum();
        (around, around + one.signed.signum() as i32)
    };
    let mut kept: Vec<Loop> = loops
        .iter()
        .filter_map(|one| match winding(one) {
            (0, _) => Some(one.clone()),
            (_, 0) => Some(Loop {
                hole: true,
                ..one.clone()
            }),
            _ => None,
        })
        .collect();
    kept.sort_by(|a, b| b.surface().total_cmp(&a.surface()));
    kept
}

/// Adds to an open ring every place where it crosses or touches itself; also returns the proper crossings.
fn node(ring: &[LonLat]) -> (Vec<LonLat>, Vec<LonLat>) {
    let edge = |i: usize| (ring[i], ring[(i + 1) % ring.len()]);
    let boxes: Vec<BBox> = (0..ring.len())
        .map(|i| BBox::of_point(edge(i).0).union(&BBox::of_point(edge(i).1)))
        .collect();
    let index = Boxes::build(&boxes);
    let mut cuts: Vec<Vec<LonLat>> = vec![Vec::new(); ring.len()];
    let mut crossings = Vec::new();
    for i in 0..ring.len() {
        let own = edge(i);
        for j in index
            .meeting(&boxes[i])
            .into_iter()
            .map(|j| j as usize)
            .filter(|j| *j != i)
        {
            let other = edge(j);
            for end in [other.0, other.1] {
                if lies_within(end, own) {
                    cuts[i].push(end);
                }
            }
            if i < j
                && let Some(place) = proper_crossing(own, other)
            {
                crossings.push(place);
                cuts[i].push(place);
                cuts[j].push(place);
            }
        }
    }
    let mut noded = Vec::with_capacity(ring.len() + crossings.len() * 2);
    for (i, mut own) in cuts.into_iter().enumerate() {
        let from = ring[i];
        noded.push(from);
        let away = |place: &LonLat| (place.lon() - from.lon()).hypot(place.lat() - from.lat());
        own.sort_by(|a, b| away(a).total_cmp(&away(b)));
        noded.extend(own);
    }
    noded.dedup();
    while noded.len() > 1 && noded.first() == noded.last() {
        noded.pop();
    }
    (noded, crossings)
}

/// Walks an open ring and cuts off a loop whenever a place comes again.
fn split(ring: Vec<LonLat>, flaw: &mut impl FnMut(LonLat, Flaw)) -> Vec<Vec<LonLat>> {
    let mut path: Vec<LonLat> = Vec::with_capacity(ring.len());
    let mut seen: BTreeMap<(u64, u64), usize> = BTreeMap::new();
    let mut pieces = Vec::new();
    for place in ring {
        if let Some(&at) = seen.get(&place.bits()) {
            let piece: Vec<LonLat> = path.drain(at..).collect();
            for gone in &piece {
                seen.remove(&gone.bits());
            }
            match piece.len() {
                0 | 1 => {}
                2 => flaw(piece[1], Flaw::Spike),
                _ => pieces.push(piece),
            }
        }
        seen.insert(place.bits(), path.len());
        path.push(place);
    }
    if path.len() == 2 {
        flaw(path[1], Flaw::Spike);
    }
    pieces.push(path);
    pieces
}

fn side(a: LonLat, b: LonLat, p: LonLat) -> f64 {
    (b.lon() - a.lon()) * (p.lat() - a.lat()) - (b.lat() - a.lat()) * (p.lon() - a.lon())
}

/// Whether the place lies on the open segment.
fn lies_within(place: LonLat, (a, b): (LonLat, LonLat)) -> bool {
    place != a
        && place != b
        && side(a, b, place) == 0.0
        && BBox::of_point(a).union(&BBox::of_point(b)).holds(place)
}

/// Where two segments cross in the inside of both.
pub fn proper_crossing((a, b): (LonLat, LonLat), (c, d): (LonLat, LonLat)) -> Option<LonLat> {
    let (c_side, d_side) = (side(a, b, c), side(a, b, d));
    let (a_side, b_side) = (side(c, d, a), side(c, d, b));
    if c_side * d_side >= 0.0 || a_side * b_side >= 0.0 {
        return None;
    }
    let along = a_side / (a_side - b_side);
    let place = LonLat::new(
        a.lon() + along * (b.lon() - a.lon()),
        a.lat() + along * (b.lat() - a.lat()),
    )
    .ok()?;
    // A crossing that rounds onto an end is a touch.
    (![a, b, c, d].contains(&place)).then_some(place)
}
