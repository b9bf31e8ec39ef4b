//! What must not happen, whoever knocks.

use std::net::UdpSocket;
use std::time::Duration;

use super::peer::{Peer, during, server, until};
use crate::ice::stun;
use crate::{LostReason, MediaEvent};

#[test]
fn a_wrong_fingerprint_does_not_connect() {
    let (media, events) = server();
    let (mut stranger, published) = Peer::publisher_with(&media, |offer| {
        let at = offer.find("sha-256 ").expect("a fingerprint") + "sha-256 ".len();
        let other = if &offer[at..at + 2] == "00" {
            "01"
        } else {
            "00"
        };
        let mut offer = offer;
        offer.replace_range(at..at + 2, other);
        offer
    });
    let mut lost = None;
    until(&mut [&mut stranger], "the refusal", |_| {
        for event in events.try_iter() {
            match event {
                MediaEvent::Lost { peer, reason } => lost = Some((peer, reason)),
                MediaEvent::Connected { .. } => panic!("a stranger got keys"),
                _ => {}
            }
        }
        lost.is_some()
    });
    assert_eq!(lost, Some((published.peer, LostReason::WrongFingerprint)));
    during(&mut [&mut stranger], Duration::from_millis(200), |_| {});
    assert!(!stranger.connected, "the client believes to be connected");
    assert_eq!(media.stats(published.peer), None, "nothing is kept of it");
}

#[test]
fn checks_without_the_password_learn_nothing_and_get_no_answer() {
    let (media, _events) = server();
    let (_peer, published) = Peer::publisher(&media);
    let to = media.udp_addresses()[0];
    let knocking = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    knocking
        .set_read_timeout(Some(Duration::from_millis(200)))
        .expect("a timeout");
    let name = format!("{}:someone", published.etag);
    for _ in 0..50 {
        let check = stun::request(&name, "not the password, but long enough", 1, true);
        knocking.send_to(&check, to).expect("loopback");
        let unknown = stun::request(
            "nobody:someone",
            "not the password either, also long",
            1,
            true,
        );
        knocking.send_to(&unknown, to).expect("loopback");
    }
    assert!(
        knocking.recv(&mut [0; 1_500]).is_err(),
        "a check without the password was answered"
    );
    let stats = media.engine_stats().expect("it runs");
    assert_eq!((stats.checks_refused, stats.paths), (100, 0));
}

#[test]
fn a_flood_of_nonsense_harms_nobody() {
    let (media, _events) = server();
    let to = media.udp_addresses()[0];
    let flood = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let mut noise = 1_u64;
    for round in 0..5_000_usize {
        let mut datagram: Vec<u8> = (0..round % 300)
            .map(|_| {
                noise = noise
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                (noise >> 33) as u8
            })
            .collect();
        // Every class gets its share: checks, DTLS, media, and what is nothing at all.
        if let Some(first) = datagram.first_mut() {
            *first = [0, 22, 0x80, 0x90, 200][round % 5];
        }
        let _ = flood.send_to(&datagram, to);
    }
    let (mut peer, _published) = Peer::publisher(&media);
    until(
        &mut [&mut peer],
        "the connection of an honest client",
        |peers| peers[0].connected,
    );
    let stats = media.engine_stats().expect("it runs");
    assert_eq!(stats.paths, 1);
}

#[test]
fn peers_go_on_through_a_flood() {
    let (media, _events) = server();
    let (mut sender, published) = Peer::publisher(&media);
    let (mut viewer, received) = Peer::receiver(&media);
    let (slot, track) = (&received.slots[0], &published.tracks[0]);
    media
        .route(received.peer, slot.slot, Some(track.source))
        .expect("they fit");
    let to = media.udp_addresses()[0];
    let flood = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let check = stun::request("nobody:someone", "some password, long enough", 1, true);
    let mut hello = [7; 300];
    hello[0] = 22;
    let mut media_like = [7; 1_000];
    media_like[0] = 0x80;
    let mut turns = 0_u32;
    until(
        &mut [&mut sender, &mut viewer],
        "pictures in a flood",
        |peers| {
            for _ in 0..20 {
                for datagram in [&check[..], &hello, &media_like] {
                    let _ = flood.send_to(datagram, to);
                }
            }
            if peers.iter().all(|peer| peer.connected) {
                turns += 1;
                peers[0].send_picture(turns.is_multiple_of(10), 1);
            }
            peers[1].pictures().len() > 100
        },
    );
    let stats = media.engine_stats().expect("it runs");
    assert_eq!((stats.peers, stats.paths), (2, 2));
    assert!(stats.strangers > 1_000, "{stats:?}");
}
