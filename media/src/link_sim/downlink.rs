//! Receivers whose downlink is narrow, lossy, jittery or dead for a while: what they get of three layers and a voice.

use std::time::{Duration, Instant};

use crate::router::{PeerId, Priority, RouteSpec, SlotId};
use crate::rtp::MediaKind::{Audio, Video};

use super::{Link, Publisher, Receiver, World};

const CLEAN: Link = Link::clean(5);

struct Scene {
    world: World,
    viewer: PeerId,
    slot: SlotId,
}

/// One simulcast picture and one voice, watched over `link`.
fn scene(seed: u64, link: Link, layers: [(u16, usize); 3], rate_bps: Option<u64>) -> Scene {
    scene_with_voice_first(seed, link, layers, rate_bps, 0)
}

/// As [`scene`], with the picture coming so much later than the voice.
fn scene_with_voice_first(
    seed: u64,
    link: Link,
    layers: [(u16, usize); 3],
    rate_bps: Option<u64>,
    heard_before_ms: u64,
) -> Scene {
    let mut world = World::new(seed);
    let now = world.now;
    let (_, picture) = world.publisher(CLEAN, |peer, session| {
        Publisher::layered(peer, session, now, layers)
    });
    let (_, voice) = world.publisher(CLEAN, |peer, session| {
        Publisher::new(peer, session, Audio, now)
    });
    let (viewer, slot) = world.receiver(link, |peer, session| {
        Receiver::reporting(peer, session, now)
    });
    world.limit(viewer, rate_bps);
    world.run(Duration::from_millis(500));
    let spoken = RouteSpec {
        priority: Priority::MainAudio,
        ..RouteSpec::default()
    };
    world.route_as(SlotId(400 + viewer.0), Some(voice), spoken);
    world.run(Duration::from_millis(heard_before_ms));
    world.route_as(slot, Some(picture), RouteSpec::default());
    Scene {
        world,
        viewer,
        slot,
    }
}

impl Scene {
    fn run(&mut self, ms: u64) {
        self.world.run(Duration::from_millis(ms));
    }

    fn layer(&self) -> Option<u8> {
        self.world
            .router
            .slot_stats(self.slot)
            .expect("there")
            .layer
    }

    fn estimate(&self) -> u64 {
        let stats = self.world.router.peer_stats(self.viewer).expect("there");
        stats.estimate_bps.unwrap_or(0)
    }

    /// Longest wait in the queue over a while, in milliseconds, and the rate carried, in kbit/s.
    fn watch(&mut self, ms: u64) -> (u128, u64) {
        self.world.narrow_at(self.viewer).longest_wait();
        self.world.narrow_at(self.viewer).carried();
        self.run(ms);
        let narrow = self.world.narrow_at(self.viewer);
        (narrow.longest_wait().as_millis(), narrow.carried() * 8 / ms)
    }

    /// Share of the frames of the voice that came, per mille, of those sent between two instants.
    fn heard(&mut self, from: Instant, to: Instant) -> u64 {
        let expected = (to - from).as_millis() as u64 / 20;
        let voice = self.world.receiver_at(self.viewer).voice.as_ref();
        let came = voice
            .expect("asked for")
            .iter()
            .filter(|(at, _)| (from..to).contains(at));
        came.count() as u64 * 1000 / expected
    }

    fn last_picture(&mut self) -> Instant {
        let heard = &self.world.receiver_at(self.viewer).heard;
        heard.last_key_value().expect("heard").1.at
    }
}

/// About 130, 500 and 1450 kbit/s.
const LAYERS: [(u16, usize); 3] = [(1, 500), (2, 1000), (6, 1000)];
/// About 190, 850 and 2400 kbit/s: with the voice nearly what 0.3, 1 and 3 Mbit/s carry.
const FITTING: [(u16, usize); 3] = [(1, 750), (4, 850), (10, 980)];

#[test]
fn a_downlink_that_falls_to_a_tenth_and_rises_again_is_followed_and_used() {
    for delay_ms in [10, 75] {
        let mut scene = scene(40, Link::clean(delay_ms), FITTING, Some(3_000_000));
        let (wait, _) = scene.watch(5_000);
        assert!(wait <= 300, "{wait} ms of queue at the start");
        for (rate, down) in [(3_000_000, false), (300_000, true), (3_000_000, false)] {
            scene.world.limit(scene.viewer, Some(rate));
            let (wait, _) = scene.watch(5_000);
            // What was sent before any report could tell of the fall stands in the queue, whoever sends it; its depth is
            // the network's. It has to be gone when the five seconds are over.
            assert!(
                down || wait <= 300,
                "{delay_ms} ms, {rate}: {wait} ms of queue on the way up"
            );
            let (wait, kbps) = scene.watch(5_000);
            assert!(wait <= 300, "{delay_ms} ms, {rate}: {wait} ms of queue");
            let used = kbps * 100_000 / rate;
            assert!(used >= 80, "{delay_ms} ms, {rate}: {used} % used");
        }
    }
}

