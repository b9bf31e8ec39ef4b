//! Handshakes against an `rtc-dtls` client, without sockets or time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use rtc_dtls::config::{ConfigBuilder, ExtendedMasterSecretType};
use rtc_dtls::crypto::Certificate;
use rtc_dtls::crypto_provider::default_provider;
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc_shared::TransportProtocol;

use super::{Dtls, DtlsFailure, Hello, Identity, identity};
use crate::srtp::SrtpProfile;

const SERVER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 2);

/// Shakes hands with a client that lists these profiles; its offer promised its own certificate or another's.
fn shake(profiles: &[SrtpProfile], promised_own: bool) -> Result<SrtpProfile, DtlsFailure> {
    shaken(profiles, promised_own).map(|(profile, ..)| profile)
}

/// As [`shake`], with both ends as they are when the server has its keys.
fn shaken(
    profiles: &[SrtpProfile],
    promised_own: bool,
) -> Result<(SrtpProfile, Endpoint, Dtls), DtlsFailure> {
    let now = Instant::now();
    let provider = default_provider().expect("a provider is compiled in");
    let certificate =
        Certificate::generate_self_signed(vec!["client".to_owned()], provider.crypto())
            .expect("a certificate");
    let mut expected = identity::fingerprint(&certificate.certificate[0]);
    if !promised_own {
        expected[31] ^= 1;
    }
    let config = ConfigBuilder::default()
        .with_crypto_provider(provider)
        .with_certificates(vec![certificate])
        .with_srtp_protection_profiles(
            profiles
                .iter()
                .map(|profile| SrtpProtectionProfile::from(profile.wire_id()))
                .collect(),
        )
        .with_extended_master_secret(ExtendedMasterSecretType::Require)
        .with_insecure_skip_verify(true)
        .build(true, Some(SERVER))
        .expect("a client configuration");
    let mut client = Endpoint::new(SERVER, TransportProtocol::UDP, None);
    client
        .connect(now, SERVER, Arc::new(config), None)
        .expect("a first flight");
    let mut server = Dtls::new(
        Arc::new(Identity::generate().expect("a certificate")),
        expected,
    );
    for _ in 0..20 {
        while let Some(flight) = client.poll_transmit() {
            if let Some(session) = server.handle(now, &flight.message)? {
                return Ok((session.profile(), client, server));
            }
        }
        while let Some(flight) = server.poll_transmit() {
            // The client may well be told off here.
            let _ = client.read(now, SERVER, None, flight);
        }
    }
    Err(DtlsFailure::Handshake("no end".to_owned()))
}

const CM: SrtpProfile = SrtpProfile::Aes128CmHmacSha1_80;
const GCM: SrtpProfile = SrtpProfile::AeadAes128Gcm;
const GCM_256: SrtpProfile = SrtpProfile::AeadAes256Gcm;

#[test]
fn another_certificate_than_the_promised_one_gets_no_keys() {
    assert_eq!(shake(&[GCM], false), Err(DtlsFailure::Fingerprint));
}

#[test]
fn aead_is_chosen_though_the_client_lists_it_last() {
    assert_eq!(shake(&[CM, GCM_256, GCM], true), Ok(GCM));
    assert_eq!(shake(&[CM, GCM_256], true), Ok(GCM_256));
}

#[test]
fn a_client_without_aead_is_served_in_counter_mode() {
    assert_eq!(shake(&[CM], true), Ok(CM));
}

/// A connected pair whose server has settled.
fn settled(profile: SrtpProfile) -> (Endpoint, Dtls) {
    let (_, mut client, mut server) = shaken(&[profile], true).expect("a fine handshake");
    while let Some(flight) = server.poll_transmit() {
        client
            .read(Instant::now(), SERVER, None, flight)
            .expect("the last flight");
    }
    server.settle();
    assert!(
        server.endpoint.is_none(),
        "nothing of the handshake is kept"
    );
    (client, server)
}

#[test]
fn a_settled_server_still_hears_the_client_say_goodbye() {
    for profile in SrtpProfile::PREFERRED {
        let now = Instant::now();
        let (mut client, mut server) = settled(profile);
        let noise = server.handle(now, &[21, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, 2, 1, 0]);
        assert!(
            matches!(noise, Ok(None)),
            "an alert that anybody could send"
        );
        assert!(server.endpoint.is_none());
        client.stop(now, SERVER);
        let goodbye = client.poll_transmit().expect("an alert").message;
        assert!(matches!(
            server.handle(now, &goodbye),
            Err(DtlsFailure::Closed)
        ));
    }
}

#[test]
fn a_settled_server_still_says_goodbye() {
    let now = Instant::now();
    let (mut client, mut server) = settled(GCM);
    server.close(now);
    let goodbye = server.poll_transmit().expect("an alert");
    let events = client.read(now, SERVER, None, goodbye).expect("authentic");
    assert!(matches!(events[..], [EndpointEvent::PeerClosed]));
}

#[test]
fn forged_alerts_cost_a_settled_server_only_so_much() {
    let now = Instant::now();
    let (mut client, mut server) = settled(GCM);
    let forged = [21, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, 2, 1, 0];
    for _ in 0..1_000 {
        assert!(matches!(server.handle(now, &forged), Ok(None)));
    }
    assert_eq!(server.alerts, super::ALERTS_MAX);
    client.stop(now, SERVER);
    let goodbye = client.poll_transmit().expect("an alert").message;
    assert!(matches!(server.handle(now, &goodbye), Ok(None)));
}

#[test]
fn a_hello_in_pieces_is_read_once_it_is_whole() {
    let body = hello_body();
    let (head, tail) = body.split_at(40);
    let mut hello = Hello::default();
    assert!(!hello.push(&record(body.len(), 40, tail)));
    assert!(hello.push(&record(body.len(), 0, head)));
    assert_eq!(hello.srtp_profiles(), Some(vec![1, 7]));
    assert_eq!(hello.take().len(), 2);
}

#[test]
fn nonsense_is_no_hello() {
    let mut hello = Hello::default();
    assert!(!hello.push(&[22; 50]));
    assert!(!hello.push(&record(1 << 20, 0, &[0; 20])));
    assert!(!hello.push(&[]));
    assert_eq!(hello.take().len(), 0);
}

fn hello_body() -> Vec<u8> {
    let mut body = vec![0xfe, 0xfd];
    body.extend([7; 32]);
    body.extend([0, 0, 0, 2, 0xc0, 0x2b, 1, 0]);
    body.extend([0, 4 + 7, 0, 14, 0, 7, 0, 4, 0, 1, 0, 7, 0]);
    body
}

fn record(total: usize, offset: usize, fragment: &[u8]) -> Vec<u8> {
    let three = |number: usize| [(number >> 16) as u8, (number >> 8) as u8, number as u8];
    let mut handshake = vec![1];
    handshake.extend(three(total));
    handshake.extend([0, 0]);
    handshake.extend(three(offset));
    handshake.extend(three(fragment.len()));
    handshake.extend(fragment);
    let mut record = vec![22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0];
    record.extend((handshake.len() as u16).to_be_bytes());
    record.extend(handshake);
    record
}
