//! Media flows, stops and changes over as told.

use std::time::{Duration, Instant};

use super::peer::{Peer, during, server_of, until};
use crate::{MediaEvent, MediaKind, Published, Received, SrtpProfile};

super::with_workers! {
    picture_and_sound_reach_a_receiver_under_aead
    a_closed_source_falls_silent_though_its_client_goes_on_sending
    changing_the_source_keeps_one_continuous_stream
    a_removed_peer_is_gone_with_its_tracks
}

fn source(published: &Published, kind: MediaKind) -> crate::SourceId {
    let track = published.tracks.iter().find(|track| track.kind == kind);
    track.expect("both kinds are published").source
}

fn slot(received: &Received, kind: MediaKind) -> crate::SlotId {
    let slot = received.slots.iter().find(|slot| slot.kind == kind);
    slot.expect("both kinds have a slot").slot
}

fn picture_and_sound_reach_a_receiver_under_aead(workers: usize) {
    let (media, events) = server_of(workers);
    let (mut sender, published) = Peer::publisher(&media);
    let (mut viewer, received) = Peer::receiver(&media);
    for kind in [MediaKind::Video, MediaKind::Audio] {
        let (to, from) = (slot(&received, kind), source(&published, kind));
        media
            .route(received.peer, to, Some(from))
            .expect("they fit");
    }
    until(
        &mut [&mut sender, &mut viewer],
        "pictures and sound",
        |peers| {
            if peers[0].connected && peers[1].connected {
                let key = peers[0].keyframe_requests > 0;
                peers[0].send_picture(key || peers[1].pictures().is_empty(), 1);
                peers[0].send_sound(2);
            }
            peers[1].pictures().len() > 50 && peers[1].sounds().len() > 50
        },
    );
    let profiles: Vec<SrtpProfile> = events
        .try_iter()
        .filter_map(|event| match event {
            MediaEvent::Connected { srtp, .. } => Some(srtp),
            _ => None,
        })
        .collect();
    assert_eq!(profiles, [SrtpProfile::AeadAes128Gcm; 2]);
    let stats = media.stats(received.peer).expect("it is there");
    assert!(stats.packets_out > 100, "{stats:?}");
    assert!(
        media
            .source_stats(source(&published, MediaKind::Video))
            .expect("it is there")
            .packets
            > 50
    );
}

fn a_closed_source_falls_silent_though_its_client_goes_on_sending(workers: usize) {
    let (media, _events) = server_of(workers);
    let (mut sender, published) = Peer::publisher(&media);
    let (mut viewer, received) = Peer::receiver(&media);
    let microphone = source(&published, MediaKind::Audio);
    media
        .route(
            received.peer,
            slot(&received, MediaKind::Audio),
            Some(microphone),
        )
        .expect("they fit");
    until(&mut [&mut sender, &mut viewer], "sound", |peers| {
        if peers[0].connected && peers[1].connected {
            peers[0].send_sound(1);
        }
        peers[1].sounds().len() > 20
    });

    let closed_at = Instant::now();
    media.gate(microphone, false).expect("it is there");
    during(
        &mut [&mut sender, &mut viewer],
        Duration::from_millis(1_000),
        |peers| {
            peers[0].send_sound(2);
        },
    );
    let late = viewer
        .sounds()
        .iter()
        .filter(|packet| packet.at > closed_at + Duration::from_millis(300))
        .count();
    assert_eq!(
        late, 0,
        "packets came more than 300 ms after the gate was closed"
    );
    let stats = media.source_stats(microphone).expect("it is there");
    assert!(!stats.open && stats.dropped_closed > 10, "{stats:?}");

    media.gate(microphone, true).expect("it is there");
    let before = viewer.sounds().len();
    until(&mut [&mut sender, &mut viewer], "sound again", |peers| {
        peers[0].send_sound(3);
        peers[1].sounds().len() > before + 10
    });
}

fn changing_the_source_keeps_one_continuous_stream(workers: usize) {
    let (media, _events) = server_of(workers);
    let (mut first, one) = Peer::publisher(&media);
    let (mut second, two) = Peer::publisher(&media);
    let (mut viewer, received) = Peer::receiver(&media);
    let place = slot(&received, MediaKind::Video);
    let mut sent = 0_u32;
    for (turn, published) in [&one, &two, &one].into_iter().enumerate() {
        media
            .route(
                received.peer,
                place,
                Some(source(published, MediaKind::Video)),
            )
            .expect("they fit");
        let tag = published.peer.0 as u8;
        let before = viewer.arrived.len();
        until(
            &mut [&mut first, &mut second, &mut viewer],
            "the new picture",
            |peers| {
                if peers.iter().all(|peer| peer.connected) {
                    sent += 1;
                    let key = sent.is_multiple_of(7);
                    peers[0].send_picture(key, one.peer.0 as u8);
                    peers[1].send_picture(key, two.peer.0 as u8);
                }
                let news = &peers[2].arrived[before..];
                news.iter()
                    .filter(|packet| packet.payload.last() == Some(&tag))
                    .count()
                    > 15
            },
        );
        assert!(turn < 3);
    }
    let mut packets = viewer.pictures();
    packets.sort_by_key(|packet| {
        packet
            .sequence
            .wrapping_sub(viewer.arrived[0].sequence)
            .cast_signed()
    });
    packets.dedup_by_key(|packet| packet.sequence);
    for pair in packets.windows(2) {
        assert_eq!(pair[0].ssrc, pair[1].ssrc);
        assert_eq!(
            pair[1].sequence.wrapping_sub(pair[0].sequence),
            1,
            "a hole in the numbering"
        );
        assert!(
            pair[1]
                .timestamp
                .wrapping_sub(pair[0].timestamp)
                .cast_signed()
                > 0,
            "time went back"
        );
        let id = |packet: &super::peer::Arrived| {
            u16::from_be_bytes([packet.payload[2] & 0x7f, packet.payload[3]])
        };
        assert_eq!(
            (id(pair[1]).wrapping_sub(id(pair[0]))) & 0x7fff,
            1,
            "a hole in the picture ids"
        );
    }
}

fn a_removed_peer_is_gone_with_its_tracks(workers: usize) {
    let (media, _events) = server_of(workers);
    let (_sender, published) = Peer::publisher(&media);
    let (_viewer, received) = Peer::receiver(&media);
    let (place, picture) = (
        slot(&received, MediaKind::Video),
        source(&published, MediaKind::Video),
    );
    media.remove(published.peer);
    media.remove(published.peer);
    assert!(media.route(received.peer, place, Some(picture)).is_err());
    assert!(media.gate(picture, true).is_err());
    assert_eq!(media.stats(published.peer), None);
    assert_eq!(media.engine_stats().expect("it runs").peers, 1);
}
