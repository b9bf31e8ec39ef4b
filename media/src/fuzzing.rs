//! Every reader of bytes from the network as one function of bytes: no input may make it panic or take much memory.
//!
//! The fuzz targets in `fuzz/` and the replay of their corpus in the normal tests call these. Where a reader promises
//! something about what it has read, the promise is asserted.

use std::net::{Ipv4Addr, SocketAddr};

use crate::dtls::Hello;
use crate::ice::stun;
use crate::net::tcp;
use crate::rtcp::read::{Message, messages};
use crate::rtp::{Codec, Header, vp8};
use crate::sdp::{self, Fragment, LocalSide, Purpose};
use crate::srtp::{DtlsRole, Session, SrtpProfile};

/// One reader.
pub type Parser = fn(&[u8]);

/// All of them, by the name of their fuzz target and corpus folder.
pub const PARSERS: [(&str, Parser); 9] = [
    ("dtls_hello", dtls_hello),
    ("payload", payload),
    ("rtcp", rtcp),
    ("rtp", rtp),
    ("sdp_fragment", sdp_fragment),
    ("sdp_offer", sdp_offer),
    ("srtp", srtp),
    ("stun", stun),
    ("tcp_frames", tcp_frames),
];

/// A connectivity check (RFC 8489).
pub fn stun(bytes: &[u8]) {
    if let Some(request) = stun::Request::parse(bytes) {
        assert!(bytes.len() <= stun::MESSAGE_MAX);
        let key = stun::key("a password of 22 chars");
        let answer = stun::success(request.transaction, address(), &key);
        assert!(!request.authentic(&key) || answer.len() < 200);
    }
}

/// An offer, by a client that sends and by one that receives; what is answered can be read again.
pub fn sdp_offer(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let local = LocalSide {
        udp: vec![address()],
        tcp: vec![address()],
        fingerprint: "AB:CD".to_owned(),
    };
    for purpose in [Purpose::Publish, Purpose::Receive] {
        if let Ok(agreement) = sdp::agree(text, purpose, &local) {
            assert!(!agreement.media.is_empty());
            assert!(agreement.answer.ends_with("\r\n"));
            let whole = |line: &str| line.as_bytes().get(1) == Some(&b'=');
            assert!(agreement.answer.lines().all(whole), "{}", agreement.answer);
        }
    }
}

/// A trickle fragment (RFC 8840).
pub fn sdp_fragment(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Fragment::parse(text);
    }
}

/// An RTP packet with its extensions.
pub fn rtp(bytes: &[u8]) {
    if let Some(header) = Header::parse(bytes) {
        assert!(header.payload(bytes).len() + usize::from(header.payload_start) <= bytes.len());
        let carried = header.elements(bytes).map(|(_, value)| value.len());
        assert!(carried.sum::<usize>() < bytes.len());
    }
}

/// A compound RTCP packet.
pub fn rtcp(bytes: &[u8]) {
    for message in messages(bytes) {
        match message {
            Message::SenderReport(_, blocks) | Message::ReceiverReport(blocks) => {
                assert!(blocks.count() < 32);
            }
            Message::Nack { lost, .. } => assert!(lost.count() <= 17 * bytes.len() / 4),
            Message::TransportFeedback(feedback) => {
                assert!(feedback.packets().len() <= 65_536);
            }
            Message::KeyframeRequest { .. } | Message::Remb { .. } | Message::Goodbye { .. } => {}
        }
    }
}

/// A payload; the first byte says of which codec.
pub fn payload(bytes: &[u8]) {
    let Some((which, payload)) = bytes.split_first() else {
        return;
    };
    let codecs = [
        Codec::Vp8,
        Codec::H264 {
            profile_level_id: 0x42_e01f,
            packetization_mode: 1,
        },
        Codec::Vp9,
        Codec::Av1,
        Codec::Opus,
    ];
    let codec = codecs[usize::from(*which) % codecs.len()];
    let _ = codec.starts_keyframe(payload);
    if codec == Codec::Vp8
        && let Some(descriptor) = vp8::Descriptor::parse(payload)
    {
        let mut rewritten = payload.to_vec();
        descriptor.rewrite(&mut rewritten, 0x1234, 0x56);
        let again = vp8::Descriptor::parse(&rewritten).expect("as long as before");
        assert!(!descriptor.has_tl0_index() || again.tl0_index == 0x56);
    }
}

/// What a TCP connection says (RFC 4571).
pub fn tcp_frames(bytes: &[u8]) {
    let mut at = 0;
    while let Ok(Some(range)) = tcp::frame(bytes, at) {
        assert!(range.start == at + 2 && range.end <= bytes.len());
        at = range.end;
    }
}

/// A first flight in as many datagrams as its first byte says.
pub fn dtls_hello(bytes: &[u8]) {
    let Some((parts, flight)) = bytes.split_first() else {
        return;
    };
    let mut hello = Hello::default();
    let each = flight.len() / (usize::from(*parts % 8) + 1) + 1;
    let whole = flight.chunks(each).any(|datagram| hello.push(datagram));
    if whole {
        assert!(
            hello
                .srtp_profiles()
                .is_none_or(|found| found.len() <= 8_192)
        );
    }
    assert!(hello.take().len() <= 16);
}

/// A protected datagram under keys the sender does not have.
pub fn srtp(bytes: &[u8]) {
    for profile in SrtpProfile::PREFERRED {
        let material = vec![7; profile.keying_material_len()];
        let mut session = Session::from_keying_material(profile, &material, DtlsRole::Server)
            .expect("the right length");
        let mut datagram = bytes.to_vec();
        let _ = session.inbound.unprotect_rtp(&mut datagram);
        let mut datagram = bytes.to_vec();
        let _ = session.inbound.unprotect_rtcp(&mut datagram);
    }
}

fn address() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 9))
}
