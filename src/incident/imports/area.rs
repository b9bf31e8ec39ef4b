//! Which points of a file cannot be where its calls came from.

use super::plan::Area;
use crate::incident::model::Point;

/// Why a point is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Impossible {
    OutsideBbox,
    FarFromAll,
    /// 0° N 0° E: a default, not a place.
    NullIsland,
}

/// The area rule with the middle of the file filled in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    area: Area,
    middle: Option<Point>,
}

impl Bounds {
    /// The middle is the median of longitudes and of latitudes: a few strays do not move it.
    #[must_use]
    pub fn around(area: Area, points: &[Point]) -> Self {
        let real: Vec<Point> = points
            .iter()
            .copied()
            .filter(|point| !is_null_island(*point))
            .collect();
        let middle = median(real.iter().map(|point| point.lon))
            .zip(median(real.iter().map(|point| point.lat)))
            .map(|(lon, lat)| Point { lon, lat });
        Self { area, middle }
    }

    #[must_use]
    pub fn middle(&self) -> Option<Point> {
        self.middle
    }

    /// Nothing means: possible.
    #[must_use]
    pub fn doubt(&self, point: Point) -> Option<Impossible> {
        if is_null_island(point) {
            return Some(Impossible::NullIsland);
        }
        if let Some([west, south, east, north]) = self.area.bbox
            && !((west..=east).contains(&point.lon) && (south..=north).contains(&point.lat))
        {
            return Some(Impossible::OutsideBbox);
        }
        let (middle, km) = self.middle.zip(self.area.farther_than_km)?;
        (middle.distance_m(point) > km * 1_000.0).then_some(Impossible::FarFromAll)
    }
}

fn is_null_island(point: Point) -> bool {
    point.lon.abs() < 1e-6 && point.lat.abs() < 1e-6
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f64::total_cmp).1)
}
