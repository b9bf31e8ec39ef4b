//! Several workers behind one port: who is served where makes no difference to a client.

use std::collections::BTreeSet;
use std::net::UdpSocket;
use std::time::Duration;

use super::peer::{Peer, server_of, until};
use crate::ice::stun;
use crate::router::Shard;
use crate::worker::Command;
use crate::{Media, Published, Received};

fn shards(media: &Media, published: &Published, received: &Received) -> (Shard, Shard) {
    let registry = media.registry();
    (
        registry.peers[&published.peer].shard,
        registry.peers[&received.peer].shard,
    )
}

/// A publisher at one worker, a receiver at the other, its picture routed.
fn split() -> (Media, Peer, Peer, Published, Received) {
    let (media, _events) = server_of(2);
    let (sender, published) = Peer::publisher(&media);
    let (viewer, received) = Peer::receiver(&media);
    let (one, other) = shards(&media, &published, &received);
    assert_ne!(one, other, "the least loaded worker takes the next peer");
    for (slot, track) in received.slots.iter().zip(&published.tracks) {
        assert_eq!(slot.kind, track.kind);
        media
            .route(received.peer, slot.slot, Some(track.source))
            .expect("they fit");
    }
    (media, sender, viewer, published, received)
}

#[test]
fn a_datagram_reaches_its_worker_whichever_socket_the_kernel_gave_it_to() {
    let (media, _events) = server_of(2);
    let (_sender, published) = Peer::publisher(&media);
    let pwd = media.registry().peers[&published.peer]
        .local_ice
        .pwd
        .clone();
    let remote = media.registry().peers[&published.peer]
        .remote_ice
        .ufrag
        .clone();
    let to = media.udp_addresses()[0];
    // Each of these has an even chance to be given to either worker.
    for _ in 0..24 {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        socket
            .set_read_timeout(Some(Duration::from_secs(5)))
            .expect("a timeout");
        let check = stun::request(&format!("{}:{remote}", published.etag), &pwd, 7, false);
        socket.send_to(&check, to).expect("loopback");
        let mut answer = [0; 200];
        let len = socket.recv(&mut answer).expect("an answer");
        assert_eq!((len > 20, &answer[..2]), (true, &[1, 1][..]));
    }
    let stats = media.engine_stats().expect("it runs");
    assert!((1..24).contains(&stats.handed_over), "{stats:?}");
    assert_eq!(stats.checks_refused, 0);
}

#[test]
fn losses_on_both_legs_are_repaired_across_workers() {
    let (media, mut sender, mut viewer, published, received) = split();
    until(&mut [&mut sender, &mut viewer], "the connection", |peers| {
        peers.iter().all(|peer| peer.connected)
    });
    sender.lose_every = 13;
    viewer.lose_every = 11;
    let mut sent = 0_u32;
    until(
        &mut [&mut sender, &mut viewer],
        "a hundred pictures",
        |peers| {
            if sent < 130 {
                peers[0].send_picture(sent.is_multiple_of(40), 1);
                sent += 1;
            }
            let heard: BTreeSet<u16> = peers[1].pictures().iter().map(|it| it.sequence).collect();
            let span = heard
                .last()
                .zip(heard.first())
                .map_or(0, |(last, first)| last - first);
            // Everything between the first and the last, nothing missing.
            span >= 100 && heard.len() == usize::from(span) + 1
        },
    );
    let stats = media.stats(received.peer).expect("it is there");
    assert!(stats.retransmitted > 3, "{stats:?}");
    let source = media
        .source_stats(published.tracks[0].source)
        .expect("it is there");
    assert!(source.repaired > 3 && source.receivers == 1, "{source:?}");
    assert_eq!(media.engine_stats().expect("it runs").lost_between, 0);
}

#[test]
fn a_key_frame_is_asked_for_across_workers_and_the_wishes_are_merged() {
    let (media, mut sender, mut viewer, published, _received) = split();
    let mut others: Vec<Peer> = Vec::new();
    let picture = published.tracks[0].source;
    for _ in 0..3 {
        let (other, received) = Peer::receiver(&media);
        media
            .route(received.peer, received.slots[0].slot, Some(picture))
            .expect("they fit");
        others.push(other);
    }
    let mut peers: Vec<&mut Peer> = vec![&mut sender, &mut viewer];
    peers.extend(others.iter_mut());
    until(&mut peers, "a picture everywhere", |peers| {
        if peers[0].connected {
            let key = peers[0].keyframe_requests > 0 && peers.iter().all(|peer| peer.connected);
            peers[0].send_picture(key, 1);
        }
        peers[1..].iter().all(|peer| peer.pictures().len() > 3)
    });
    let stats = media.source_stats(picture).expect("it is there");
    assert_eq!(stats.receivers, 4);
    assert!(stats.keyframe_requests >= 1, "{stats:?}");
}

