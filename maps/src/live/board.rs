//! Which features each viewer has been shown, and what he must be told next. No I/O, no time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::feature::{Feature, Placed, name};
use crate::geom::BBox;

/// Removals remembered for viewers that are behind; one further behind is compared with the whole board.
pub const TOMBSTONES_MAX: usize = 100_000;
/// A delta is cut near this many bytes, and the rest comes with the next one.
pub const DELTA_BYTES_MAX: usize = 128 * 1024;

/// Everything on the map, in the order of its last change.
#[derive(Debug, Default)]
pub struct Board {
    features: BTreeMap<String, (u64, Arc<Placed>)>,
    /// Revision → name, one per feature: its last change.
    changes: BTreeMap<u64, String>,
    /// Revision → name of what is gone.
    tombstones: BTreeMap<u64, String>,
    /// Viewers at an older revision have missed tombstones.
    forgotten: u64,
    revision: u64,
}

/// What a viewer looks at.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    pub layers: BTreeSet<String>,
    pub bbox: BBox,
}

type Allowed = Box<dyn Fn(&str, &str) -> bool + Send>;

/// One who looks at the board through a view.
pub struct Viewer {
    /// (layer, class) → may he see it.
    allowed: Allowed,
    view: Option<View>,
    known: BTreeMap<String, u64>,
    seen: u64,
    /// The view changed, or the last comparison was cut: compare with the whole board.
    compare: bool,
}

impl std::fmt::Debug for Viewer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Viewer")
            .field("view", &self.view)
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}

/// What a viewer must add or redraw, and what must vanish.
#[derive(Debug, Default)]
pub struct Delta {
    pub upsert: Vec<Arc<Placed>>,
    pub remove: Vec<String>,
    /// There is more to say at once.
    pub more: bool,
}

impl Delta {
    pub fn is_empty(&self) -> bool {
        self.upsert.is_empty() && self.remove.is_empty()
    }
}

impl Viewer {
    /// Sees nothing until it has a view, and never what `allowed(layer, class)` denies.
    pub fn new(allowed: impl Fn(&str, &str) -> bool + Send + 'static) -> Self {
        Self {
            allowed: Box::new(allowed),
            view: None,
            known: BTreeMap::new(),
            seen: 0,
            compare: false,
        }
    }

    pub fn is_looking(&self) -> bool {
        self.view.is_some()
    }

    pub fn look_at(&mut self, view: View) {
        if self.view.as_ref() != Some(&view) {
            self.view = Some(view);
            self.compare = true;
        }
    }

    fn sees(&self, placed: &Placed) -> bool {
        self.view.as_ref().is_some_and(|view| {
            view.layers.contains(&placed.layer)
                && (self.allowed)(&placed.layer, &placed.class)
                && placed.bbox.meets(&view.bbox)
                && placed.shape.meets_bbox(&view.bbox)
        })
    }
}

impl Board {
    pub fn revision(&self) -> u64 {
        self.revision
    }

    pub fn len(&self) -> usize {
        self.features.len()
    }

    pub fn is_empty(&self) -> bool {
        self.features.is_empty()
    }

    /// Puts a feature on the board or changes it; says whether anything changed.
    pub fn upsert(&mut self, feature: Feature) -> bool {
        let placed: Arc<Placed> = feature.into();
        if let Some((revision, old)) = self.features.get(&placed.name) {
            if old.json == placed.json && old.class == placed.class {
                return false;
            }
            self.changes.remove(revision);
        }
        self.revision += 1;
        self.changes.insert(self.revision, placed.name.clone());
        self.features
            .insert(placed.name.clone(), (self.revision, placed));
        true
    }

    /// Takes a feature off the board; says whether it was there.
    pub fn remove(&mut self, layer: &str, id: &str) -> bool {
        self.remove_named(&name(layer, id))
    }

