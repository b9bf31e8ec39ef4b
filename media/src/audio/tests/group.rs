//! What reaches a listener: never its own voice, never more streams than five, nobody moved without need.

use std::time::{Duration, Instant};

use crate::audio::group::{Group, Member, Output};
use crate::audio::speaker::SpeakerTimes;
use crate::router::{PeerId, SlotId, SourceId};

const PEER: PeerId = PeerId(100);

fn members(n: u64, forced: u64) -> Vec<Member> {
    (0..n)
        .map(|id| Member {
            source: SourceId(id),
            forced: id < forced,
        })
        .collect()
}

fn slots(n: u64) -> Vec<SlotId> {
    (0..n).map(SlotId).collect()
}

fn routes(outputs: &[Output]) -> Vec<(u64, Option<u64>)> {
    let route = |output: &Output| match output {
        Output::Route { slot, source, .. } => Some((slot.0, source.map(|id| id.0))),
        _ => None,
    };
    outputs.iter().filter_map(route).collect()
}

#[test]
fn a_listener_gets_the_set_without_itself_and_nothing_twice() {
    let (mut group, now) = (Group::default(), Instant::now());
    group.set_members(&members(4, 1), SpeakerTimes::default());
    group.listen(PEER, &slots(4), vec![SourceId(2)]);
    let first = group.conduct(now);
    assert_eq!(routes(&first), [(0, Some(0)), (1, Some(1)), (2, Some(3))]);
    assert!(first.contains(&Output::Carried((0..4).map(SourceId).collect())));
    assert_eq!(group.conduct(now), []);
}

#[test]
fn however_many_slots_a_listener_has_five_are_filled() {
    let (mut group, now) = (Group::default(), Instant::now());
    group.set_members(&members(61, 3), SpeakerTimes::default());
    group.listen(PEER, &slots(16), vec![]);
    assert_eq!(routes(&group.conduct(now)).len(), 5);
}

#[test]
fn a_newcomer_takes_only_the_slot_of_who_leaves() {
    let (mut group, now) = (Group::default(), Instant::now());
    group.set_members(&members(9, 1), SpeakerTimes::default());
    group.listen(PEER, &slots(4), vec![]);
    for id in [1, 2, 3] {
        group.hear(now, SourceId(id), -30);
    }
    group.conduct(now);
    let later = now + Duration::from_secs(2);
    for id in [1, 3, 8] {
        group.hear(later, SourceId(id), -30);
    }
    let outputs = group.conduct(later);
    assert_eq!(routes(&outputs), [(2, Some(8))]);
}

#[test]
fn leaving_silences_what_was_heard_and_coming_back_hears_again() {
    let (mut group, now) = (Group::default(), Instant::now());
    group.set_members(&members(2, 0), SpeakerTimes::default());
    group.listen(PEER, &slots(3), vec![]);
    group.conduct(now);
    assert_eq!(routes(&group.leave(PEER)), [(0, None), (1, None)]);
    assert_eq!(group.leave(PEER), []);
    group.listen(PEER, &slots(3), vec![]);
    assert_eq!(routes(&group.conduct(now)).len(), 2);
}

#[test]
fn a_member_that_closes_is_taken_out_of_every_ear() {
    let (mut group, now) = (Group::default(), Instant::now());
    group.set_members(&members(3, 1), SpeakerTimes::default());
    group.listen(PEER, &slots(3), vec![]);
    group.conduct(now);
    group.set_members(&members(2, 1), SpeakerTimes::default());
    assert_eq!(routes(&group.conduct(now)), [(2, None)]);
}
