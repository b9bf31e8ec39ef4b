//! Spatial questions over things with a key and a shape; every answer is exact and bounded.
//!
//! A set is built once and replaced when something changes (a million points take about 0.1 s). Distances are
//! haversine metres. Points are inside an area by its half-open rule, lines and areas when they share a point.

use crate::geom::{Area, BBox, LonLat, Shape};
use crate::index::{Boxes, Grid};

/// Answers are never longer than this, whatever limit is asked for.
pub const LIMIT_MAX: usize = 100_000;

/// A thing in an answer.
#[derive(Debug)]
pub struct Hit<'a, K> {
    pub key: &'a K,
    pub shape: &'a Shape,
    /// Metres to the nearest place of the shape, 0 inside it; `None` where the question has no distance.
    pub distance_m: Option<f64>,
}

/// An answer, and whether the limit cut it.
#[derive(Debug)]
pub struct Found<'a, K> {
    pub hits: Vec<Hit<'a, K>>,
    pub truncated: bool,
}

/// Things of any shape that can be asked for by place.
#[derive(Debug)]
pub struct SpatialSet<K> {
    items: Vec<(K, Shape)>,
    /// Positions in `items` of what the grid and the boxes hold.
    points: Vec<u32>,
    extended: Vec<u32>,
    grid: Grid,
    boxes: Boxes,
}

impl<K> Default for SpatialSet<K> {
    fn default() -> Self {
        Self::build([])
    }
}

impl<K> SpatialSet<K> {
    /// The order of the items is kept: it decides between equal distances.
    pub fn build(items: impl IntoIterator<Item = (K, Shape)>) -> Self {
        let items: Vec<(K, Shape)> = items.into_iter().collect();
        let (mut points, mut places, mut extended, mut boxes) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (at, (_, shape)) in items.iter().enumerate() {
            let at = u32::try_from(at).expect("fewer than 2³² items");
            match shape {
                Shape::Point(place) => {
                    points.push(at);
                    places.push(*place);
                }
                Shape::Line(_) | Shape::Area(_) => {
                    extended.push(at);
                    boxes.push(shape.bbox());
                }
            }
        }
        Self {
            grid: Grid::build(&places),
            boxes: Boxes::build(&boxes),
            items,
            points,
            extended,
        }
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// What lies at most `radius_m` from `centre`, nearest first. A truncated answer has the nearest ones.
    pub fn within_radius(&self, centre: LonLat, radius_m: f64, limit: usize) -> Found<'_, K> {
        let mut near = Vec::new();
        self.grid.each_within(centre, radius_m, |found| {
            near.push((self.points[found.number as usize], found.distance_m))
        });
        for (at, shape) in self.extended_near(&crate::geom::reach(centre, radius_m)) {
            let distance_m = shape.distance_m(centre);
            if distance_m <= radius_m {
                near.push((at, distance_m));
            }
        }
        self.found_by_distance(near, limit)
    }

    /// What shares a point with the closed box, in the order of the items.
    pub fn in_bbox(&self, bbox: &BBox, limit: usize) -> Found<'_, K> {
        let mut inside = Vec::new();
        self.grid
            .each_in_bbox(bbox, |number| inside.push(self.points[number as usize]));
        inside.extend(
            self.extended_near(bbox)
                .filter(|(_, shape)| shape.meets_bbox(bbox))
                .map(|(at, _)| at),
        );
        self.found_in_order(inside, limit)
    }

    /// What lies in the area or shares a point with it, in the order of the items.
    pub fn in_area(&self, area: &Area, limit: usize) -> Found<'_, K> {
        let mut inside = Vec::new();
        self.grid
            .each_in_area(area, |number| inside.push(self.points[number as usize]));
        inside.extend(
            self.extended_near(&area.bbox())
                .filter(|(_, shape)| shape.meets_area(area))
                .map(|(at, _)| at),
        );
        self.found_in_order(inside, limit)
    }

    /// The `k` nearest things that `keep` accepts, nearest first.
    pub fn nearest(&self, from: LonLat, k: usize, keep: impl Fn(&K) -> bool) -> Found<'_, K> {
        let k = k.min(LIMIT_MAX);
        let mut near: Vec<(u32, f64)> = self
            .grid
            .nearest(from, k, |number| {
                keep(&self.items[self.points[number as usize] as usize].0)
            })
            .into_iter()
            .map(|found| (self.points[found.number as usize], found.distance_m))
            .collect();
        near.extend(self.nearest_extended(from, k, &keep));
        self.found_by_distance(near, k)
    }

    /// The areas that hold the place (half-open rule: exactly one of neighbours that share a border).
    pub fn areas_at(&self, place: LonLat, limit: usize) -> Found<'_, K> {
        let holding = self
            .extended_near(&BBox::of_point(place))
            .filter(|(_, shape)| matches!(shape, Shape::Area(area) if area.holds(place)))
            .map(|(at, _)| at)
            .collect();
        self.found_in_order(holding, limit)
    }

    fn extended_near(&self, bbox: &BBox) -> impl Iterator<Item = (u32, &Shape)> {
        self.boxes.meeting(bbox).into_iter().map(|number| {
            let at = self.extended[number as usize];
            (at, &self.items[at as usize].1)
        })
    }

    /// Lines and areas by growing circles: whatever lies within the circle is complete.
    fn nearest_extended(
        &self,
        from: LonLat,
        k: usize,
        keep: &impl Fn(&K) -> bool,
    ) -> Vec<(u32, f64)> {
        if k == 0 || self.extended.is_empty() {
            return Vec::new();
        }
        let farthest_m = std::f64::consts::PI * crate::geom::EARTH_RADIUS_M;
        let mut radius_m = 1_000.0;
        loop {
            let near: Vec<(u32, f64)> = self
                .extended_near(&crate::geom::reach(from, radius_m))
                .filter(|(at, _)| keep(&self.items[*at as usize].0))
                .map(|(at, shape)| (at, shape.distance_m(from)))
                .collect();
            let complete = near
                .iter()
                .filter(|(_, distance_m)| *distance_m <= radius_m)
                .count();
            if complete >= k || radius_m > farthest_m {
                return near;
            }
            radius_m *= 4.0;
        }
    }

    fn found_by_distance(&self, mut near: Vec<(u32, f64)>, limit: usize) -> Found<'_, K> {
        let limit = limit.min(LIMIT_MAX);
        let truncated = near.len() > limit;
        near.sort_unstable_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        near.truncate(limit);
        let hits = near
            .into_iter()
            .map(|(at, distance_m)| self.hit(at, Some(distance_m)))
            .collect();
        Found { hits, truncated }
    }

    fn found_in_order(&self, mut inside: Vec<u32>, limit: usize) -> Found<'_, K> {
        let limit = limit.min(LIMIT_MAX);
        inside.sort_unstable();
        inside.dedup();
        let truncated = inside.len() > limit;
        inside.truncate(limit);
        Found {
            hits: inside.into_iter().map(|at| self.hit(at, None)).collect(),
            truncated,
        }
    }

    fn hit(&self, at: u32, distance_m: Option<f64>) -> Hit<'_, K> {
        let (key, shape) = &self.items[at as usize];
        Hit {
            key,
            shape,
            distance_m,
        }
    }
}

#[cfg(test)]
mod tests;
