//! Points sorted by cell in flat arrays (compressed sparse rows): a row of cells is one contiguous scan.

use std::collections::BinaryHeap;

use crate::geom::{Area, BBox, Edge, Haversine, LonLat, reach};

/// Mean number of points per cell: fewer costs memory, more costs scanning.
const POINTS_PER_CELL: f64 = 1.5;
/// Bound of columns and of rows, so that a few far-flung points cannot ask for endless cells.
const SIDE_MAX: usize = 4096;

/// Built once from points, which keep their position in the input as their number.
#[derive(Debug)]
pub struct Grid {
    bbox: BBox,
    columns: usize,
    rows: usize,
    per_degree: (f64, f64),
    /// Cell `row * columns + column` holds the points `starts[cell]..starts[cell + 1]`.
    starts: Vec<u32>,
    places: Vec<(f64, f64)>,
    numbers: Vec<u32>,
}

/// A point and how far it is, metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    pub number: u32,
    pub distance_m: f64,
}

impl Grid {
    pub fn build(points: &[LonLat]) -> Self {
        let bbox = BBox::around(points.iter().copied())
            .unwrap_or(BBox::of_point(LonLat::new(0.0, 0.0).expect("null island")));
        let (width, height) = (
            (bbox.east - bbox.west).max(1e-9),
            (bbox.north - bbox.south).max(1e-9),
        );
        // Cells as square on the ground as degrees allow.
        let squeeze = bbox.centre().lat().to_radians().cos().max(0.05);
        let cells = (points.len() as f64 / POINTS_PER_CELL).max(1.0);
        let side = |share: f64| ((cells * share).sqrt().ceil() as usize).clamp(1, SIDE_MAX);
        let (columns, rows) = (
            side(width * squeeze / height),
            side(height / (width * squeeze)),
        );
        let mut grid = Self {
            bbox,
            columns,
            rows,
            per_degree: (columns as f64 / width, rows as f64 / height),
            starts: vec![0; columns * rows + 1],
            places: vec![(0.0, 0.0); points.len()],
            numbers: vec![0; points.len()],
        };
        let cell_of = |grid: &Self, place: &LonLat| {
            grid.row(place.lat()) * grid.columns + grid.column(place.lon())
        };
        let cells: Vec<u32> = points
            .iter()
            .map(|place| cell_of(&grid, place) as u32)
            .collect();
        for cell in &cells {
            grid.starts[*cell as usize + 1] += 1;
        }
        for cell in 0..columns * rows {
            grid.starts[cell + 1] += grid.starts[cell];
        }
        let mut next = grid.starts.clone();
        for (number, (place, cell)) in points.iter().zip(&cells).enumerate() {
            let slot = &mut next[*cell as usize];
            grid.places[*slot as usize] = (place.lon(), place.lat());
            grid.numbers[*slot as usize] = number as u32;
            *slot += 1;
        }
        grid
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    fn column(&self, lon: f64) -> usize {
        // A float cast saturates, so anything west of the box is column 0.
        (((lon - self.bbox.west) * self.per_degree.0) as usize).min(self.columns - 1)
    }

    fn row(&self, lat: f64) -> usize {
        (((lat - self.bbox.south) * self.per_degree.1) as usize).min(self.rows - 1)
    }

    /// The points of the cells `columns` in one row, as one range of the arrays.
    fn run(&self, row: usize, from: usize, to: usize) -> std::ops::Range<usize> {
        let base = row * self.columns;
        self.starts[base + from] as usize..self.starts[base + to + 1] as usize
    }

    /// Calls `each` for every point in the closed box.
    pub fn each_in_bbox(&self, bbox: &BBox, mut each: impl FnMut(u32)) {
        self.each_candidate(bbox, |number, lon, lat| {
            if bbox.west <= lon && lon <= bbox.east && bbox.south <= lat && lat <= bbox.north {
                each(number);
            }
        });
    }

    /// Calls `each` for every point within the closed circle.
    pub fn each_within(&self, centre: LonLat, radius_m: f64, mut each: impl FnMut(Near)) {
        let from = Haversine::from(centre);
        self.each_candidate(&reach(centre, radius_m), |number, lon, lat| {
            let distance_m = Haversine::metres(from.share(lon, lat));
            if distance_m <= radius_m {
                each(Near { number, distance_m });
            }
        });
    }

    /// Calls `each` for every point that the area holds (half-open rule).
    pub fn each_in_area(&self, area: &Area, mut each: impl FnMut(u32)) {
        for polygon in area.polygons() {
            let Some(bbox) = BBox::around(polygon.rings[0].iter().copied()) else {
                continue;
            };
            if !bbox.meets(&self.bbox) {
                continue;
            }
            let edges: Vec<Edge> = polygon.edges().collect();
            let (from, to) = (self.column(bbox.west), self.column(bbox.east));
            let mut band: Vec<Edge> = Vec::new();
            for row in self.row(bbox.south)..=self.row(bbox.north) {
                let run = self.run(row, from, to);
                if run.is_empty() {
                    continue;
                }
                // Only edges of this band of latitudes can be crossed; widened, since a cell's rim is rounded.
                let south = self.bbox.south + (row as f64 - 0.01) / self.per_degree.1;
                let north = self.bbox.south + (row as f64 + 1.01) / self.per_degree.1;
                band.clear();
                band.extend(edges.iter().filter(|edge| edge.crosses_band(south, north)));
                for at in run {
                    let (lon, lat) = self.places[at];
                    if lon < bbox.west || lon > bbox.east {
                        continue;
                    }
                    if band.iter().filter(|edge| edge.is_east_of(lon, lat)).count() % 2 == 1 {
                        each(self.numbers[at]);
                    }
                }
            }
        }
    }

    /// The `k` nearest points that `keep` accepts, nearest first; equal distances by number.
    pub fn nearest(&self, from: LonLat, k: usize, keep: impl Fn(u32) -> bool) -> Vec<Near> {
        let mut best: BinaryHeap<Ranked> = BinaryHeap::with_capacity(k + 1);
        if k == 0 || self.is_empty() {
            return Vec::new();
        }
        let origin = Haversine::from(from);
        let (column, row) = (self.column(from.lon()), self.row(from.lat()));
        let consider = |run: std::ops::Range<usize>, best: &mut BinaryHeap<Ranked>| {
            for at in run {
                let (lon, lat) = self.places[at];
                let worst = if best.len() == k {
                    best.peek().expect("k > 0").share
                } else {
                    f64::INFINITY
                };
                // The latitude alone often says no, at a fifth of the price.
                let share = if best.len() == k && origin.share_to_parallel(lat) > worst {
                    continue;
                } else {
                    origin.share(lon, lat)
                };
                let candidate = Ranked {
                    share,
                    number: self.numbers[at],
                };
                if (best.len() < k || candidate < *best.peek().expect("k > 0"))
                    && keep(candidate.number)
                {
                    best.push(candidate);
                    if best.len() > k {
                        best.pop();
                    }
                }
            }
        };
        for ring in 0..self.columns.max(self.rows) {
            if best.len() == k
                && self.share_beyond(&origin, column, row, ring) > best.peek().expect("k > 0").share
            {
                break;
            }
            let (west, east) = (
                column.saturating_sub(ring),
                (column + ring).min(self.columns - 1),
            );
            for at in row.saturating_sub(ring)..=(row + ring).min(self.rows - 1) {
                if at + ring == row || at == row + ring {
                    consider(self.run(at, west, east), &mut best);
                } else {
                    if column >= ring {
                        consider(self.run(at, west, west), &mut best);
                    }
                    if ring > 0 && column + ring < self.columns {
                        consider(self.run(at, east, east), &mut best);
                    }
                }
            }
        }
        best.into_sorted_vec()
            .into_iter()
            .map(|ranked| Near {
                number: ranked.number,
                distance_m: Haversine::metres(ranked.share),
            })
            .collect()
    }

    /// No point outside the block of `ring - 1` rings around a cell is nearer than this.
    fn share_beyond(&self, origin: &Haversine, column: usize, row: usize, ring: usize) -> f64 {
        if ring == 0 {
            return 0.0;
        }
        if origin.is_over_the_date_line_from(&self.bbox) {
            return -1.0;
        }
        let mut least = f64::INFINITY;
        let lon = |column: usize| self.bbox.west + column as f64 / self.per_degree.0;
        let lat = |row: usize| self.bbox.south + row as f64 / self.per_degree.1;
        if column >= ring {
            least = least.min(origin.share_to_meridian(lon(column + 1 - ring)));
        }
        if column + ring < self.columns {
            least = least.min(origin.share_to_meridian(lon(column + ring)));
        }
        if row >= ring {
            least = least.min(origin.share_to_parallel(lat(row + 1 - ring)));
        }
        if row + ring < self.rows {
            least = least.min(origin.share_to_parallel(lat(row + ring)));
        }
        // Rounding of the cell rim: a hair less is still a bound.
        least * (1.0 - 1e-9) - 1e-24
    }

    fn each_candidate(&self, bbox: &BBox, mut each: impl FnMut(u32, f64, f64)) {
        if self.is_empty() || !bbox.meets(&self.bbox) {
            return;
        }
        let (from, to) = (self.column(bbox.west), self.column(bbox.east));
        for row in self.row(bbox.south)..=self.row(bbox.north) {
            for at in self.run(row, from, to) {
                let (lon, lat) = self.places[at];
                each(self.numbers[at], lon, lat);
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
struct Ranked {
    share: f64,
    number: u32,
}

impl Eq for Ranked {}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.share
            .total_cmp(&other.share)
            .then(self.number.cmp(&other.number))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
