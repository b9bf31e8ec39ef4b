//! The thread that carries out what groups decide: takes every event on its way to the owner, sets routes, tells news.
//!
//! It stands before the workers, not inside one: a group's voices and listeners may be at different workers.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::group::{Group, GroupId, Member, Output};
use super::speaker::SpeakerTimes;
use crate::engine::MediaEvent;
use crate::router::{PeerId, SlotId, SourceId};

/// Groups are looked at so often although nothing is heard: holds end by themselves.
const EVERY: Duration = Duration::from_millis(50);
/// Events taken before groups are looked at; loudness of a whole group comes in a burst.
const BURST_MAX: usize = 1_024;

/// What the media server's handle tells its groups.
#[derive(Clone, Default)]
pub(crate) struct Conductor(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    groups: BTreeMap<GroupId, Group>,
    /// The group of each source.
    of_source: BTreeMap<SourceId, GroupId>,
}

/// Where a route goes; false when the handle is gone.
pub(crate) type SetRoute = dyn Fn(PeerId, SlotId, Option<SourceId>) -> bool + Send;

impl Conductor {
    pub(crate) fn set_group(&self, id: GroupId, members: &[Member], times: SpeakerTimes) {
        let mut state = self.state();
        state.of_source.retain(|_, group| *group != id);
        for member in members {
            state.of_source.insert(member.source, id);
        }
        state.groups.entry(id).or_default().set_members(members, times);
    }

    /// Forgets a group; answers with the routes that have to end.
    pub(crate) fn drop_group(&self, id: GroupId) -> Vec<(PeerId, SlotId)> {
        let mut state = self.state();
        state.of_source.retain(|_, group| *group != id);
        let group = state.groups.remove(&id);
        group.map(|mut group| ended(group.leave_all())).unwrap_or_default()
    }

    /// Has a peer listen to one group, or to none; answers with the routes that have to end.
    pub(crate) fn listen(
        &self,
        peer: PeerId,
        to: Option<GroupId>,
        slots: &[SlotId],
        own: Vec<SourceId>,
    ) -> Vec<(PeerId, SlotId)> {
        let mut state = self.state();
        let mut left = Vec::new();
        for (id, group) in &mut state.groups {
            if Some(*id) != to {
                left.extend(group.leave(peer));
            }
        }
        if let Some(id) = to {
            state.groups.entry(id).or_default().listen(peer, slots, own);
        }
        ended(left)
    }

    /// A peer is gone with its slots.
    pub(crate) fn forget(&self, peer: PeerId) {
        self.state()
            .groups
            .values_mut()
            .for_each(|group| group.forget(peer));
    }

    /// Runs until the workers are gone. Events go on to `report`; loudness is dropped first when nobody takes them.
    pub(crate) fn run(
        &self,
        events: &Receiver<MediaEvent>,
        report: &SyncSender<MediaEvent>,
        set_route: &SetRoute,
    ) {
        loop {
            let mut next = match events.recv_timeout(EVERY) {
                Ok(event) => Some(event),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let mut taken = 0;
            while let Some(event) = next {
                self.take(Instant::now(), event);
                pass_on(report, event);
                taken += 1;
                next = (taken < BURST_MAX).then(|| events.try_recv().ok()).flatten();
            }
            if !self.conduct(Instant::now(), report, set_route) {
                return;
            }
        }
    }

    fn take(&self, now: Instant, event: MediaEvent) {
        match event {
            MediaEvent::Level { source, dbov } => {
                let mut state = self.state();
                if let Some(group) = state.of_source.get(&source).copied()
                    && let Some(group) = state.groups.get_mut(&group)
                {
                    group.hear(now, source, dbov);
                }
            }
            MediaEvent::Lost { peer, .. } => self.forget(peer),
            _ => {}
        }
    }

    fn conduct(
        &self,
        now: Instant,
        report: &SyncSender<MediaEvent>,
        set_route: &SetRoute,
    ) -> bool {
        // Routes are set outside the lock: they wait for workers.
        let outputs: Vec<(GroupId, Vec<Output>)> = self
            .state()
            .groups
            .iter_mut()
            .map(|(id, group)| (*id, group.conduct(now)))
            .collect();
        for (group, output) in outputs
            .into_iter()
            .flat_map(|(id, outputs)| outputs.into_iter().map(move |output| (id, output)))
        {
            match output {
                Output::Route { peer, slot, source } => {
                    if !set_route(peer, slot, source) {
                        return false;
                    }
                }
                Output::Carried(sources) => {
                    pass_on(report, MediaEvent::Carried { group, sources: listed(&sources) });
                }
                Output::Speaks(source) => pass_on(report, MediaEvent::Speaks { group, source }),
            }
        }
        true
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change under the lock is whole after each statement that can panic, so poison carries no news.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn ended(outputs: Vec<Output>) -> Vec<(PeerId, SlotId)> {
    let route = |output| match output {
        Output::Route { peer, slot, .. } => Some((peer, slot)),
        Output::Carried(_) | Output::Speaks(_) => None,
    };
    outputs.into_iter().filter_map(route).collect()
}

fn listed(sources: &[SourceId]) -> [Option<SourceId>; super::SET_MAX] {
    let mut list = [None; super::SET_MAX];
    for (place, source) in list.iter_mut().zip(sources) {
        *place = Some(*source);
    }
    list
}

fn pass_on(report: &SyncSender<MediaEvent>, event: MediaEvent) {
    match report.try_send(event) {
        // Loudness is worth nothing a moment later.
        Ok(())
        | Err(TrySendError::Full(MediaEvent::Level { .. }) | TrySendError::Disconnected(_)) => {}
        Err(TrySendError::Full(event)) => {
            tracing::error!(?event, "nobody takes the media events; one was dropped");
        }
    }
}
