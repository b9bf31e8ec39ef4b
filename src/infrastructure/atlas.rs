//! Where every asset stands, in memory: read whole by questions, replaced when something changed.

use std::sync::{Arc, Mutex};

use fenghuotai_maps::{
    geom::LonLat,
    query::{Found, SpatialSet},
};

use super::{kind::Kind, model::AssetId};
use crate::region::DivisionCode;

/// What a question can filter by without asking the database.
#[derive(Debug, Clone)]
pub struct Key {
    pub id: AssetId,
    pub kind: &'static Kind,
    pub division: DivisionCode,
    pub in_use: bool,
}

#[derive(Debug)]
pub struct Drawn {
    pub set: SpatialSet<Key>,
    /// State of the registry it was drawn from.
    stamp: i64,
}

/// The newest drawing, kept until the registry has changed.
#[derive(Debug, Clone, Default)]
pub struct Atlas(Arc<Mutex<Option<Arc<Drawn>>>>);

impl Atlas {
    /// The drawing of this stamp, if it is the one kept.
    #[must_use]
    pub fn kept(&self, stamp: i64) -> Option<Arc<Drawn>> {
        let kept = self.0.lock().expect("no holder of this lock panics");
        kept.as_ref().filter(|drawn| drawn.stamp == stamp).cloned()
    }

    /// Keeps a newer drawing.
    pub fn keep(&self, set: SpatialSet<Key>, stamp: i64) -> Arc<Drawn> {
        let drawn = Arc::new(Drawn { set, stamp });
        let mut kept = self.0.lock().expect("no holder of this lock panics");
        if kept.as_ref().is_none_or(|kept| kept.stamp <= stamp) {
            *kept = Some(drawn.clone());
        }
        drawn
    }
}

impl Drawn {
    #[must_use]
    pub fn within(&self, centre: LonLat, radius_m: f64, limit: usize) -> Found<'_, Key> {
        self.set.within_radius(centre, radius_m, limit)
    }

    #[must_use]
    pub fn nearest(&self, from: LonLat, k: usize, keep: impl Fn(&Key) -> bool) -> Found<'_, Key> {
        self.set.nearest(from, k, keep)
    }
}