    /// Makes a whole layer what is given: the rest of it goes.
    pub fn replace_layer(&mut self, layer: &str, features: Vec<Feature>) {
        let stay: BTreeSet<String> = features
            .iter()
            .map(|feature| name(layer, &feature.id))
            .collect();
        let gone: Vec<String> = self
            .features
            .values()
            .filter(|(_, placed)| placed.layer == layer && !stay.contains(&placed.name))
            .map(|(_, placed)| placed.name.clone())
            .collect();
        for name in gone {
            self.remove_named(&name);
        }
        for feature in features {
            self.upsert(feature);
        }
    }

    fn remove_named(&mut self, name: &str) -> bool {
        let Some((revision, _)) = self.features.remove(name) else {
            return false;
        };
        self.changes.remove(&revision);
        self.revision += 1;
        self.tombstones.insert(self.revision, name.to_owned());
        if self.tombstones.len() > TOMBSTONES_MAX
            && let Some((oldest, _)) = self.tombstones.pop_first()
        {
            self.forgotten = oldest;
        }
        true
    }

    /// What lies in a view, for one question; cut at `limit`, which the second value tells.
    pub fn look(&self, viewer: &Viewer, limit: usize) -> (Vec<Arc<Placed>>, bool) {
        let mut found: Vec<_> = self
            .features
            .values()
            .filter(|(_, placed)| viewer.sees(placed))
            .map(|(_, placed)| Arc::clone(placed))
            .take(limit + 1)
            .collect();
        let truncated = found.len() > limit;
        found.truncate(limit);
        (found, truncated)
    }

    /// What the viewer has not been told yet; telling it is what this does.
    pub fn tell(&self, viewer: &mut Viewer) -> Delta {
        if viewer.view.is_none() {
            return Delta::default();
        }
        if viewer.compare || viewer.seen < self.forgotten {
            self.compare(viewer)
        } else {
            self.catch_up(viewer)
        }
    }

    /// From the changes since the viewer last looked.
    fn catch_up(&self, viewer: &mut Viewer) -> Delta {
        let mut delta = Delta::default();
        let mut bytes = 0;
        let gone = self
            .tombstones
            .range(viewer.seen + 1..)
            .map(|(_, name)| name);
        for name in gone {
            // It may have come back since.
            if !self.features.contains_key(name) && viewer.known.remove(name).is_some() {
                delta.remove.push(name.clone());
            }
        }
        for (revision, name) in self.changes.range(viewer.seen + 1..) {
            if bytes > DELTA_BYTES_MAX {
                // What was taken down must not be lost with the cut: the rest is found by comparing.
                viewer.compare = true;
                delta.more = true;
                return delta;
            }
            let (_, placed) = &self.features[name];
            bytes += show(viewer, placed, *revision, &mut delta);
        }
        viewer.seen = self.revision;
        delta
    }

    /// From the whole board.
    fn compare(&self, viewer: &mut Viewer) -> Delta {
        let mut delta = Delta::default();
        let hidden: Vec<String> = viewer
            .known
            .keys()
            .filter(|name| {
                !self
                    .features
                    .get(*name)
                    .is_some_and(|(_, placed)| viewer.sees(placed))
            })
            .cloned()
            .collect();
        for name in hidden {
            viewer.known.remove(&name);
            delta.remove.push(name);
        }
        let mut bytes = 0;
        for (revision, placed) in self.features.values() {
            if bytes > DELTA_BYTES_MAX {
                delta.more = true;
                return delta;
            }
            if viewer.known.get(&placed.name) != Some(revision) {
                bytes += show(viewer, placed, *revision, &mut delta);
            }
        }
        viewer.compare = false;
        viewer.seen = self.revision;
        delta
    }
}

/// Shows the viewer a changed feature, or hides one that left his sight; answers the bytes shown.
fn show(viewer: &mut Viewer, placed: &Arc<Placed>, revision: u64, delta: &mut Delta) -> usize {
    if viewer.sees(placed) {
        viewer.known.insert(placed.name.clone(), revision);
        delta.upsert.push(Arc::clone(placed));
        placed.json.len()
    } else {
        if viewer.known.remove(&placed.name).is_some() {
            delta.remove.push(placed.name.clone());
        }
        0
    }
}

#[cfg(test)]
mod tests;
