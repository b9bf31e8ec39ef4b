//! Indexes: a cell-sorted grid for points, a packed R-tree for the boxes of lines and areas.

mod boxes;
mod grid;

pub use boxes::Boxes;
pub use grid::{Grid, Near};