#[test]
fn a_queue_left_by_a_fallen_downlink_is_gone_soon_and_sound_goes_on() {
    let mut scene = scene(41, Link::clean(30), LAYERS, Some(3_000_000));
    scene.run(8_000);
    assert_eq!(scene.layer(), Some(2));
    scene.world.limit(scene.viewer, Some(300_000));
    scene.run(3_000);
    let waiting = scene.world.narrow_at(scene.viewer).longest_wait();
    assert!(
        waiting > Duration::from_millis(300),
        "it was a fall: {waiting:?}"
    );
    let from = scene.world.now;
    let (wait, _) = scene.watch(7_000);
    assert!(wait <= 300, "{wait} ms");
    let to = scene.world.now;
    assert!(scene.heard(from, to) >= 980);
    assert_eq!(scene.layer(), Some(0));
}

#[test]
fn sound_stays_whole_on_a_leg_that_carries_nothing_else() {
    let mut scene = scene_with_voice_first(42, Link::clean(20), LAYERS, Some(70_000), 2_000);
    let from = scene.world.now;
    let (wait, _) = scene.watch(10_000);
    let to = scene.world.now;
    assert!(wait <= 300, "{wait} ms of queue before a voice");
    assert!(scene.heard(from, to) >= 980, "{}", scene.heard(from, to));
    assert_eq!(scene.layer(), None, "there is no room for a picture");
}

#[test]
fn random_loss_and_jitter_do_not_take_the_picture_away() {
    for (loss_per_mille, delay_ms, jitter_ms) in [
        (0, 10, 0),
        (20, 25, 2),
        (50, 50, 5),
        (100, 20, 0),
        (200, 20, 0),
        (0, 20, 40),
        (10, 150, 10),
    ] {
        let link = Link {
            loss_per_mille,
            delay_ms,
            jitter_ms,
        };
        let mut scene = scene(43, link, LAYERS, None);
        scene.run(5_000);
        let mut best = 0;
        for _ in 0..20 {
            scene.run(250);
            // Where a fifth is lost, the middle layer is picture enough.
            let enough = if loss_per_mille >= 200 { 1 } else { 2 };
            best += u32::from(scene.layer() >= Some(enough));
        }
        assert!(
            best >= 16,
            "{link:?}: the picture {best} of 20 times, estimate {}",
            scene.estimate()
        );
    }
}

#[test]
fn pictures_are_back_soon_after_the_line_was_dead() {
    for dead_ms in [5_000, 10_000] {
        let mut scene = scene(44, Link::clean(25), LAYERS, Some(4_000_000));
        scene.run(6_000);
        scene.world.narrow_at(scene.viewer).dead = true;
        scene.run(dead_ms);
        let sent = scene.world.narrow_at(scene.viewer).dropped;
        assert!(
            sent < 60 * dead_ms / 1000 + 250,
            "{sent} packets into a dead line: sound, signs of life, and one window"
        );
        scene.world.narrow_at(scene.viewer).dead = false;
        let back = scene.world.now;
        let (wait, _) = scene.watch(3_000);
        assert!(wait <= 300, "{wait} ms of queue after {dead_ms} ms");
        let after = scene.world.receiver_at(scene.viewer);
        let first = after
            .heard
            .values()
            .find(|heard| heard.at > back && heard.starts_keyframe)
            .expect("a key frame");
        assert!(
            first.at - back < Duration::from_millis(1_500),
            "{:?}",
            first.at - back
        );
        scene.run(4_000);
        assert_eq!(scene.layer(), Some(2), "estimate {}", scene.estimate());
        assert!(scene.world.now - scene.last_picture() < Duration::from_millis(100));
    }
}

#[test]
fn a_picture_of_one_layer_comes_at_once_to_who_joins_late_and_hears_nobody() {
    let rates = [None, Some(10_000_000), Some(2_000_000)];
    // A client without a stream for retransmissions cannot be probed with padding: only the picture itself can tell.
    for (rate, takes_rtx) in rates
        .map(|rate| (rate, true))
        .into_iter()
        .chain([(None, false), (Some(10_000_000), false)])
    {
        let mut world = World::new(53);
        let now = world.now;
        let (_, picture) = world.publisher(CLEAN, |peer, session| {
            Publisher::new(peer, session, Video, now)
        });
        let (viewer, slot) = world.receiver(CLEAN, |peer, session| {
            let mut receiver = Receiver::reporting(peer, session, now);
            receiver.takes_rtx = takes_rtx;
            receiver
        });
        world.limit(viewer, rate);
        world.run(Duration::from_secs(5));
        let asked_at = world.now;
        world.route_as(slot, Some(picture), RouteSpec::default());
        let mut scene = Scene {
            world,
            viewer,
            slot,
        };
        scene.run(1_000);
        let first = scene.world.receiver_at(viewer).heard.values().next();
        let waited = first.map(|heard| heard.at - asked_at);
        assert!(
            waited.is_some_and(|waited| waited < Duration::from_millis(700)),
            "{rate:?}, {takes_rtx}: the first picture after {waited:?}"
        );
        scene.run(3_000);
        let (_, kbps) = scene.watch(5_000);
        assert!(
            kbps >= 1_350,
            "{rate:?}, {takes_rtx}: {kbps} kbit/s of 1450"
        );
    }
}
