//! Offers of real clients, and what becomes of spoilt ones.

use std::net::SocketAddr;

use expect_test::expect;
use proptest::prelude::*;

use super::{Agreement, Fragment, LocalSide, OfferRefusal, Purpose, agree};
use crate::rtp::{Codec, Extension, MediaKind};

/// Chromium 156: `addTransceiver(track, { direction: 'sendonly' })` for a microphone and a camera.
const PUBLISH: &str = include_str!("chromium_publish.sdp");
/// The same for a camera with three `sendEncodings`.
const SIMULCAST: &str = include_str!("chromium_simulcast.sdp");
/// Two video and two audio transceivers, `recvonly`.
const RECEIVE: &str = include_str!("chromium_receive.sdp");

fn local() -> LocalSide {
    LocalSide {
        udp: vec![SocketAddr::from(([192, 0, 2, 9], 7_000))],
        tcp: vec![SocketAddr::from(([192, 0, 2, 9], 7_001))],
        fingerprint: "AA:BB".to_owned(),
    }
}

fn ask(offer: &str, purpose: Purpose) -> Result<Agreement, OfferRefusal> {
    agree(offer, purpose, &local())
}

/// The answer with everything drawn by chance replaced by a word.
fn settled(agreement: &Agreement) -> String {
    let mut text = agreement
        .answer
        .replace(&agreement.local_ice.ufrag, "UFRAG")
        .replace(&agreement.local_ice.pwd, "PWD");
    for (place, media) in agreement.media.iter().enumerate() {
        if let Some(ssrcs) = media.local {
            text = text
                .replace(&ssrcs.media.to_string(), &format!("MEDIA{place}"))
                .replace(&ssrcs.rtx.to_string(), &format!("RTX{place}"));
        }
    }
    text.lines()
        .map(|line| {
            if line.starts_with("o=") {
                "o=…"
            } else {
                line
            }
        })
        .fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn chromium_may_send_a_camera_and_a_microphone() {
    let agreement = ask(PUBLISH, Purpose::Publish).expect("a fine offer");
    expect![[r#"
        v=0
        o=…
        s=-
        t=0 0
        a=ice-lite
        a=group:BUNDLE 0 1
        a=msid-semantic: WMS *
        m=audio 9 UDP/TLS/RTP/SAVPF 111
        c=IN IP4 0.0.0.0
        a=mid:0
        a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
        a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
        a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
        a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
        a=recvonly
        a=rtcp-mux
        a=rtcp-rsize
        a=rtpmap:111 opus/48000/2
        a=rtcp-fb:111 transport-cc
        a=fmtp:111 minptime=10;useinbandfec=1
        a=ice-ufrag:UFRAG
        a=ice-pwd:PWD
        a=fingerprint:sha-256 AA:BB
        a=setup:passive
        a=candidate:1 1 udp 2130706431 192.0.2.9 7000 typ host
        a=candidate:2 1 tcp 1518338047 192.0.2.9 7001 typ host tcptype passive
        a=end-of-candidates
        m=video 9 UDP/TLS/RTP/SAVPF 96 97
        c=IN IP4 0.0.0.0
        a=mid:1
        a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
        a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
        a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id
        a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
        a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
        a=extmap:13 urn:3gpp:video-orientation
        a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay
        a=recvonly
        a=rtcp-mux
        a=rtcp-rsize
        a=rtpmap:96 VP8/90000
        a=rtpmap:97 rtx/90000
        a=rtcp-fb:96 nack
        a=rtcp-fb:96 nack pli
        a=rtcp-fb:96 ccm fir
        a=rtcp-fb:96 goog-remb
        a=rtcp-fb:96 transport-cc
        a=fmtp:97 apt=96
        a=ice-ufrag:UFRAG
        a=ice-pwd:PWD
        a=fingerprint:sha-256 AA:BB
        a=setup:passive
    "#]]
    .assert_eq(&settled(&agreement));
    let [sound, picture] = &agreement.media[..] else {
        panic!("two tracks")
    };
    assert_eq!(
        (sound.kind, sound.payloads[0].codec),
        (MediaKind::Audio, Codec::Opus)
    );
    assert_eq!(
        (picture.kind, picture.payloads[0].codec),
        (MediaKind::Video, Codec::Vp8)
    );
    assert_eq!(picture.payloads[0].rtx_payload_type, Some(97));
    assert_eq!(picture.remote_ssrcs.len(), 1);
    assert!(
        picture.remote_ssrcs[0].1.is_some(),
        "the retransmission stream is paired"
    );
    assert!(picture.feedback.transport_cc && picture.feedback.nack && picture.feedback.keyframe);
    assert_eq!(sound.extensions.id(Extension::AudioLevel), Some(1));
}

#[test]
fn chromium_may_receive_into_four_slots() {
    let agreement = ask(RECEIVE, Purpose::Receive).expect("a fine offer");
    expect![[r#"
        v=0
        o=…
        s=-
        t=0 0
        a=ice-lite
        a=group:BUNDLE 0 1 2 3
        a=msid-semantic: WMS *
        m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 108 109 45 46
        c=IN IP4 0.0.0.0
        a=mid:0
        a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid
        a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
        a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
        a=extmap:3 urn:3gpp:video-orientation
        a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay
        a=sendonly
        a=rtcp-mux
        a=rtcp-rsize
        a=rtpmap:96 VP8/90000
        a=rtpmap:97 rtx/90000
        a=rtpmap:98 VP9/90000
        a=rtpmap:99 rtx/90000
        a=rtpmap:108 H264/90000
        a=rtpmap:109 rtx/90000
        a=rtpmap:45 AV1/90000
        a=rtpmap:46 rtx/90000
        a=rtcp-fb:96 nack
        a=rtcp-fb:96 nack pli
        a=rtcp-fb:96 ccm fir
        a=rtcp-fb:96 goog-remb
        a=rtcp-fb:96 transport-cc
        a=rtcp-fb:98 nack
        a=rtcp-fb:98 nack pli
        a=rtcp-fb:98 ccm fir
        a=rtcp-fb:98 goog-remb
        a=rtcp-fb:98 transport-cc
        a=rtcp-fb:108 nack
        a=rtcp-fb:108 nack pli
        a=rtcp-fb:108 ccm fir
        a=rtcp-fb:108 goog-remb
        a=rtcp-fb:108 transport-cc
        a=rtcp-fb:45 nack
        a=rtcp-fb:45 nack pli
        a=rtcp-fb:45 ccm fir
        a=rtcp-fb:45 goog-remb
        a=rtcp-fb:45 transport-cc
        a=fmtp:97 apt=96
        a=fmtp:98 profile-id=0
        a=fmtp:99 apt=98
        a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
        a=fmtp:109 apt=108
        a=fmtp:46 apt=45
        a=ice-ufrag:UFRAG
        a=ice-pwd:PWD
        a=fingerprint:sha-256 AA:BB
        a=setup:passive
        a=candidate:1 1 udp 2130706431 192.0.2.9 7000 typ host
        a=candidate:2 1 tcp 1518338047 192.0.2.9 7001 typ host tcptype passive
        a=end-of-candidates
        a=msid:slot-0 video-0
        a=ssrc-group:FID MEDIA0 RTX0
        a=ssrc:MEDIA0 cname:slot-0
        a=ssrc:RTX0 cname:slot-0
        m=audio 9 UDP/TLS/RTP/SAVPF 111
        c=IN IP4 0.0.0.0
        a=mid:1
        a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid
        a=extmap:14 urn:ietf:params:rtp-hdrext:ssrc-audio-level
        a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
        a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
        a=sendonly
        a=rtcp-mux
        a=rtcp-rsize
        a=rtpmap:111 opus/48000/2
        a=rtcp-fb:111 transport-cc
        a=fmtp:111 minptime=10;useinbandfec=1
        a=ice-ufrag:UFRAG
        a=ice-pwd:PWD
        a=fingerprint:sha-256 AA:BB
        a=setup:passive
        a=msid:slot-0 audio-0
        a=ssrc:MEDIA1 cname:slot-0
        m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 108 109 45 46
        c=IN IP4 0.0.0.0
        a=mid:2
        a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid
        a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
        a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
        a=extmap:3 urn:3gpp:video-orientation
        a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay
        a=sendonly
        a=rtcp-mux
        a=rtcp-rsize
        a=rtpmap:96 VP8/90000
        a=rtpmap:97 rtx/90000
        a=rtpmap:98 VP9/90000
        a=rtpmap:99 rtx/90000
        a=rtpmap:108 H264/90000
        a=rtpmap:109 rtx/90000
        a=rtpmap:45 AV1/90000
        a=rtpmap:46 rtx/90000
        a=rtcp-fb:96 nack
        a=rtcp-fb:96 nack pli
        a=rtcp-fb:96 ccm fir
        a=rtcp-fb:96 goog-remb
        a=rtcp-fb:96 transport-cc
        a=rtcp-fb:98 nack
        a=rtcp-fb:98 nack pli
        a=rtcp-fb:98 ccm fir
        a=rtcp-fb:98 goog-remb
        a=rtcp-fb:98 transport-cc
        a=rtcp-fb:108 nack
        a=rtcp-fb:108 nack pli
        a=rtcp-fb:108 ccm fir
        a=rtcp-fb:108 goog-remb
        a=rtcp-fb:108 transport-cc
        a=rtcp-fb:45 nack
        a=rtcp-fb:45 nack pli
        a=rtcp-fb:45 ccm fir
        a=rtcp-fb:45 goog-remb
        a=rtcp-fb:45 transport-cc
        a=fmtp:97 apt=96
        a=fmtp:98 profile-id=0
        a=fmtp:99 apt=98
        a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
        a=fmtp:109 apt=108
        a=fmtp:46 apt=45
        a=ice-ufrag:UFRAG
        a=ice-pwd:PWD
        a=fingerprint:sha-256 AA:BB
        a=setup:passive
        a=msid:slot-1 video-1
        a=ssrc-group:FID MEDIA2 RTX2
        a=ssrc:MEDIA2 cname:slot-1
        a=ssrc:RTX2 cname:slot-1
        m=audio 9 UDP/TLS/RTP/SAVPF 111
        c=IN IP4 0.0.0.0
        a=mid:3
        a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid
        a=extmap:14 urn:ietf:params:rtp-hdrext:ssrc-audio-level
        a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
        a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
        a=sendonly
        a=rtcp-mux
        a=rtcp-rsize
        a=rtpmap:111 opus/48000/2
        a=rtcp-fb:111 transport-cc
        a=fmtp:111 minptime=10;useinbandfec=1
        a=ice-ufrag:UFRAG
        a=ice-pwd:PWD
        a=fingerprint:sha-256 AA:BB
        a=setup:passive
        a=msid:slot-1 audio-1
        a=ssrc:MEDIA3 cname:slot-1
    "#]]
    .assert_eq(&settled(&agreement));
    assert_eq!(agreement.media.len(), 4);
    let video = agreement
        .media
        .iter()
        .find(|media| media.kind == MediaKind::Video)
        .expect("a slot");
    let codecs: Vec<&str> = video
        .payloads
        .iter()
        .map(|payload| payload.codec.name())
        .collect();
    assert_eq!(codecs, ["VP8", "VP9", "H264", "AV1"]);
    assert!(matches!(
        video.payloads[2].codec,
        Codec::H264 {
            profile_level_id: 0x42e01f,
            packetization_mode: 1
        }
    ));
}

#[test]
fn simulcast_layers_are_taken_in_the_order_offered() {
    let agreement = ask(SIMULCAST, Purpose::Publish).expect("a fine offer");
    assert_eq!(agreement.media[0].rids, ["q", "h", "f"]);
    assert!(agreement.answer.contains("a=rid:h recv\r\n"));
    assert!(agreement.answer.contains("a=simulcast:recv q;h;f\r\n"));
}

#[test]
fn an_encoder_with_h264_only_and_no_mids_is_answered() {
    let offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n\
        a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=setup:active\r\n\
        a=fingerprint:SHA-256 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=sendonly\r\na=rtcp-mux\r\n\
        a=rtpmap:97 H264/90000\r\na=fmtp:97 packetization-mode=1;profile-level-id=42c01e\r\n\
        a=rtpmap:96 H265/90000\r\na=rtcp-fb:* nack pli\r\n";
    let agreement = ask(offer, Purpose::Publish).expect("a fine offer");
    assert_eq!(agreement.media[0].mid, "0");
    assert_eq!(agreement.media[0].payloads[0].payload_type, 97);
    assert!(agreement.media[0].feedback.keyframe);
    assert!(!agreement.answer.contains("a=mid"), "none was offered");
    assert_eq!(agreement.fingerprint[31], 0x1f);
}

#[test]
fn refusals_name_what_is_missing() {
    let without = |what: &str| -> String {
        PUBLISH
            .lines()
            .filter(|line| !line.contains(what))
            .map(|line| format!("{line}\r\n"))
            .collect()
    };
    let refusal = |offer: &str, purpose| ask(offer, purpose).expect_err("a bad offer").code();
    let publish = Purpose::Publish;
    assert_eq!(refusal("", publish), "media.offer_malformed");
    assert_eq!(refusal("v=0\r\nnonsense", publish), "media.offer_malformed");
    assert_eq!(
        refusal(&"v=0\r\n".repeat(20_000), publish),
        "media.offer_too_long"
    );
    assert_eq!(
        refusal(&without("a=fingerprint"), publish),
        "media.no_fingerprint"
    );
    assert_eq!(
        refusal(&PUBLISH.replace("sha-256", "sha-1"), publish),
        "media.no_fingerprint"
    );
    assert_eq!(
        refusal(&without("a=ice-pwd"), publish),
        "media.no_ice_credentials"
    );
    assert_eq!(refusal(&without("a=group"), publish), "media.no_bundle");
    assert_eq!(
        refusal(&without("a=rtcp-mux"), publish),
        "media.no_rtcp_mux"
    );
    assert_eq!(
        refusal(&without("a=rtpmap"), publish),
        "media.no_usable_codec"
    );
    assert_eq!(
        refusal(&PUBLISH.replace("setup:actpass", "setup:passive"), publish),
        "media.not_an_offer"
    );
    assert_eq!(refusal(PUBLISH, Purpose::Receive), "media.no_usable_media");
    assert_eq!(refusal(&without("m="), publish), "media.no_usable_media");
    let many = format!(
        "v=0\r\n{}",
        "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n".repeat(100)
    );
    assert_eq!(refusal(&many, publish), "media.too_many_sections");
}

#[test]
fn a_section_nobody_can_use_is_refused_alone() {
    let offer = format!(
        "{PUBLISH}m=application 9 UDP/DTLS/SCTP webrtc-datachannel\na=mid:2\na=sctp-port:5000\n"
    );
    let agreement = ask(&offer, Purpose::Publish).expect("the rest is fine");
    assert_eq!(agreement.media.len(), 2);
    assert!(
        agreement
            .answer
            .contains("m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n")
    );
    assert!(agreement.answer.contains("a=group:BUNDLE 0 1\r\n"));
}

#[test]
fn fragments_are_read() {
    let fragment = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n\
        a=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n";
    assert_eq!(
        Fragment::parse(fragment)
            .expect("fine")
            .ice
            .expect("credentials")
            .ufrag,
        "abcd"
    );
    assert_eq!(
        Fragment::parse("a=end-of-candidates\r\n"),
        Ok(Fragment { ice: None })
    );
    assert_eq!(
        Fragment::parse("a=ice-ufrag:abcd"),
        Err(OfferRefusal::NoIce)
    );
    assert_eq!(Fragment::parse("nonsense"), Err(OfferRefusal::Malformed));
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_fall_over(text in "(v=0\r\n)?(([a-z]=)?[ -~éä]{0,40}\r?\n){0,20}") {
        let _ = ask(&text, Purpose::Publish);
        let _ = Fragment::parse(&text);
    }

    #[test]
    fn a_spoilt_offer_is_refused_or_answered_in_whole_lines(
        at in 0..PUBLISH.len(), len in 0_usize..200, with in "[ -~]{0,20}", purpose in any::<bool>(),
    ) {
        let mut bytes = if purpose { PUBLISH } else { RECEIVE }.as_bytes().to_vec();
        let at = at.min(bytes.len());
        let end = (at + len).min(bytes.len());
        bytes.splice(at..end, with.bytes());
        let purpose = if purpose { Purpose::Publish } else { Purpose::Receive };
        if let Ok(agreement) = ask(&String::from_utf8_lossy(&bytes), purpose) {
            let whole = |line: &str| line.as_bytes().get(1) == Some(&b'=') && !line.contains(['\r', '\n']);
            let all_whole = agreement.answer.split_terminator("\r\n").all(whole);
            prop_assert!(all_whole, "the answer has a broken line");
        }
    }
}
