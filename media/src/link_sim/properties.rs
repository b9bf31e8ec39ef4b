//! Whatever the network and the operator do, a receiver never sees a broken stream.

use std::time::Duration;

use proptest::prelude::*;

use crate::rtp::MediaKind;

use super::{Link, Publisher, Receiver, World};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_script_of_routes_and_gates_keeps_the_stream_whole(
        seed: u64,
        split: bool,
        loss_per_mille in 0_u64..200,
        jitter_ms in 0_u64..60,
        script in prop::collection::vec((0_u8..6, 1_u64..400), 1..25),
    ) {
        let link = Link { loss_per_mille, delay_ms: 15, jitter_ms };
        let mut world = if split { World::split(seed) } else { World::new(seed) };
        let now = world.now;
        let publish = |world: &mut World| {
            world.publisher(link, |peer, session| Publisher::new(peer, session, MediaKind::Video, now)).1
        };
        let sources = [publish(&mut world), publish(&mut world)];
        let (receiver, slot) =
            world.receiver(link, |peer, session| Receiver::new(peer, session, MediaKind::Video, now));
        for (act, wait_ms) in script {
            match act {
                0 | 1 => world.route(slot, Some(sources[usize::from(act)])),
                2 => world.route(slot, None),
                3 => world.router.gate(sources[0], false).expect("there"),
                4 => world.router.gate(sources[0], true).expect("there"),
                _ => world.receiver_at(receiver).impatient ^= true,
            }
            world.run(Duration::from_millis(wait_ms));
        }
        let receiver = world.receiver_at(receiver);
        // A packet never comes under two sequence numbers, and a changed source begins with a key frame.
        let heard: Vec<_> = receiver.heard.iter().collect();
        let mut payloads: Vec<_> = heard.iter().map(|(_, heard)| (heard.publisher, heard.number)).collect();
        payloads.sort_unstable();
        let all = payloads.len();
        payloads.dedup();
        prop_assert_eq!(payloads.len(), all);
        for pair in heard.windows(2) {
            let ((index, before), (next, after)) = (pair[0], pair[1]);
            if *next == index + 1 && before.publisher != after.publisher {
                prop_assert!(after.starts_keyframe);
            }
            let ticks = after.timestamp.wrapping_sub(before.timestamp);
            prop_assert!(ticks < 0x8000_0000, "time runs forward");
        }
    }
}
