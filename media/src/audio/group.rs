//! One audio group: its members, its listeners, and which listener's slot carries which voice.

use std::collections::BTreeMap;
use std::time::Instant;

use super::set::AudioSet;
use super::speaker::{Speaker, SpeakerTimes};
use crate::router::{PeerId, SlotId, SourceId};

/// Audio streams of one listener, however many slots it has.
const STREAMS_MAX: usize = 5;

/// Names a group; chosen by the owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub u64);

/// A source that may be heard in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The track.
    pub source: SourceId,
    /// Carried whether it speaks or not; the first three such members are.
    pub forced: bool,
}

/// What a group wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Output {
    Route {
        peer: PeerId,
        slot: SlotId,
        source: Option<SourceId>,
    },
    Carried(Vec<SourceId>),
    Speaks(SourceId),
}

#[derive(Default)]
pub(super) struct Group {
    set: AudioSet,
    speaker: Speaker,
    times: SpeakerTimes,
    carried: Vec<SourceId>,
    listeners: BTreeMap<PeerId, Listener>,
}

struct Listener {
    /// Its own voices, which it never hears.
    own: Vec<SourceId>,
    slots: Vec<(SlotId, Option<SourceId>)>,
}

impl Group {
    pub(super) fn set_members(&mut self, members: &[Member], times: SpeakerTimes) {
        self.times = times;
        let members: Vec<_> = members.iter().map(|m| (m.source, m.forced)).collect();
        self.set.set_members(&members);
    }

    pub(super) fn listen(&mut self, peer: PeerId, slots: &[SlotId], own: Vec<SourceId>) {
        let before = self.listeners.remove(&peer).map(|known| known.slots);
        let shown = |slot: &SlotId| {
            let known = before.iter().flatten().find(|(known, _)| known == slot);
            known.and_then(|(_, source)| *source)
        };
        let slots = slots
            .iter()
            .take(STREAMS_MAX)
            .map(|slot| (*slot, shown(slot)))
            .collect();
        self.listeners.insert(peer, Listener { own, slots });
    }

    /// Stops listening; the slots that have to fall silent.
    pub(super) fn leave(&mut self, peer: PeerId) -> Vec<Output> {
        let Some(listener) = self.listeners.remove(&peer) else {
            return Vec::new();
        };
        let filled = listener.slots.into_iter();
        filled
            .filter(|(_, source)| source.is_some())
            .map(|(slot, _)| Output::Route {
                peer,
                slot,
                source: None,
            })
            .collect()
    }

    pub(super) fn leave_all(&mut self) -> Vec<Output> {
        let peers: Vec<PeerId> = self.listeners.keys().copied().collect();
        peers.into_iter().flat_map(|peer| self.leave(peer)).collect()
    }

    /// The peer is gone with its slots.
    pub(super) fn forget(&mut self, peer: PeerId) {
        self.listeners.remove(&peer);
    }

    pub(super) fn hear(&mut self, now: Instant, source: SourceId, dbov: i8) {
        self.set.hear(now, source, dbov);
    }

    /// What follows from what was heard and from the time that has passed.
    pub(super) fn conduct(&mut self, now: Instant) -> Vec<Output> {
        let mut outputs = Vec::new();
        let carried = self.set.choose(now);
        if let Some(source) = self.speaker.choose(now, self.times, self.set.voices()) {
            outputs.push(Output::Speaks(source));
        }
        for (peer, listener) in &mut self.listeners {
            listener.follow(*peer, &carried, &mut outputs);
        }
        if self.carried != carried {
            for gone in self.carried.iter().filter(|gone| !carried.contains(gone)) {
                if !self.set.voices().any(|(source, _)| source == *gone) {
                    self.speaker.forget(*gone);
                }
            }
            outputs.push(Output::Carried(carried.clone()));
            self.carried = carried;
        }
        outputs
    }
}

impl Listener {
    /// Who stays keeps his slot, so that no voice is interrupted by another's coming.
    fn follow(&mut self, peer: PeerId, carried: &[SourceId], outputs: &mut Vec<Output>) {
        let wanted: Vec<SourceId> = carried
            .iter()
            .copied()
            .filter(|source| !self.own.contains(source))
            .take(self.slots.len())
            .collect();
        let held: Vec<SourceId> = self.slots.iter().filter_map(|(_, source)| *source).collect();
        let mut coming = wanted.iter().copied().filter(|source| !held.contains(source));
        for (slot, shown) in &mut self.slots {
            if shown.is_some_and(|source| wanted.contains(&source)) {
                continue;
            }
            let next = coming.next();
            if *shown != next {
                *shown = next;
                outputs.push(Output::Route {
                    peer,
                    slot: *slot,
                    source: next,
                });
            }
        }
    }
}
