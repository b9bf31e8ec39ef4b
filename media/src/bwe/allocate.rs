//! Which layer each slot of a receiver gets out of what its downlink carries. Pure.
//!
//! Sound is always granted. Pictures go down the ladder of [`Priority`]: first everything above the gallery gets its
//! smallest layer, then grows, most important first; the gallery lives on what is left. What is shown now is kept a
//! little below its price and something larger is taken only well above it, so that an estimate that swings by itself
//! moves no picture.

use crate::router::{LAYERS_MAX, Priority};

/// Of the price, in percent, for what is granted already. Estimates fall to this share of what arrived when a queue
/// begins to build, and come back.
const KEEP_PERCENT: u64 = 85;
/// Of the price, in percent, for more than is granted now.
const RAISE_PERCENT: u64 = 112;

/// What one slot could use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    pub(crate) priority: Priority,
    /// Bits per second of each layer the slot may have; 0 for one that does not flow.
    pub(crate) costs: [u64; LAYERS_MAX],
    /// The layer granted last.
    pub(crate) granted: Option<u8>,
}

impl Claim {
    fn is_sound(&self) -> bool {
        self.priority <= Priority::FloorAudio
    }

    pub(crate) fn cost(&self, layer: Option<u8>) -> u64 {
        layer.map_or(0, |layer| self.costs[usize::from(layer)])
    }

    fn price(&self, layer: u8) -> u64 {
        let percent = if self.granted.is_some_and(|granted| layer <= granted) {
            KEEP_PERCENT
        } else if self.layers().next() == Some(layer) {
            // Something is much better than nothing.
            100
        } else {
            RAISE_PERCENT
        };
        self.costs[usize::from(layer)] * percent / 100
    }

    fn layers(&self) -> impl DoubleEndedIterator<Item = u8> {
        let costs = self.costs;
        (0..LAYERS_MAX as u8).filter(move |layer| costs[usize::from(*layer)] > 0)
    }

    /// What the claim would take if there were no bound.
    pub(crate) fn best(&self) -> u64 {
        self.cost(self.layers().next_back())
    }
}

/// Grants layers, claim by claim in the order of `claims`. `may_raise`: more than was granted before may be granted now.
pub(crate) fn allocate(
    budget_bps: u64,
    may_raise: bool,
    claims: &[Claim],
    grants: &mut Vec<Option<u8>>,
) {
    grants.clear();
    grants.resize(claims.len(), None);
    let mut spent = 0;
    for (claim, grant) in claims.iter().zip(grants.iter_mut()) {
        if claim.is_sound() {
            *grant = claim.layers().next_back();
            spent += claim.cost(*grant);
        }
    }
    let pictures = [
        [Priority::Presentation, Priority::Program],
        [Priority::Gallery, Priority::Gallery],
    ];
    for group in pictures {
        for first in [true, false] {
            for (at, claim) in ladder(claims, group) {
                let allowed = |layer: &u8| {
                    may_raise || claim.granted.is_some_and(|granted| *layer <= granted)
                };
                let others = spent - claim.cost(grants[at]);
                let fits = |layer: &u8| others + claim.price(*layer) <= budget_bps;
                let layer = if first {
                    claim.layers().next().filter(allowed).filter(fits)
                } else {
                    claim
                        .layers()
                        .rev()
                        .find(|layer| allowed(layer) && fits(layer))
                };
                if layer > grants[at] {
                    spent = others + claim.cost(layer);
                    grants[at] = layer;
                }
            }
        }
    }
}

/// Claims of a group, most important first, in their own order where they are equal.
fn ladder(claims: &[Claim], group: [Priority; 2]) -> impl Iterator<Item = (usize, &Claim)> {
    let of = move |priority: Priority| {
        claims
            .iter()
            .enumerate()
            .filter(move |(_, claim)| claim.priority == priority)
    };
    let second = (group[1] != group[0]).then_some(group[1]);
    of(group[0]).chain(second.into_iter().flat_map(of))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn claim(priority: Priority, costs: [u64; 3], granted: Option<u8>) -> Claim {
        let [a, b, c] = costs;
        Claim {
            priority,
            costs: [a, b, c, 0],
            granted,
        }
    }

    fn granted(budget: u64, claims: &[Claim]) -> Vec<Option<u8>> {
        let mut grants = Vec::new();
        allocate(budget, true, claims, &mut grants);
        grants
    }

    #[test]
    fn sound_is_kept_on_a_leg_that_carries_nothing_else() {
        let claims = [
            claim(Priority::Program, [130, 500, 1500], Some(2)),
            claim(Priority::MainAudio, [40, 0, 0], Some(0)),
            claim(Priority::FloorAudio, [40, 0, 0], Some(0)),
        ];
        assert_eq!(granted(64, &claims), [None, Some(0), Some(0)]);
    }

    #[test]
    fn the_ladder_decides_who_gives_way() {
        let layers = [130, 500, 1500];
        let claims = [
            claim(Priority::Gallery, layers, None),
            claim(Priority::Program, layers, None),
            claim(Priority::Presentation, layers, None),
        ];
        assert_eq!(granted(10_000, &claims), [Some(2), Some(2), Some(2)]);
        assert_eq!(granted(2_600, &claims), [Some(1), Some(1), Some(2)]);
        assert_eq!(granted(1_900, &claims), [Some(0), Some(0), Some(2)]);
        assert_eq!(granted(850, &claims), [Some(0), Some(0), Some(1)]);
        assert_eq!(granted(290, &claims), [None, Some(0), Some(0)]);
        assert_eq!(granted(150, &claims), [None, None, Some(0)]);
    }

    #[test]
    fn an_estimate_that_swings_moves_no_picture() {
        let layers = [130, 500, 1500];
        for budget in [1_300, 1_500, 1_650] {
            assert_eq!(
                granted(budget, &[claim(Priority::Program, layers, Some(2))]),
                [Some(2)]
            );
            assert_eq!(
                granted(budget, &[claim(Priority::Program, layers, Some(1))]),
                [Some(1)]
            );
        }
        let fallen = granted(1_200, &[claim(Priority::Program, layers, Some(2))]);
        assert_eq!(fallen, [Some(1)]);
        let mut grants = Vec::new();
        let small = [claim(Priority::Program, layers, Some(0))];
        allocate(9_000, false, &small, &mut grants);
        assert_eq!(grants, [Some(0)]);
    }

    proptest! {
        #[test]
        fn grants_never_cost_more_than_there_is_and_more_never_takes_the_first_picture(
            budget in 0_u64..5_000,
            more in 0_u64..2_000,
            kinds in prop::collection::vec((2_usize..5, 50_u64..400, 0_u8..4), 1..12),
        ) {
            let priorities = [Priority::MainAudio, Priority::FloorAudio, Priority::Presentation, Priority::Program, Priority::Gallery];
            let claims: Vec<Claim> = kinds
                .iter()
                .map(|(kind, base, granted)| claim(priorities[*kind], [*base, base * 3, base * 9], granted.checked_sub(1)))
                .collect();
            let grants = granted(budget, &claims);
            let cost: u64 = claims.iter().zip(&grants).map(|(claim, grant)| claim.cost(*grant)).sum();
            prop_assert!(cost * KEEP_PERCENT / 100 <= budget + budget / 5 + 1);
            let first = (0..claims.len()).min_by_key(|at| claims[*at].priority).expect("one");
            let richer = granted(budget + more, &claims);
            // It may be smaller: what is more may let in the smallest layer of another.
            prop_assert!(richer[first].is_some() || grants[first].is_none());
        }
    }
}
