//! Vectors of the RFCs, agreement with an independent implementation, and what a hostile network may do.

use proptest::prelude::*;
use rtc_srtp::context::Context;
use rtc_srtp::protection_profile::ProtectionProfile;

use super::*;

const PACKET: &str = "8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573";

fn material(profile: SrtpProfile) -> Vec<u8> {
    (0..profile.keying_material_len())
        .map(|at| (at * 7 + 3) as u8)
        .collect()
}

fn pair(profile: SrtpProfile) -> (Session, Session) {
    let session = |role| {
        Session::from_keying_material(profile, &material(profile), role).expect("right length")
    };
    (session(DtlsRole::Client), session(DtlsRole::Server))
}

/// Our client's sending keys in the other implementation.
fn other(profile: SrtpProfile) -> Context {
    let theirs = match profile {
        SrtpProfile::AeadAes128Gcm => ProtectionProfile::AeadAes128Gcm,
        SrtpProfile::AeadAes256Gcm => ProtectionProfile::AeadAes256Gcm,
        SrtpProfile::Aes128CmHmacSha1_80 => ProtectionProfile::Aes128CmHmacSha1_80,
    };
    let material = material(profile);
    let salts = 2 * profile.key_len();
    let (key, salt) = (
        &material[..profile.key_len()],
        &material[salts..salts + profile.salt_len()],
    );
    let provider = rtc_srtp::crypto::default_provider().expect("a provider is built in");
    Context::new(key, salt, theirs, None, None, provider.crypto()).expect("right lengths")
}

fn packet(sequence: u16, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x90, 0x60];
    packet.extend_from_slice(&sequence.to_be_bytes());
    packet.extend_from_slice(&[0, 0, 9, 9, 1, 2, 3, 4, 0xbe, 0xde, 0, 1, 0x10, 0xaa, 0, 0]);
    packet.extend_from_slice(payload);
    packet
}

fn protect(outbound: &mut Outbound, packet: &[u8]) -> Vec<u8> {
    let mut sealed = packet.to_vec();
    sealed.resize(packet.len() + OVERHEAD_MAX, 0);
    let len = outbound
        .protect_rtp(&mut sealed, packet.len())
        .expect("an RTP packet");
    sealed.truncate(len);
    sealed
}

#[test]
fn session_keys_are_those_of_rfc_3711_appendix_b3() {
    let key = hex("E1F97A0D3E018BE0D64FA32C06DE4139");
    let salt = hex("0EC675AD498AFEEBB6960B3AABE6");
    let derived = |label, len| {
        let mut out = vec![0; len];
        kdf::derive(&key, &salt, label, &mut out).expect("right lengths");
        out
    };
    assert_eq!(
        derived(kdf::RTP_ENCRYPTION, 16),
        hex("C61E7A93744F39EE10734AFE3FF7A087")
    );
    assert_eq!(
        derived(kdf::RTP_SALT, 14),
        hex("30CBBC08863D8C85D49DB34A9AE1")
    );
    assert_eq!(
        derived(kdf::RTP_AUTHENTICATION, 20),
        hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4")
    );
}

#[test]
fn a_packet_is_sealed_as_in_rfc_7714_section_16_1() {
    let gcm = gcm::Gcm::of_session_keys(
        &hex("000102030405060708090a0b0c0d0e0f"),
        hex("517569642070726f2071756f")
            .try_into()
            .expect("twelve bytes"),
    );
    let mut buffer = hex(PACKET);
    let len = buffer.len();
    buffer.resize(len + OVERHEAD_MAX, 0);
    let sealed = gcm.seal_rtp(0x5501_a0b2, 0xf17b, 12, &mut buffer, len);
    assert_eq!(
        buffer[..sealed],
        hex(
            "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce"
        )
    );
}

