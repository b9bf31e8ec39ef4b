//! What a conference lives through, played on the simulated network.

use std::time::Duration;

use crate::router::{PeerId, RouteError, RouteSpec, RouterEvent, SlotId, SourceId};
use crate::rtp::MediaKind::{self, Audio, Video};

use super::{Link, Publisher, Receiver, World};

const CLEAN: Link = Link {
    loss_per_mille: 0,
    delay_ms: 10,
    jitter_ms: 0,
};

fn publish(world: &mut World, link: Link, kind: MediaKind) -> (PeerId, SourceId) {
    let now = world.now;
    world.publisher(link, |peer, session| {
        Publisher::new(peer, session, kind, now)
    })
}

fn receive(world: &mut World, link: Link, kind: MediaKind) -> (PeerId, SlotId) {
    let now = world.now;
    world.receiver(link, |peer, session| {
        Receiver::new(peer, session, kind, now)
    })
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn two_percent_loss_on_both_legs_is_repaired_completely_and_soon() {
    let link = Link {
        loss_per_mille: 20,
        delay_ms: 25,
        jitter_ms: 2,
    };
    two_percent_are_repaired(World::new(1), link);
    two_percent_are_repaired(World::split(2), link);
}

fn two_percent_are_repaired(mut world: World, link: Link) {
    let (publisher, source) = publish(&mut world, link, Video);
    let (receiver, slot) = receive(&mut world, link, Video);
    world.route(slot, Some(source));
    world.run(seconds(30));

    let sent = world.publisher_at(publisher).sent.clone();
    let receiver = world.receiver_at(receiver);
    let last = *receiver.heard.last_key_value().expect("heard").0;
    // What was lost in the last second may still be on its way.
    let missing: Vec<u64> = (*receiver.heard.first_key_value().expect("heard").0..last - 190)
        .filter(|index| !receiver.heard.contains_key(index))
        .collect();
    assert_eq!(missing, [0_u64; 0], "of {last}");
    assert!(receiver.heard.len() > 5000, "{}", receiver.heard.len());
    let repaired = receiver
        .heard
        .values()
        .filter(|heard| heard.repaired)
        .count();
    assert!(repaired > 80, "{repaired}");
    let slowest = receiver
        .heard
        .values()
        .map(|heard| heard.at - sent[heard.number as usize])
        .max();
    // Two legs, each may take three round trips of 50 ms and 50 ms.
    assert!(
        slowest.expect("heard") < Duration::from_millis(2 * 200 + 50),
        "{slowest:?}"
    );
}

#[test]
fn retransmissions_stay_a_share_of_the_stream_however_much_is_lost() {
    for (loss_per_mille, delivered_per_mille) in [(0, 1000), (50, 1000), (100, 990), (200, 900)] {
        let link = Link {
            loss_per_mille,
            delay_ms: 20,
            jitter_ms: 0,
        };
        let mut world = World::new(loss_per_mille + 7);
        let (_, source) = publish(&mut world, CLEAN, Video);
        let (receiver, slot) = receive(&mut world, link, Video);
        world.route(slot, Some(source));
        world.run(seconds(40));

        let receiver = world.receiver_at(receiver);
        let all = receiver.heard.len() as u64 + receiver.holes();
        let delivered = receiver.heard.len() as u64 * 1000 / all;
        assert!(
            delivered + 3 >= delivered_per_mille,
            "{loss_per_mille} ‰ lost: {delivered} ‰ delivered"
        );
        // Bytes that arrived: both shares lost alike, and the burst credit comes on top.
        let share = receiver.retransmitted_bytes * 100 / receiver.media_bytes;
        assert!(share <= 16, "{loss_per_mille} ‰ lost: {share} % sent again");
        if loss_per_mille == 0 {
            assert_eq!(receiver.retransmitted_bytes, 0);
        }
    }
}

#[test]
fn reordering_loses_nothing_and_repeats_nothing() {
    let link = Link {
        loss_per_mille: 0,
        delay_ms: 10,
        jitter_ms: 40,
    };
    let mut world = World::new(3);
    let (publisher, source) = publish(&mut world, link, Video);
    let (receiver, slot) = receive(&mut world, link, Video);
    world.route(slot, Some(source));
    world.run(seconds(20));

    let sent = world.publisher_at(publisher).sent.len();
    let receiver = world.receiver_at(receiver);
    let all = receiver.heard.len() as u64 + receiver.holes();
    assert!(
        receiver.holes() <= 12,
        "the last frames are still under way: {}",
        receiver.holes()
    );
    assert!(all as usize + 30 > sent, "{all} of {sent}");
    let mut numbers: Vec<u64> = receiver.heard.values().map(|heard| heard.number).collect();
    assert!(numbers.is_sorted(), "the order of sending is kept");
    numbers.dedup();
    assert_eq!(numbers.len(), receiver.heard.len());
}

#[test]
fn a_switched_picture_stays_one_stream_that_a_decoder_can_follow() {
    let mut world = World::new(4);
    let (_, first) = publish(&mut world, CLEAN, Video);
    let (_, second) = publish(&mut world, CLEAN, Video);
    let (receiver, slot) = receive(&mut world, CLEAN, Video);
    for turn in 0..12 {
        world.route(slot, Some(if turn % 2 == 0 { first } else { second }));
        world.run(Duration::from_millis(1_537));
    }

    let receiver = world.receiver_at(receiver);
    assert_eq!(receiver.holes(), 0);
    let heard: Vec<_> = receiver.heard.values().collect();
    assert!(heard.len() > 2500, "{}", heard.len());
    let mut switches = 0;
    for pair in heard.windows(2) {
        let (before, after) = (pair[0], pair[1]);
        let ticks = after.timestamp.wrapping_sub(before.timestamp);
        let pictures = after.picture.wrapping_sub(before.picture) & 0x7fff;
        if before.publisher != after.publisher {
            switches += 1;
            assert!(after.starts_keyframe, "a decoder can begin at the switch");
            assert!(
                (2_900..20_000).contains(&ticks),
                "{ticks} ticks at a switch"
            );
            assert_eq!(pictures, 1);
            assert_eq!(after.tl0.wrapping_sub(before.tl0), 1);
        } else if ticks == 0 {
            assert_eq!((pictures, after.tl0), (0, before.tl0));
        } else {
            assert_eq!((ticks, pictures), (3000, 1));
        }
    }
    assert_eq!(switches, 11);
}

#[test]
fn a_switched_voice_stays_one_stream() {
    let mut world = World::new(5);
    let (_, first) = publish(&mut world, CLEAN, Audio);
    let (_, second) = publish(&mut world, CLEAN, Audio);
    let (receiver, slot) = receive(&mut world, CLEAN, Audio);
    for turn in 0..10 {
        world.route(slot, Some(if turn % 2 == 0 { first } else { second }));
        world.run(Duration::from_millis(400));
    }
    let receiver = world.receiver_at(receiver);
    assert_eq!(receiver.holes(), 0);
    let heard: Vec<_> = receiver.heard.values().collect();
    let switches = heard
        .windows(2)
        .filter(|pair| pair[0].publisher != pair[1].publisher)
        .count();
    assert_eq!(switches, 9);
    assert!(
        heard.windows(2).all(|pair| {
            (900..3000).contains(&pair[1].timestamp.wrapping_sub(pair[0].timestamp))
        })
    );
    assert_eq!(
        receiver.levels.len(),
        heard.len(),
        "audio levels pass under the receiver's id"
    );
}

#[test]
fn many_wishes_for_a_key_frame_become_one_request_per_half_second() {
    let mut world = World::new(6);
    let (publisher, source) = publish(&mut world, CLEAN, Video);
    for _ in 0..40 {
        let (receiver, slot) = receive(&mut world, CLEAN, Video);
        world.receiver_at(receiver).impatient = true;
        world.route(slot, Some(source));
    }
    world.run(seconds(10));
    let requests = &world.publisher_at(publisher).keyframe_requests;
    assert!((18..=21).contains(&requests.len()), "{}", requests.len());
    assert!(
        requests
            .windows(2)
            .all(|pair| pair[1] - pair[0] >= Duration::from_millis(500))
    );
}

#[test]
fn a_lost_request_for_a_key_frame_is_repeated_until_the_picture_comes() {
    let mut world = World::new(7);
    let far = Link {
        loss_per_mille: 600,
        delay_ms: 10,
        jitter_ms: 0,
    };
    let (_, source) = publish(&mut world, far, Video);
    world.run(seconds(1));
    let (receiver, slot) = receive(&mut world, CLEAN, Video);
    world.route(slot, Some(source));
    world.run(seconds(8));
    let receiver = world.receiver_at(receiver);
    let (_, first) = receiver.heard.first_key_value().expect("a picture came");
    assert!(first.starts_keyframe);
}

#[test]
fn nothing_passes_a_closed_gate_and_the_stream_goes_on_when_it_opens() {
    for kind in [Video, Audio] {
        let mut world = World::new(8);
        let (publisher, source) = publish(&mut world, CLEAN, kind);
        let (receiver, slot) = receive(&mut world, CLEAN, kind);
        world.route(slot, Some(source));
        world.run(seconds(2));

        world.router.gate(source, false).expect("there");
        world.run(Duration::from_millis(50));
        let before = world.receiver_at(receiver).heard.len();
        let reported = world.router.source_stats(source).expect("there");
        world.run(seconds(3));
        assert_eq!(world.receiver_at(receiver).heard.len(), before);
        let closed = world.router.source_stats(source).expect("there");
        assert!(!closed.open);
        assert_eq!(closed.packets, reported.packets);
        assert!(closed.dropped_closed > 100, "its client goes on sending");
        assert_eq!(
            world
                .router
                .peer_stats(publisher)
                .expect("there")
                .dropped_closed,
            closed.dropped_closed
        );

        world.router.gate(source, true).expect("there");
        world.run(seconds(2));
        let receiver = world.receiver_at(receiver);
        assert_eq!(receiver.holes(), 0, "{kind:?}");
        let resumed = receiver
            .heard
            .values()
            .nth(before)
            .expect("the stream goes on");
        assert!(kind == Audio || resumed.starts_keyframe);
    }
}

#[test]
fn a_closed_gate_also_holds_back_what_receivers_ask_for_again() {
    let mut world = World::new(9);
    let lossy = Link {
        loss_per_mille: 300,
        delay_ms: 40,
        jitter_ms: 0,
    };
    let (_, source) = publish(&mut world, CLEAN, Video);
    let (receiver, slot) = receive(&mut world, lossy, Video);
    world.route(slot, Some(source));
    world.run(seconds(2));
    world.router.gate(source, false).expect("there");
    // What was sent before the command may still be on its way.
    world.run(Duration::from_millis(45));
    let before = world.receiver_at(receiver).heard.len();
    world.run(seconds(2));
    assert_eq!(world.receiver_at(receiver).heard.len(), before);
}

#[test]
fn an_emptied_slot_falls_silent_and_a_departed_publisher_leaves_no_trace() {
    let mut world = World::new(10);
    let (publisher, source) = publish(&mut world, CLEAN, Video);
    let (receiver, slot) = receive(&mut world, CLEAN, Video);
    world.route(slot, Some(source));
    world.run(seconds(1));
    world.route(slot, None);
    world.run(Duration::from_millis(50));
    let before = world.receiver_at(receiver).heard.len();
    assert!(before > 100);
    world.run(seconds(1));
    assert_eq!(world.receiver_at(receiver).heard.len(), before);
    assert_eq!(
        world.router.source_stats(source).expect("there").receivers,
        0
    );

    world.route(slot, Some(source));
    world.router.remove_peer(publisher);
    world.clients.remove(&publisher);
    world.run(seconds(1));
    assert_eq!(world.receiver_at(receiver).heard.len(), before);
    let now = world.now;
    assert_eq!(
        world
            .router
            .route(now, slot, Some(source), RouteSpec::default()),
        Err(RouteError::NoSuchSource(source))
    );
}

#[test]
fn a_picture_is_refused_in_a_slot_for_voice() {
    let mut world = World::new(11);
    let (_, source) = publish(&mut world, CLEAN, Video);
    let (_, slot) = receive(&mut world, CLEAN, Audio);
    let now = world.now;
    assert_eq!(
        world
            .router
            .route(now, slot, Some(source), RouteSpec::default()),
        Err(RouteError::KindMismatch)
    );
}

#[test]
fn levels_and_first_packets_are_announced_and_transport_feedback_covers_every_packet() {
    let mut world = World::new(12);
    let (publisher, source) = publish(&mut world, CLEAN, Audio);
    world.run(seconds(5));
    let firsts = world
        .events
        .iter()
        .filter(|(_, event)| *event == RouterEvent::FirstPacket { source });
    assert_eq!(firsts.count(), 1);
    let level = RouterEvent::Level { source, dbov: -30 };
    let levels = world
        .events
        .iter()
        .filter(|(_, event)| *event == level)
        .count();
    assert!((35..=50).contains(&levels), "{levels} in five seconds");
    let publisher = world.publisher_at(publisher);
    assert!(
        publisher.transport_reported + 12 > publisher.sent.len(),
        "{}",
        publisher.transport_reported
    );
}

#[test]
fn sender_reports_read_the_clock_of_the_stream_they_describe() {
    let mut world = World::new(13);
    let (_, source) = publish(&mut world, CLEAN, Video);
    let (receiver, slot) = receive(&mut world, CLEAN, Video);
    world.route(slot, Some(source));
    world.run(seconds(10));
    let receiver = world.receiver_at(receiver);
    assert!(receiver.sender_reports.len() >= 8);
    for pair in receiver.sender_reports.windows(2) {
        let passed = (pair[1].0.ntp - pair[0].0.ntp) as f64 / f64::from(u32::MAX);
        let ticks = f64::from(pair[1].0.timestamp.wrapping_sub(pair[0].0.timestamp));
        assert!(
            (ticks - passed * 90_000.0).abs() < 3_100.0,
            "{ticks} ticks in {passed} s"
        );
    }
    // The publisher's clock is decades off and 10 ms away; the reports still point at the frames it sent then.
    let heard: Vec<_> = receiver.heard.values().collect();
    for (info, at) in &receiver.sender_reports[3..] {
        let frame = heard
            .iter()
            .rev()
            .find(|frame| frame.at <= *at)
            .expect("frames before the report");
        let ticks = info.timestamp.wrapping_sub(frame.timestamp).cast_signed();
        // Both took 10 ms to the receiver, the frame 10 ms more to the router, which the clock estimate holds too.
        let expected = (*at - frame.at).as_micros() as i32 * 9 / 100;
        assert!(
            (ticks - expected).abs() < 200,
            "{ticks} ticks, {expected} expected"
        );
    }
    let peer = PeerId(2);
    let rtt = world.router.peer_stats(peer).expect("there").rtt_ms;
    assert!(rtt.is_some_and(|rtt| (19..=22).contains(&rtt)), "{rtt:?}");
}