#[test]
fn a_source_nobody_watches_is_followed_no_longer_and_a_gone_one_is_forgotten() {
    let (media, mut sender, mut viewer, published, received) = split();
    let picture = published.tracks[0].source;
    let mut key = 0_u32;
    until(&mut [&mut sender, &mut viewer], "a picture", |peers| {
        if peers[0].connected && peers[1].connected {
            key += 1;
            peers[0].send_picture(key.is_multiple_of(5), 1);
        }
        peers[1].pictures().len() > 3
    });
    let other = shards(&media, &published, &received).1;
    let known = |media: &Media, source| {
        let asked = media.ask(other, |answer| Command::SourceStats { source, answer });
        asked.expect("it runs").is_some()
    };
    assert!(known(&media, picture));
    media
        .route(received.peer, received.slots[0].slot, None)
        .expect("it is there");
    until(
        &mut [&mut sender, &mut viewer],
        "the end of the mirror",
        |_| !known(&media, picture),
    );
    let sound = published.tracks[1].source;
    assert!(known(&media, sound));
    media.remove(published.peer);
    until(&mut [&mut viewer], "the end of the other mirror", |_| {
        !known(&media, sound)
    });
    assert_eq!(media.source_stats(sound), None);
}

#[test]
fn a_fault_in_one_worker_leaves_the_other_alone() {
    let (media, mut sender, mut viewer, published, received) = split();
    let (one, other) = shards(&media, &published, &received);
    let (mut third, local) = Peer::receiver(&media);
    assert_eq!(media.registry().peers[&local.peer].shard, one);
    media
        .route(
            local.peer,
            local.slots[0].slot,
            Some(published.tracks[0].source),
        )
        .expect("they fit");
    let mut key = 0_u32;
    let mut show = |peers: &mut [&mut Peer]| {
        if peers.iter().all(|peer| peer.connected) {
            key += 1;
            peers[0].send_picture(key.is_multiple_of(5), 1);
        }
    };
    let mut peers = [&mut sender, &mut viewer, &mut third];
    until(&mut peers, "pictures on both workers", |peers| {
        show(peers);
        peers[1..].iter().all(|peer| peer.pictures().len() > 3)
    });
    media
        .tell(other, Command::Fault { fatal: false })
        .expect("it runs");
    let before = peers[1].pictures().len();
    until(&mut peers, "pictures after a fault", |peers| {
        show(peers);
        peers[1].pictures().len() > before + 10
    });
    media
        .tell(other, Command::Fault { fatal: true })
        .expect("it runs");
    let before = peers[2].pictures().len();
    until(&mut peers, "pictures where there was no fault", |peers| {
        show(peers);
        peers[2].pictures().len() > before + 50 && !media.is_live(other)
    });
    for _ in 0..4 {
        let (_peer, placed) = Peer::receiver(&media);
        assert_eq!(media.registry().peers[&placed.peer].shard, one);
    }
}

#[test]
fn one_port_is_not_shared_with_a_second_server() {
    let (media, _events) = server_of(2);
    let config = crate::MediaConfig {
        udp: media.udp_addresses()[0],
        workers: 2,
        ..crate::MediaConfig::default()
    };
    assert!(Media::start(config).is_err());
}

#[test]
fn both_families_are_served_on_one_port() {
    let config = crate::MediaConfig {
        udp: "[::]:0".parse().expect("an address"),
        workers: 2,
        ..crate::MediaConfig::default()
    };
    let (media, _events) = Media::start(config).expect("the port is free");
    let (mut old, received) = Peer::receiver_at(&media, "127.0.0.1".parse().expect("an address"));
    let (mut new, _) = Peer::receiver_at(&media, "::1".parse().expect("an address"));
    until(&mut [&mut old, &mut new], "both connections", |peers| {
        peers.iter().all(|peer| peer.connected)
    });
    let candidates = received
        .answer
        .lines()
        .filter(|line| line.starts_with("a=candidate:"));
    let families: BTreeSet<bool> = candidates
        .filter_map(|line| Some(line.split(' ').nth(4)?.contains(':')))
        .collect();
    assert_eq!(families.len(), 2, "{}", received.answer);
}

#[test]
fn behind_a_nat_the_answer_names_the_advertised_addresses_and_nothing_else() {
    let config = crate::MediaConfig {
        advertised: vec![
            "203.0.113.7".parse().expect("an address"),
            "2001:db8::7".parse().expect("an address"),
        ],
        tcp: Some("127.0.0.1:0".parse().expect("an address")),
        ..crate::MediaConfig::default()
    };
    let (media, _events) = Media::start(config).expect("loopback is there");
    let (_peer, published) = Peer::publisher(&media);
    let port = media.udp_addresses()[0].port();
    let candidates: Vec<&str> = published
        .answer
        .lines()
        .filter_map(|line| line.strip_prefix("a=candidate:"))
        .collect();
    let names = |at: usize, what: &str| {
        let found = candidates[at].contains(what);
        assert!(found, "{what} is not in {}", candidates[at]);
    };
    names(0, &format!(" 203.0.113.7 {port} typ host"));
    names(1, &format!(" 2001:db8::7 {port} typ host"));
    names(2, " 203.0.113.7 ");
    names(3, " 2001:db8::7 ");
    names(3, "tcptype passive");
    assert_eq!(candidates.len(), 4);
}
