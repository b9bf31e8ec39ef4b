//! Web-Mercator cells: the squares of the tile pyramid, as keys for interest and sharing.

use super::{BBox, LonLat};

/// Cells are not cut finer than this (about 600 m at Changchun).
pub const LEVEL_MAX: u8 = 15;
/// Web Mercator ends here; places beyond it fall into the last row.
pub const MERCATOR_LAT_MAX: f64 = 85.051_128_779_806_6;

/// `(x, y)` in the unit square of Web Mercator: x to the east, y to the **south**.
pub fn mercator(place: LonLat) -> (f64, f64) {
    let lat = place
        .lat()
        .clamp(-MERCATOR_LAT_MAX, MERCATOR_LAT_MAX)
        .to_radians();
    let x = (place.lon() + 180.0) / 360.0;
    let y = 0.5 - lat.tan().asinh() / std::f64::consts::TAU;
    (x.clamp(0.0, 1.0), y.clamp(0.0, 1.0))
}

/// A square of the pyramid: `1 << level` columns and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    pub level: u8,
    pub x: u16,
    pub y: u16,
}

impl Cell {
    pub fn at(level: u8, place: LonLat) -> Self {
        let (x, y) = mercator(place);
        Self::at_unit(level, x, y)
    }

    /// The cell of a place given in the unit square.
    pub fn at_unit(level: u8, x: f64, y: f64) -> Self {
        let size = f64::from(1_u32 << level);
        let last = (1_u32 << level) - 1;
        let index = |unit: f64| ((unit * size) as u32).min(last) as u16;
        Self {
            level,
            x: index(x),
            y: index(y),
        }
    }

    /// One number per cell: `level:4 | y:15 | x:15`, ordered row by row.
    pub fn key(self) -> u64 {
        u64::from(self.level) << 32 | u64::from(self.y) << 16 | u64::from(self.x)
    }

    /// West, north edge and width in the unit square.
    pub fn frame(self) -> (f64, f64, f64) {
        let width = 1.0 / f64::from(1_u32 << self.level);
        (f64::from(self.x) * width, f64::from(self.y) * width, width)
    }

    /// The cells of one level that cover a box, at the finest level that needs at most `most` of them.
    pub fn cover(bbox: &BBox, finest: u8, most: usize) -> Vec<Self> {
        let corner = |lon, lat| LonLat { lon, lat };
        let (nw, se) = (corner(bbox.west, bbox.north), corner(bbox.east, bbox.south));
        for level in (0..=finest.min(LEVEL_MAX)).rev() {
            let (a, b) = (Self::at(level, nw), Self::at(level, se));
            let count = (usize::from(b.x - a.x) + 1) * (usize::from(b.y - a.y) + 1);
            if count <= most.max(4) {
                return (a.y..=b.y)
                    .flat_map(|y| (a.x..=b.x).map(move |x| Self { level, x, y }))
                    .collect();
            }
        }
        vec![Self {
            level: 0,
            x: 0,
            y: 0,
        }]
    }
}
