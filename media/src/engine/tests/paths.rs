//! Whose address it is: consent, roaming, restarts, and engines that share a port.

use std::time::Duration;

use super::super::{LostReason, MediaEvent};
use super::{World, address};
use crate::net::Remote;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn lost(world: &World) -> Vec<LostReason> {
    let reasons = world.events.iter().filter_map(|event| match event {
        MediaEvent::Lost { reason, .. } => Some(*reason),
        _ => None,
    });
    reasons.collect()
}

#[test]
fn consent_ends_thirty_seconds_after_the_last_check_though_media_goes_on() {
    let mut world = World::new(1);
    let mut sender = world.join(0, address(1, 1), true);
    world.pass(seconds(5));
    assert!(sender.check(&mut world, true));
    for _ in 0..29 {
        sender.send(&mut world);
        world.pass(seconds(1));
    }
    assert_eq!(lost(&world), []);
    world.pass(seconds(2));
    assert_eq!(lost(&world), [LostReason::ConsentExpired]);
    sender.send(&mut world);
    let stats = world.engines[0].stats();
    assert_eq!((stats.peers, stats.paths, stats.strangers), (0, 0, 1));
}

#[test]
fn who_never_connects_is_forgotten_though_it_goes_on_checking() {
    let mut world = World::new(1);
    let mut peer = world.admit(0, address(1, 1), true);
    for _ in 0..31 {
        peer.check(&mut world, true);
        world.pass(seconds(1));
    }
    assert_eq!(lost(&world), [LostReason::NeverConnected]);
    assert!(!peer.check(&mut world, true), "its name means nothing now");
}

#[test]
fn media_follows_a_roaming_client_only_after_an_authenticated_check() {
    let mut world = World::new(1);
    let mut sender = world.join(0, address(1, 1), true);
    let mut viewer = world.join(0, address(2, 1), false);
    world.route(&viewer, &sender);
    let (before, after) = (viewer.at, address(3, 77));
    let mut stream = |world: &mut World, viewer: &mut super::Client| {
        for _ in 0..5 {
            sender.send(world);
            world.turn();
        }
        let counted = [before, after].map(|at| {
            viewer.at = at;
            let had = viewer.heard.len();
            viewer.take(world);
            viewer.heard.len() - had
        });
        world.pass(seconds(1));
        counted
    };
    assert_eq!(stream(&mut world, &mut viewer), [5, 0]);

    // Its NAT has rebound. An authentic report from the new address proves nothing: it may be a replay.
    viewer.at = after;
    viewer.control(&mut world, |out| {
        crate::rtcp::write::receiver_report(out, 1, &[])
    });
    let forged = viewer.request("a password that is not its own", true);
    world.put(0, after, &forged);
    assert_eq!(stream(&mut world, &mut viewer), [5, 0]);
    let stats = world.engines[0].stats();
    assert_eq!((stats.strangers, stats.checks_refused), (1, 1));

    // Nor does an authentic check alone, while the old path may still be the better one.
    viewer.at = after;
    assert!(viewer.check(&mut world, true));
    world.pass(seconds(3));
    viewer.at = after;
    assert!(viewer.check(&mut world, true));
    assert_eq!(stream(&mut world, &mut viewer), [0, 5]);
    let heard = viewer.sequences();
    assert!(
        heard.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "{heard:?}"
    );
}

#[test]
fn a_restart_on_another_network_moves_media_at_once_and_ends_the_old_name() {
    for shards in [1, 2] {
        let mut world = World::new(shards);
        let mut sender = world.join(0, address(1, 1), true);
        let mut viewer = world.join(shards - 1, address(2, 1), false);
        world.route(&viewer, &sender);
        let old = viewer.request(&viewer.local.pwd, true);
        viewer.restart(&mut world);
        sender.send(&mut world);
        world.turn();
        viewer.take(&mut world);
        assert_eq!(viewer.heard.len(), 1, "media goes on over the old path");

        viewer.at = Remote::tcp(address(9, 9).addr);
        assert!(viewer.check(&mut world, true));
        sender.send(&mut world);
        world.turn();
        viewer.take(&mut world);
        assert_eq!(viewer.heard.len(), 2, "and then over the new one");

        let refused = world.engines[viewer.shard].stats().checks_refused;
        world.put(viewer.shard, address(2, 1), &old);
        assert_eq!(
            world.engines[viewer.shard].stats().checks_refused,
            refused + 1
        );
        // The connection breaks; the path that is left serves.
        world.engines[viewer.shard].lose_path(viewer.at);
        viewer.at = address(2, 1);
        sender.send(&mut world);
        world.turn();
        viewer.take(&mut world);
        assert_eq!(viewer.heard.len(), 3);
    }
}

#[test]
fn a_page_reloaded_behind_the_same_port_takes_the_address_with_it() {
    for (first, second) in [(0, 0), (0, 1)] {
        let mut world = World::new(2);
        let before = world.join(first, address(1, 1), true);
        let mut after = world.join(second, address(1, 1), true);
        after.send(&mut world);
        world.turn();
        let packets = |peer, shard: usize| {
            let stats = world.engines[shard].peer_stats(peer).expect("it is there");
            stats.packets_in
        };
        // A report each when they connected, and the packet.
        assert_eq!(
            (packets(before.peer, first), packets(after.peer, second)),
            (1, 2)
        );
        let paths: u64 = world.engines.iter().map(|it| it.stats().paths).sum();
        assert_eq!(paths, 1);
    }
}

#[test]
fn an_engine_given_another_ones_datagram_hands_it_over() {
    let mut world = World::new(2);
    let mut sender = world.join(0, address(1, 1), true);
    let mut viewer = world.join(1, address(2, 1), false);
    world.route(&viewer, &sender);
    for turn in 0..50 {
        let packet = sender.packet();
        world.put(turn % 2, sender.at, &packet);
        let check = sender.request(&sender.local.pwd, false);
        world.put(turn % 2, address(5, turn as u16), &check);
        world.turn();
        world.pass(Duration::from_millis(20));
    }
    viewer.take(&mut world);
    assert_eq!(viewer.sequences().len(), 50);
    assert_eq!(world.engines[1].stats().paths, 1);
    assert!(world.engines[0].stats().paths <= 8);
    world.engines[0].remove(world.now, sender.peer);
    world.turn();
    let unknown = world.engines[1].stats().strangers;
    sender.send(&mut world);
    let packet = sender.packet();
    world.put(1, sender.at, &packet);
    assert_eq!(world.engines[1].stats().strangers, unknown + 1);
}