#[test]
fn an_independent_implementation_opens_what_we_seal_and_the_other_way_round() {
    for profile in SrtpProfile::PREFERRED {
        let (mut client, mut server) = pair(profile);
        let mut opener = other(profile);
        let mut sealer = other(profile);
        // Over the rollover of the sequence number, in order.
        for step in 0..300_u16 {
            let plain = packet(
                65_400_u16.wrapping_add(step),
                &vec![step as u8; usize::from(step) + 1],
            );
            let sealed = protect(&mut client.outbound, &plain);
            assert_eq!(
                opener.decrypt_rtp(&sealed).expect("opens").as_ref(),
                plain,
                "{profile:?} {step}"
            );
            let mut theirs = sealer.encrypt_rtp(&plain).expect("seals").to_vec();
            assert_eq!(theirs, sealed, "{profile:?} {step}");
            let len = server.inbound.unprotect_rtp(&mut theirs).expect("opens");
            assert_eq!(theirs[..len], plain);
        }

        let report = hex("80c90001000000ff81cd000300000001000000020003000f");
        let mut sealed = report.clone();
        sealed.resize(report.len() + 32, 0);
        let len = client
            .outbound
            .protect_rtcp(&mut sealed, report.len())
            .expect("seals");
        assert_eq!(
            opener.decrypt_rtcp(&sealed[..len]).expect("opens").as_ref(),
            report
        );
        let mut theirs = sealer.encrypt_rtcp(&report).expect("seals").to_vec();
        let len = server.inbound.unprotect_rtcp(&mut theirs).expect("opens");
        assert_eq!(theirs[..len], report);
    }
}

#[test]
fn a_packet_opens_once_and_never_after_a_bit_has_changed() {
    for profile in SrtpProfile::PREFERRED {
        let (mut client, mut server) = pair(profile);
        let sealed = protect(&mut client.outbound, &packet(7, b"speech"));
        for bit in 0..sealed.len() * 8 {
            let mut forged = sealed.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert!(
                server.inbound.unprotect_rtp(&mut forged).is_err(),
                "{profile:?} bit {bit}"
            );
        }
        assert!(server.inbound.unprotect_rtp(&mut sealed.clone()).is_ok());
        assert_eq!(
            server.inbound.unprotect_rtp(&mut sealed.clone()),
            Err(SrtpError::Replay)
        );
    }
}

#[test]
fn packets_out_of_order_open_across_the_rollover() {
    let (mut client, mut server) = pair(SrtpProfile::AeadAes128Gcm);
    let mut sealed: Vec<_> = (0..64_u16)
        .map(|step| {
            protect(
                &mut client.outbound,
                &packet(65_500_u16.wrapping_add(step), &[step as u8]),
            )
        })
        .collect();
    // The first tells where the stream is; the rest comes in a scramble.
    sealed[1..].sort_by_key(|packet| packet.last().copied());
    for packet in &mut sealed {
        server.inbound.unprotect_rtp(packet).expect("opens");
    }
}

#[test]
fn forged_streams_take_no_memory() {
    let (mut client, mut server) = pair(SrtpProfile::AeadAes128Gcm);
    let sealed = protect(&mut client.outbound, &packet(1, b"x"));
    for ssrc in 0..1000_u32 {
        let mut forged = sealed.clone();
        forged[8..12].copy_from_slice(&ssrc.to_be_bytes());
        assert_eq!(
            server.inbound.unprotect_rtp(&mut forged),
            Err(SrtpError::Authentication)
        );
    }
    assert!(server.inbound.unprotect_rtp(&mut sealed.clone()).is_ok());
}

proptest! {
    #[test]
    fn any_bytes_are_refused_without_a_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..200), rtp: bool) {
        for profile in SrtpProfile::PREFERRED {
            let (_, mut server) = pair(profile);
            if rtp && !bytes.is_empty() {
                bytes[0] = bytes[0] & 0x3f | 0x80;
            }
            prop_assert!(server.inbound.unprotect_rtp(&mut bytes).is_err());
            prop_assert!(server.inbound.unprotect_rtcp(&mut bytes).is_err());
        }
    }

    #[test]
    fn the_replay_window_agrees_with_a_set(steps in prop::collection::vec(-1100_i64..1100, 1..300)) {
        let mut window = replay::Replay::default();
        let mut seen = std::collections::BTreeSet::new();
        let mut at = 100_000_i64;
        for step in steps {
            at = (at + step).max(0);
            let index = at as u64;
            let newest = seen.last().copied().unwrap_or(0);
            let admitted = !seen.contains(&index) && (seen.is_empty() || index + 1024 > newest);
            prop_assert_eq!(window.admits(index), admitted);
            if admitted {
                window.record(index);
                seen.insert(index);
            }
        }
    }
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex"))
        .collect()
}
