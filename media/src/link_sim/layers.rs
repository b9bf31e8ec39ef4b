//! Simulcast on the simulated network: a receiver sees one stream whatever layer it is given.

use std::time::Duration;

use crate::router::{PeerId, Priority, RouteSpec, SlotId, SourceId};
use crate::rtp::MediaKind::Video;

use super::receiver::Heard;
use super::{Link, Publisher, Receiver, World};

const CLEAN: Link = Link::clean(10);

fn simulcast(world: &mut World, link: Link) -> (PeerId, SourceId) {
    let now = world.now;
    world.publisher(link, |peer, session| {
        Publisher::simulcast(peer, session, now)
    })
}

fn receive(world: &mut World, link: Link) -> (PeerId, SlotId) {
    let now = world.now;
    world.receiver(link, |peer, session| {
        Receiver::new(peer, session, Video, now)
    })
}

fn up_to(max_layer: u8) -> RouteSpec {
    RouteSpec {
        max_layer,
        priority: Priority::Program,
    }
}

/// What a decoder needs: no gap, time and pictures in step, a key frame wherever layer or source changes.
fn follows(heard: &[&Heard]) -> usize {
    let mut changes = 0;
    for pair in heard.windows(2) {
        let (before, after) = (pair[0], pair[1]);
        let ticks = after.timestamp.wrapping_sub(before.timestamp);
        let pictures = after.picture.wrapping_sub(before.picture) & 0x7fff;
        if (before.publisher, before.layer) != (after.publisher, after.layer) {
            changes += 1;
            assert!(after.starts_keyframe, "a decoder can begin at the switch");
            assert!((1..20_000).contains(&ticks), "{ticks} ticks at a switch");
            assert_eq!(pictures, 1);
            assert_eq!(after.tl0.wrapping_sub(before.tl0), 1);
        } else {
            assert!(
                matches!((ticks, pictures), (0, 0) | (3000, 1)),
                "{ticks} {pictures}"
            );
        }
    }
    changes
}

#[test]
fn each_receiver_gets_the_layer_its_route_allows() {
    let mut world = World::new(21);
    let (_, source) = simulcast(&mut world, CLEAN);
    let receivers: Vec<_> = (0..4)
        .map(|max| {
            let (peer, slot) = receive(&mut world, CLEAN);
            world.route_as(slot, Some(source), up_to(max));
            (peer, slot, max.min(2))
        })
        .collect();
    world.run(Duration::from_secs(4));
    for (peer, slot, layer) in receivers {
        assert_eq!(
            world.router.slot_stats(slot).expect("there").layer,
            Some(layer)
        );
        let receiver = world.receiver_at(peer);
        let heard: Vec<_> = receiver.heard.values().collect();
        assert_eq!(heard.last().expect("heard").layer, layer);
        follows(&heard);
        let settled = heard.iter().filter(|heard| heard.layer == layer).count();
        assert!(settled * 10 > heard.len() * 9, "layer {layer}");
    }
    let stats = world.router.source_stats(source).expect("there");
    let bitrates = stats.layers.map(|layer| layer.bitrate_bps / 10_000);
    assert!((11..=15).contains(&bitrates[0]), "{bitrates:?}");
    assert!((45..=55).contains(&bitrates[1]), "{bitrates:?}");
    assert!((140..=160).contains(&bitrates[2]), "{bitrates:?}");
}

#[test]
fn a_changed_layer_is_asked_for_alone_and_stays_one_stream() {
    let mut world = World::new(22);
    let (publisher, first) = simulcast(&mut world, CLEAN);
    let (_, second) = simulcast(&mut world, CLEAN);
    let (receiver, slot) = receive(&mut world, CLEAN);
    world.route_as(slot, Some(first), up_to(2));
    world.run(Duration::from_secs(2));
    let before = world.publisher_at(publisher).asked();
    world.route_as(slot, Some(first), up_to(0));
    world.run(Duration::from_secs(2));
    let after = world.publisher_at(publisher).asked();
    assert_eq!(
        (after[0] > before[0], after[1], after[2]),
        (true, before[1], before[2]),
        "only the wanted layer has to send a key frame"
    );
    for turn in 0..8 {
        let source = if turn % 2 == 0 { second } else { first };
        world.route_as(slot, Some(source), up_to(turn % 3));
        world.run(Duration::from_millis(900));
    }
    let receiver = world.receiver_at(receiver);
    assert_eq!(receiver.holes(), 0);
    let heard: Vec<_> = receiver.heard.values().collect();
    let changes = follows(&heard);
    assert!((9..=16).contains(&changes), "{changes}");
}

#[test]
fn a_layer_its_encoder_switches_off_is_replaced_within_a_second_and_comes_back() {
    let mut world = World::new(23);
    let (publisher, source) = simulcast(&mut world, CLEAN);
    let (receiver, slot) = receive(&mut world, CLEAN);
    world.route_as(slot, Some(source), up_to(2));
    world.run(Duration::from_secs(3));
    world.publisher_at(publisher).set_layer(2, false);
    let off = world.now;
    world.run(Duration::from_secs(3));
    let first = world
        .receiver_at(receiver)
        .heard
        .values()
        .find(|heard| heard.at > off && heard.layer == 1)
        .expect("the next smaller layer")
        .at;
    assert!(
        first - off < Duration::from_millis(1_000),
        "{:?}",
        first - off
    );
    world.publisher_at(publisher).set_layer(2, true);
    world.run(Duration::from_secs(2));
    let receiver = world.receiver_at(receiver);
    let heard: Vec<_> = receiver.heard.values().collect();
    assert_eq!(heard.last().expect("heard").layer, 2);
    assert_eq!(receiver.holes(), 0);
}

#[test]
fn lost_packets_of_every_layer_are_repaired_on_both_legs() {
    let lossy = Link {
        loss_per_mille: 20,
        ..Link::clean(25)
    };
    let mut world = World::new(24);
    let (_, source) = simulcast(&mut world, lossy);
    for max in 0..3 {
        let (_, slot) = receive(&mut world, lossy);
        world.route_as(slot, Some(source), up_to(max));
    }
    world.run(Duration::from_secs(10));
    let peers: Vec<PeerId> = world.clients.keys().copied().skip(1).collect();
    for peer in peers {
        let receiver = world.receiver_at(peer);
        let last = *receiver.heard.last_key_value().expect("heard").0;
        let first = *receiver.heard.first_key_value().expect("heard").0;
        let missing = (first..last - 190)
            .filter(|index| !receiver.heard.contains_key(index))
            .count();
        assert_eq!(missing, 0, "{peer}");
    }
    let stats = world.router.source_stats(source).expect("there");
    assert!(stats.repaired > 20, "{stats:?}");
}
