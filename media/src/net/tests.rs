//! Runs gather as the kernel wants them, and datagrams arrive through a real socket.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use super::Class;
use super::arena::Arena;
use super::udp::{Receiver, Udp};

fn push(arena: &mut Arena, to: SocketAddr, len: usize) {
    arena.open(to);
    arena.room(1_500)[..len].fill(len as u8);
    arena.commit(len);
}

fn address(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

#[test]
fn equal_lengths_to_one_address_make_a_run_and_a_shorter_one_ends_it() {
    let mut arena = Arena::new(true);
    for (port, len) in [
        (1, 100),
        (1, 100),
        (1, 60),
        (1, 60),
        (2, 60),
        (2, 80),
        (1, 80),
    ] {
        push(&mut arena, address(port), len);
    }
    let runs: Vec<(u16, usize, usize)> = arena
        .runs()
        .iter()
        .map(|run| (run.to.port(), run.datagrams(), run.len))
        .collect();
    assert_eq!(
        runs,
        [(1, 3, 260), (1, 1, 60), (2, 1, 60), (2, 1, 80), (1, 1, 80)]
    );
}

#[test]
fn without_segmentation_every_datagram_is_a_message() {
    let mut arena = Arena::new(false);
    push(&mut arena, address(1), 100);
    push(&mut arena, address(1), 100);
    assert_eq!(arena.runs().len(), 2);
}

#[test]
fn runs_stay_below_what_the_kernel_takes() {
    let mut arena = Arena::new(true);
    for _ in 0..500 {
        push(&mut arena, address(1), 1_400);
    }
    assert!(
        arena
            .runs()
            .iter()
            .all(|run| run.len < 65_507 && run.datagrams() <= 60)
    );
    assert_eq!(
        arena
            .runs()
            .iter()
            .map(|run| run.datagrams())
            .sum::<usize>(),
        500
    );
}

#[test]
fn every_datagram_of_a_batch_arrives_whole() {
    let mut sender = Udp::bind(address(0)).expect("a free port");
    let receiver = Udp::bind(address(0)).expect("a free port");
    let to = receiver.local_addr().expect("bound");
    let mut arena = Arena::new(sender.gso());
    let lens: Vec<usize> = (0..200)
        .map(|at| if at % 7 == 6 { 700 } else { 1_200 })
        .collect();
    for len in &lens {
        push(&mut arena, to, *len);
    }
    assert_eq!(sender.send(&mut arena), (200, 0));
    assert!(arena.is_empty());
    let mut buffers = Receiver::default();
    let mut heard = Vec::new();
    let begun = Instant::now();
    while heard.len() < lens.len() && begun.elapsed() < Duration::from_secs(5) {
        let from = sender.local_addr().expect("bound");
        buffers
            .receive(&receiver, |datagram| {
                assert_eq!(datagram.from, from);
                assert!(datagram.age < Duration::from_secs(5));
                assert!(
                    datagram
                        .bytes
                        .iter()
                        .all(|byte| *byte == datagram.bytes.len() as u8)
                );
                heard.push(datagram.bytes.len());
            })
            .expect("a live socket");
    }
    assert_eq!(heard, lens);
}

#[test]
fn the_first_byte_tells_what_a_datagram_is() {
    let class = |byte| Class::of(&[byte, 0, 0]);
    assert_eq!([0, 3].map(class), [Class::Stun; 2]);
    assert_eq!([20, 63].map(class), [Class::Dtls; 2]);
    assert_eq!([128, 191].map(class), [Class::Media; 2]);
    assert_eq!([4, 64, 192, 255].map(class), [Class::Other; 4]);
    assert_eq!(Class::of(&[]), Class::Other);
}
