//! Which layer of its source a slot shows, and where it may begin.

use std::time::Instant;

use super::{Pending, Slot};
use crate::ingress::Source;
use crate::router::Sources;

impl Slot {
    /// The source and layer whose key frame has to come before it can be shown.
    pub(crate) fn waits_for(&self) -> Option<(usize, Option<usize>)> {
        self.pending.map(|pending| (pending.source, pending.layer))
    }

    /// Looks at the layers again: the present one may have died, a better one may have come.
    pub(crate) fn choose_layer(&mut self, now: Instant, sources: &Sources) {
        let at = match (&self.pending, self.current()) {
            (Some(pending), _) => pending.source,
            (None, Some(segment)) => segment.source,
            (None, None) => return,
        };
        if let Some(source) = sources.at(at).filter(|source| source.layers.len() > 1) {
            self.choose(now, at, source);
        }
    }

    /// Sets what is waited for, so that the wanted layer of `source`, which is the routed one, will be shown.
    pub(super) fn choose(&mut self, now: Instant, at: usize, source: &Source) {
        let id = source.spec.source;
        let wanted = source.layer_for(now, usize::from(self.route.max_layer));
        let shown = self
            .current()
            .filter(|segment| segment.id == id)
            .map(|segment| segment.layer);
        self.pending = match (shown, wanted) {
            (Some(_), None) => None,
            (Some(shown), Some(wanted)) if shown == wanted => None,
            (_, layer) => Some(Pending {
                source: at,
                id,
                layer,
            }),
        };
    }

    /// Where the stream may go over to what is waited for, among the packets of this flush: a key frame of the layer
    /// wanted, or, while the source is not shown at all, of the best there is.
    pub(super) fn entry_point(
        &self,
        now: Instant,
        pending: Pending,
        source: &Source,
    ) -> Option<(usize, u64)> {
        let begin = |at: usize| {
            let layer = &source.layers[at];
            let begins = |index: &&u64| layer.stored(**index).is_some_and(|stored| stored.keyframe);
            Some((at, *layer.batch().iter().find(begins)?))
        };
        if self.shown() == Some(pending.id) {
            return begin(pending.layer?);
        }
        let max = usize::from(self.route.max_layer);
        let within = source.layers.len().min(max.saturating_add(1));
        // A layer above the wish is taken only where nothing within it flows.
        let best = source.layer_for(now, max).filter(|best| *best >= within);
        (0..within).rev().find_map(begin).or_else(|| begin(best?))
    }
}
