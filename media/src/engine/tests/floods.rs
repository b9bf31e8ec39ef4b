//! Floods: what a hostile peer or stranger sends by the ten thousand is dropped early, and a meeting next to it
//! loses nothing.

use std::net::SocketAddr;
use std::time::Duration;

use super::{Client, World, address};
use crate::ice::stun;
use crate::net::Remote;

/// Datagrams of one flood, within half a second.
const FLOOD: usize = 10_000;

struct Scene {
    world: World,
    /// A meeting of others.
    sender: Client,
    viewer: Client,
    /// A peer with valid keys and no good will, watching a publisher of its own meeting.
    hostile: Client,
    victim: Client,
}

impl Scene {
    fn new() -> Self {
        let mut world = World::new(1);
        let sender = world.join(0, address(1, 1), true);
        let viewer = world.join(0, address(2, 1), false);
        world.route(&viewer, &sender);
        let victim = world.join(0, address(3, 1), true);
        let hostile = world.join(0, address(4, 1), false);
        world.route(&hostile, &victim);
        world.pass(Duration::from_secs(1));
        Self {
            world,
            sender,
            viewer,
            hostile,
            victim,
        }
    }

    /// Plays a flood and asserts that the meeting of others gets each of its packets in the turn it was sent.
    fn play(&mut self, mut flood: impl FnMut(usize, &mut Client) -> (Remote, Vec<u8>)) {
        let frames = 50;
        for frame in 0..frames {
            for each in 0..FLOOD / frames {
                let (from, datagram) = flood(frame * (FLOOD / frames) + each, &mut self.hostile);
                self.world.put(0, from, &datagram);
            }
            self.victim.send(&mut self.world);
            self.sender.send(&mut self.world);
            let before = self.viewer.heard.len();
            self.world.turn();
            self.viewer.take(&mut self.world);
            assert_eq!(self.viewer.heard.len(), before + 1, "in frame {frame}");
            self.world.pass(Duration::from_millis(10));
        }
    }

    fn stats(&self) -> super::super::EngineStats {
        self.world.engines[0].stats()
    }
}

fn noise(seed: usize, len: usize) -> Vec<u8> {
    let mut state = seed as u64 ^ 0x9e37_79b9_7f4a_7c15;
    let bytes = (0..len).map(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as u8
    });
    bytes.collect()
}

#[test]
fn checks_from_one_place_are_mostly_not_even_read() {
    let mut scene = Scene::new();
    let check = stun::request("nobody:knows", "some password of 22 letters", 7, true);
    scene.play(|at, _| (address(99, at as u16), check.clone()));
    let stats = scene.stats();
    // A burst of a thousand and half a second at five hundred.
    assert!(stats.checks_refused < 1_300, "{stats:?}");
    assert_eq!(stats.checks_refused + stats.limited, FLOOD as u64);
    assert_eq!((stats.peers, stats.paths), (4, 4));
}

#[test]
fn checks_from_everywhere_with_a_stolen_name_teach_nothing() {
    let mut scene = Scene::new();
    let check = scene.sender.request("not the password, but as long", true);
    scene.play(|at, _| {
        let ip = (0x0a00_0000 + at as u32).to_be_bytes();
        (Remote::udp(SocketAddr::from((ip, 9))), check.clone())
    });
    let stats = scene.stats();
    assert_eq!(stats.checks_refused + stats.limited, FLOOD as u64);
    assert_eq!((stats.peers, stats.paths), (4, 4));
}

#[test]
fn a_peer_that_checks_without_end_is_answered_within_reason() {
    let mut scene = Scene::new();
    let mut answers = 0;
    scene.play(|_, hostile| (hostile.at, hostile.request(&hostile.local.pwd, true)));
    for datagram in scene.world.mail(scene.hostile.at) {
        answers += usize::from(datagram[..2] == [1, 1]);
    }
    assert!((100..400).contains(&answers), "{answers}");
    assert!(scene.stats().limited > FLOOD as u64 - 400);
}

#[test]
fn hellos_and_other_handshake_noise_are_dropped() {
    let mut scene = Scene::new();
    scene.play(|at, hostile| {
        let mut hello = noise(at, 300);
        hello[..13].copy_from_slice(&[22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x1f]);
        hello[13] = 1;
        let from = if at % 2 == 0 {
            hostile.at
        } else {
            address(98, at as u16)
        };
        (from, hello)
    });
    let stats = scene.stats();
    assert_eq!(stats.strangers, FLOOD as u64 / 2);
    assert!(stats.limited > FLOOD as u64 / 2 - 400, "{stats:?}");
}

#[test]
fn media_of_a_hostile_peer_is_cut_to_what_a_peer_may_send() {
    let mut scene = Scene::new();
    scene.play(|at, hostile| {
        let packet = match at % 3 {
            // Authentic, of a stream nobody announced; not authentic; and not even RTP.
            0 => hostile.packet(),
            1 => {
                let mut packet = hostile.packet();
                packet[20] ^= 1;
                packet
            }
            _ => {
                let mut junk = noise(at, 80);
                junk[0] = 0x80;
                junk[1] = 96;
                junk
            }
        };
        (hostile.at, packet)
    });
    let stats = scene.world.engines[0]
        .peer_stats(scene.hostile.peer)
        .expect("it is there");
    // Five thousand at once and half a second at five thousand a second.
    assert!(stats.refused <= 8_000, "{stats:?}");
    assert!(scene.stats().limited > FLOOD as u64 - 8_000);
}

#[test]
fn a_storm_of_requests_for_lost_packets_stays_a_share_of_the_stream() {
    let mut scene = Scene::new();
    let ssrc = scene.hostile.ssrc;
    scene.play(|_, hostile| {
        let all: Vec<u16> = (0..400).collect();
        let control = hostile.sealed(|out| crate::rtcp::write::nack(out, 1, ssrc, &all));
        (hostile.at, control)
    });
    let stats = scene.world.engines[0]
        .peer_stats(scene.hostile.peer)
        .expect("it is there");
    // The burst credit of 40 kB at 230 bytes a packet, and 15 % of 50 packets.
    assert!(stats.retransmitted < 250, "{stats:?}");
    assert!(scene.stats().limited > FLOOD as u64 - 2_000);
}

#[test]
fn a_storm_of_wishes_for_key_frames_reaches_its_publisher_twice_a_second() {
    let mut scene = Scene::new();
    let ssrc = scene.hostile.ssrc;
    scene.play(|_, hostile| {
        let control = hostile.sealed(|out| crate::rtcp::write::keyframe_request(out, 1, ssrc));
        (hostile.at, control)
    });
    scene.victim.take(&mut scene.world);
    assert!(
        scene.victim.keyframe_requests <= 3,
        "{}",
        scene.victim.keyframe_requests
    );
    scene.sender.take(&mut scene.world);
    assert!(
        scene.sender.keyframe_requests <= 1,
        "the others' publisher is not bothered"
    );
}

#[test]
fn malformed_datagrams_of_every_class_and_sender_change_nothing() {
    let mut scene = Scene::new();
    scene.play(|at, hostile| {
        let mut junk = noise(at, at % 400);
        if let Some(first) = junk.first_mut() {
            *first = [0, 1, 20, 21, 22, 63, 0x80, 0x90, 0xbf, 200][at % 10];
        }
        let from = if at % 3 == 0 {
            hostile.at
        } else {
            address(97, at as u16)
        };
        (from, junk)
    });
    let stats = scene.stats();
    assert_eq!((stats.peers, stats.paths), (4, 4));
}
