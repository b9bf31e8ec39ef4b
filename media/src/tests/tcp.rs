//! The way in for networks that drop UDP.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use crate::ice::stun;
use crate::net::Class;
use crate::{Media, MediaConfig};

const OFFER: &str = include_str!("../sdp/tests/chromium_publish.sdp");

/// The value of the first such attribute of a description.
fn attribute<'a>(text: &'a str, name: &str) -> &'a str {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.expect("the attribute is written").trim()
}

/// A server with a TCP port, and a connection to the address its answer names. With two workers the peer is served by
/// the one that does not listen.
fn connect(workers: usize) -> (Media, String, TcpStream) {
    let (media, _events) = Media::start(MediaConfig {
        tcp: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
        workers,
        ..MediaConfig::default()
    })
    .expect("loopback is there");
    for _ in 1..workers {
        media.publish(OFFER).expect("a fine offer");
    }
    let answer = media.publish(OFFER).expect("a fine offer").answer;
    let candidate = answer.lines().find(|line| line.contains("tcptype passive"));
    let words: Vec<&str> = candidate
        .expect("a TCP candidate")
        .split_whitespace()
        .collect();
    let stream =
        TcpStream::connect((words[4], words[5].parse().expect("a port"))).expect("it listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .expect("a timeout");
    (media, answer, stream)
}

fn frame(datagram: &[u8]) -> Vec<u8> {
    let mut frame = (datagram.len() as u16).to_be_bytes().to_vec();
    frame.extend(datagram);
    frame
}

super::with_workers! {
    a_check_in_two_pieces_is_answered_and_proves_the_path
    a_connection_that_does_not_begin_with_a_check_is_closed
}

fn a_check_in_two_pieces_is_answered_and_proves_the_path(workers: usize) {
    let (media, answer, mut stream) = connect(workers);
    let name = format!(
        "{}:{}",
        attribute(&answer, "a=ice-ufrag:"),
        attribute(OFFER, "a=ice-ufrag:")
    );
    let check = frame(&stun::request(
        &name,
        attribute(&answer, "a=ice-pwd:"),
        7,
        true,
    ));
    stream.write_all(&check[..9]).expect("the server reads");
    stream.write_all(&check[9..]).expect("the server reads");
    let mut len = [0; 2];
    stream.read_exact(&mut len).expect("an answer");
    let mut reply = vec![0; usize::from(u16::from_be_bytes(len))];
    stream.read_exact(&mut reply).expect("the whole answer");
    assert_eq!((Class::of(&reply), reply[0], reply[1]), (Class::Stun, 1, 1));
    assert_eq!(media.engine_stats().expect("it runs").paths, 1);
    drop(stream);
    let gone = (0..1_000).any(|_| {
        std::thread::yield_now();
        media.engine_stats().expect("it runs").paths == 0
    });
    assert!(gone, "a path ends with its connection");
}

fn a_connection_that_does_not_begin_with_a_check_is_closed(workers: usize) {
    let (_media, _answer, mut stream) = connect(workers);
    stream
        .write_all(&frame(b"GET / HTTP/1.1"))
        .expect("the server reads");
    assert!(
        matches!(stream.read(&mut [0; 10]), Ok(0) | Err(_)),
        "it was answered"
    );
}
