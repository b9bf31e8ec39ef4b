//! Which layer of its source a slot shows, and where it may begin.

use std::time::Instant;

use super::{Grant, Pending, Slot};
use crate::bwe::Claim;
use crate::ingress::Source;
use crate::router::{LAYERS_MAX, SourceId, Sources};

impl Slot {
    /// The source and layer whose key frame has to come before it can be shown.
    pub(crate) fn waits_for(&self) -> Option<(usize, Option<usize>)> {
        let pending = self.pending.filter(|_| self.grant != Grant::Nothing);
        pending.map(|pending| (pending.source, pending.layer))
    }

    /// Looks at the layers again: the present one may have died, a better one may have come.
    pub(crate) fn choose_layer(&mut self, now: Instant, sources: &Sources) {
        let Some((at, _)) = self.wish() else { return };
        if let Some(source) = sources.at(at).filter(|source| source.layers.len() > 1) {
            self.choose(now, at, source);
        }
    }

    /// The largest layer that route and downlink allow.
    fn max_layer(&self) -> usize {
        let granted = match self.grant {
            Grant::UpTo(layer) => layer,
            Grant::Unlimited | Grant::Nothing => u8::MAX,
        };
        usize::from(self.route.max_layer.min(granted))
    }

    /// What this slot could use of the downlink; nothing while nothing is routed into it or nothing flows there.
    pub(crate) fn claim(&self, now: Instant, sources: &Sources) -> Option<Claim> {
        let (at, _) = self.wish()?;
        let source = sources.at(at)?;
        let mut costs = [0; LAYERS_MAX];
        let max = usize::from(self.route.max_layer);
        let within = source.layers.len().min(max.saturating_add(1));
        let flows = |at: &usize| source.layers.len() == 1 || source.layers[*at].is_flowing(now);
        let mut usable: Vec<usize> = (0..within).filter(flows).collect();
        if usable.is_empty() {
            usable.push(source.layer_for(now, max)?);
        }
        for at in usable {
            costs[at] = source.layers[at].cost_bps().max(1);
        }
        Some(Claim {
            priority: self.route.priority,
            costs,
            granted: match self.grant {
                Grant::Unlimited => Some(u8::MAX),
                Grant::UpTo(layer) => Some(layer),
                Grant::Nothing => None,
            },
        })
    }

    /// Takes the allocator's word: the largest layer, or nothing at all. `firm`: the receiver's downlink is known, so
    /// that nothing may mean nothing.
    pub(crate) fn granted(
        &mut self,
        now: Instant,
        layer: Option<u8>,
        firm: bool,
        sources: &Sources,
    ) {
        let grant = match layer {
            Some(layer) => Grant::UpTo(layer),
            None if firm => Grant::Nothing,
            None => Grant::UpTo(0),
        };
        if grant == self.grant {
            return;
        }
        self.grant = grant;
        let Some((at, id)) = self.wish() else { return };
        if grant == Grant::Nothing {
            self.suspend(at, id);
        } else {
            self.choose_layer(now, sources);
        }
    }

    /// Nothing is known of the downlink: everything the route allows.
    pub(crate) fn set_free(&mut self, now: Instant, sources: &Sources) {
        if self.grant != Grant::Unlimited {
            self.grant = Grant::Unlimited;
            self.choose_layer(now, sources);
        }
    }

    /// Dense index and number of the source that is routed here.
    fn wish(&self) -> Option<(usize, SourceId)> {
        match (&self.pending, self.current()) {
            (Some(pending), _) => Some((pending.source, pending.id)),
            (None, Some(segment)) => Some((segment.source, segment.id)),
            (None, None) => None,
        }
    }

    /// Sets what is waited for, so that the wanted layer of `source`, which is the routed one, will be shown.
    pub(super) fn choose(&mut self, now: Instant, at: usize, source: &Source) {
        let id = source.spec.source;
        let wanted = source.layer_for(now, self.max_layer());
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
        let max = self.max_layer();
        let within = source.layers.len().min(max.saturating_add(1));
        // A layer above the wish is taken only where nothing within it flows.
        let best = source.layer_for(now, max).filter(|best| *best >= within);
        (0..within).rev().find_map(begin).or_else(|| begin(best?))
    }
}
