//! Checks, nominations and consent, with made-up time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::lite::{CONSENT, PATHS_MAX};
use super::stun::{self, Request};
use super::{Checked, Lite};
use crate::net::Remote;
use crate::sdp::IceCredentials;

const PWD: &str = "a password of 22 chars";

struct Bench {
    now: Instant,
    lite: Lite,
}

impl Bench {
    fn new() -> Self {
        let now = Instant::now();
        let local = IceCredentials {
            ufrag: "here".to_owned(),
            pwd: PWD.to_owned(),
        };
        Self {
            now,
            lite: Lite::new(now, local, "there".to_owned()),
        }
    }

    fn check(&mut self, after_ms: u64, port: u16, priority: u32, nominate: bool) -> Checked {
        self.now += Duration::from_millis(after_ms);
        let message = stun::request("here:there", PWD, priority, nominate);
        let request = Request::parse(&message).expect("a whole request");
        self.lite.check(self.now, remote(port), &request)
    }

    fn selected_port(&self) -> Option<u16> {
        self.lite.selected().map(|remote| remote.addr.port())
    }
}

fn remote(port: u16) -> Remote {
    Remote::udp(SocketAddr::from(([192, 0, 2, 1], port)))
}

#[test]
fn the_sample_request_of_rfc_5769_is_read_and_is_authentic() {
    let message: Vec<u8> = [
        "000100582112a442b7e7a701bc34d686fa87dfae",
        "802200105354554e207465737420636c69656e74",
        "002400046e0001ff80290008932ff9b151263b36",
        "000600096576746a3a68367659202020",
        "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2",
        "80280004e57a3bcf",
    ]
    .concat()
    .as_bytes()
    .chunks(2)
    .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("hex"), 16).expect("hex"))
    .collect();
    let request = Request::parse(&message).expect("a whole request");
    assert_eq!(
        (request.local_ufrag, request.remote_ufrag),
        ("evtj", "h6vY")
    );
    assert!(request.authentic(&stun::key("VOkJxbRl1RmTxUk/WvJxBt")));
    assert!(!request.authentic(&stun::key("VOkJxbRl1RmTxUk/WvJxBu")));
}

#[test]
fn a_changed_or_cut_request_is_refused() {
    let message = stun::request("here:there", PWD, 7, true);
    let key = stun::key(PWD);
    // FINGERPRINT stands behind the integrity: spoiling its name only makes an unknown attribute.
    for at in (0..message.len()).filter(|at| !(message.len() - 8..message.len() - 4).contains(at)) {
        let mut changed = message.clone();
        changed[at] ^= 0x40;
        let believed = Request::parse(&changed).is_some_and(|request| request.authentic(&key));
        assert!(!believed, "byte {at} was changed and nobody noticed");
        assert!(Request::parse(&message[..at]).is_none());
    }
}

#[test]
fn a_check_with_another_password_or_name_teaches_nothing() {
    let mut bench = Bench::new();
    for (name, pwd) in [
        ("here:there", "another of 22 letters!"),
        ("here:other", PWD),
    ] {
        let message = stun::request(name, pwd, 7, true);
        let request = Request::parse(&message).expect("a whole request");
        assert_eq!(
            bench.lite.check(bench.now, remote(1), &request),
            Checked::Refused
        );
    }
    assert_eq!(bench.lite.remotes().count(), 0);
    assert_eq!(bench.selected_port(), None);
}

#[test]
fn the_first_proven_path_serves_until_one_is_nominated() {
    let mut bench = Bench::new();
    bench.check(0, 1, 100, false);
    assert_eq!(bench.selected_port(), Some(1));
    bench.check(10, 2, 50, true);
    assert_eq!(bench.selected_port(), Some(2));
    bench.check(10, 1, 100, false);
    assert_eq!(bench.selected_port(), Some(2));
}

#[test]
fn nominating_every_path_in_turn_does_not_make_media_jump() {
    let mut bench = Bench::new();
    for _ in 0..20 {
        bench.check(100, 1, 100, true);
        bench.check(100, 2, 50, true);
        assert_eq!(bench.selected_port(), Some(1));
    }
}

#[test]
fn a_roaming_client_is_followed_once_its_old_path_is_silent() {
    let mut bench = Bench::new();
    bench.check(0, 1, 100, true);
    bench.check(2_500, 2, 50, true);
    assert_eq!(bench.selected_port(), Some(1));
    bench.check(1_000, 2, 50, true);
    assert_eq!(bench.selected_port(), Some(2));
}

#[test]
fn consent_ends_thirty_seconds_after_the_last_check() {
    let mut bench = Bench::new();
    bench.check(5_000, 1, 100, true);
    assert_eq!(bench.lite.expires_at(), bench.now + CONSENT);
}

#[test]
fn a_restart_accepts_old_checks_until_the_first_new_one() {
    let mut bench = Bench::new();
    bench.check(0, 1, 100, true);
    let local = IceCredentials {
        ufrag: "anew".to_owned(),
        pwd: PWD.to_owned(),
    };
    bench.lite.restart(bench.now, local, "far".to_owned());
    assert_ne!(bench.check(10, 1, 100, true), Checked::Refused);
    let message = stun::request("anew:far", PWD, 10, true);
    let request = Request::parse(&message).expect("a whole request");
    let answered = bench.lite.check(bench.now, remote(2), &request);
    assert_ne!(answered, Checked::Refused);
    assert_eq!(bench.check(10, 1, 100, true), Checked::Refused);
}

#[test]
fn paths_are_bounded() {
    let mut bench = Bench::new();
    bench.check(0, 1, 100, true);
    for port in 2..100 {
        bench.check(1, port, 50, false);
    }
    assert_eq!(bench.lite.remotes().count(), PATHS_MAX);
    assert_eq!(bench.selected_port(), Some(1), "the one in use is kept");
}
