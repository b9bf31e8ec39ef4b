//! A light WebRTC client: one socket, ICE, DTLS with an AEAD profile only, SRTP.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use fenghuotai_media::srtp::{self, DtlsRole, OVERHEAD_MAX, SrtpProfile};
use rtc_dtls::config::{ConfigBuilder, HandshakeConfig};
use rtc_dtls::crypto::Certificate;
use rtc_dtls::crypto_provider::default_provider;
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc_shared::TransportProtocol;
use sha2::{Digest, Sha256};

use crate::control::Server;
use crate::stun;

const PROFILE: SrtpProfile = SrtpProfile::AeadAes128Gcm;
const JOIN_WITHIN: Duration = Duration::from_secs(10);
pub const PUBLISHED_SSRC: u32 = 0x1000_0001;
pub const PAYLOAD_TYPE: u8 = 96;

/// The certificate all clients share; what a handshake costs the server is the same.
pub struct Identity {
    config: Arc<HandshakeConfig>,
    fingerprint: String,
}

impl Identity {
    pub fn generate() -> io::Result<Self> {
        let provider = default_provider().map_err(io::Error::other)?;
        let certificate =
            Certificate::generate_self_signed(vec!["load".to_owned()], provider.crypto())
                .map_err(io::Error::other)?;
        let digest = Sha256::digest(&certificate.certificate[0]);
        let fingerprint: Vec<String> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
        let config = ConfigBuilder::default()
            .with_crypto_provider(provider)
            .with_certificates(vec![certificate])
            .with_srtp_protection_profiles(vec![SrtpProtectionProfile::from(PROFILE.wire_id())])
            // A load client trusts the server it has just started.
            .with_insecure_skip_verify(true)
            .build(true, Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 1))))
            .map_err(io::Error::other)?;
        Ok(Self {
            config: Arc::new(config),
            fingerprint: fingerprint.join(":"),
        })
    }
}

pub struct Client {
    pub socket: UdpSocket,
    pub session: srtp::Session,
    /// The SSRC the server announced for what we receive.
    pub ssrc: u32,
    username: String,
    pwd: String,
    checks: u64,
}

impl Client {
    /// Offers, checks, shakes hands; blocks until media may flow.
    pub fn join(server: &mut Server, identity: &Identity, word: &str) -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        let number = socket.local_addr()?.port();
        let ufrag = format!("load{number}");
        let answer = server.ask(word, &offer(word, &ufrag, &identity.fingerprint))?;
        let value = |name: &str| {
            let line = answer.lines().find_map(|line| line.strip_prefix(name));
            line.map(str::trim)
                .ok_or_else(|| io::Error::other(format!("the answer has no {name}: {answer}")))
        };
        let candidate: Vec<&str> = value("a=candidate:")?.split_whitespace().collect();
        let remote = format!("{}:{}", candidate[4], candidate[5])
            .parse()
            .map_err(io::Error::other)?;
        let ssrc = value("a=ssrc:")
            .ok()
            .and_then(|line| line.split_whitespace().next()?.parse().ok());
        let username = format!("{}:{ufrag}", value("a=ice-ufrag:")?);
        let pwd = value("a=ice-pwd:")?.to_owned();
        socket.connect::<SocketAddr>(remote)?;
        socket.set_read_timeout(Some(Duration::from_millis(20)))?;
        let session = handshake(&socket, remote, identity, &username, &pwd)?;
        socket.set_nonblocking(true)?;
        Ok(Self {
            socket,
            session,
            ssrc: ssrc.unwrap_or(0),
            username,
            pwd,
            checks: 100,
        })
    }

    /// What a client sends about once a second: a consent check and a receiver report.
    pub fn maintain(&mut self) {
        self.checks += 1;
        let _ = self
            .socket
            .send(&stun::request(&self.username, &self.pwd, self.checks));
        let mut report = Vec::with_capacity(64);
        let block = fenghuotai_media::rtcp::ReportBlock {
            ssrc: self.ssrc,
            ..Default::default()
        };
        fenghuotai_media::rtcp::write::receiver_report(&mut report, 1, &[block]);
        let len = report.len();
        report.resize(len + OVERHEAD_MAX, 0);
        if let Ok(len) = self.session.outbound.protect_rtcp(&mut report, len) {
            let _ = self.socket.send(&report[..len]);
        }
    }
}

fn handshake(
    socket: &UdpSocket,
    remote: SocketAddr,
    identity: &Identity,
    username: &str,
    pwd: &str,
) -> io::Result<srtp::Session> {
    let mut dtls = Endpoint::new(socket.local_addr()?, TransportProtocol::UDP, None);
    let mut buffer = [0; 2048];
    let mut checks = 0;
    let mut begun = false;
    let started = Instant::now();
    while started.elapsed() < JOIN_WITHIN {
        let now = Instant::now();
        if !begun {
            checks += 1;
            socket.send(&stun::request(username, pwd, checks))?;
        } else if dtls.poll_timeout(&remote).is_some_and(|at| at <= now) {
            dtls.handle_timeout(remote, now).map_err(io::Error::other)?;
        }
        let received = socket.recv(&mut buffer).unwrap_or(0);
        let now = Instant::now();
        if stun::is_success(&buffer[..received]) && !begun {
            begun = true;
            dtls.connect(now, remote, Arc::clone(&identity.config), None)
                .map_err(io::Error::other)?;
        } else if received > 0 && (20..64).contains(&buffer[0]) {
            let events = dtls
                .read(now, remote, None, BytesMut::from(&buffer[..received]))
                .map_err(io::Error::other)?;
            let complete = events
                .iter()
                .any(|event| matches!(event, EndpointEvent::HandshakeComplete));
            while let Some(out) = dtls.poll_transmit() {
                socket.send(&out.message)?;
            }
            if complete {
                return keys(&dtls, remote);
            }
        }
        while let Some(out) = dtls.poll_transmit() {
            socket.send(&out.message)?;
        }
    }
    Err(io::Error::other(format!(
        "no handshake within {JOIN_WITHIN:?}; checked: {begun}"
    )))
}

fn keys(dtls: &Endpoint, remote: SocketAddr) -> io::Result<srtp::Session> {
    let state = dtls
        .get_connection_state(remote)
        .ok_or_else(|| io::Error::other("no connection"))?;
    let material = state
        .export_keying_material("EXTRACTOR-dtls_srtp", &[], PROFILE.keying_material_len())
        .map_err(io::Error::other)?;
    srtp::Session::from_keying_material(PROFILE, material.as_ref(), DtlsRole::Client)
        .map_err(io::Error::other)
}

fn offer(word: &str, ufrag: &str, fingerprint: &str) -> String {
    let publishes = word == "publish";
    let mut lines = vec![
        "v=0".to_owned(),
        "o=- 1 1 IN IP4 127.0.0.1".to_owned(),
        "s=-".to_owned(),
        "t=0 0".to_owned(),
        "a=group:BUNDLE 0".to_owned(),
        "a=msid-semantic: WMS *".to_owned(),
        format!("m=video 9 UDP/TLS/RTP/SAVPF {PAYLOAD_TYPE} 97"),
        "c=IN IP4 0.0.0.0".to_owned(),
        "a=rtcp:9 IN IP4 0.0.0.0".to_owned(),
        format!("a=ice-ufrag:{ufrag}"),
        "a=ice-pwd:loadloadloadloadloadload".to_owned(),
        format!("a=fingerprint:sha-256 {fingerprint}"),
        // The server has to be the passive side: an ICE-lite server never opens.
        "a=setup:active".to_owned(),
        "a=mid:0".to_owned(),
        "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid".to_owned(),
        "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time".to_owned(),
        format!("a={}", if publishes { "sendonly" } else { "recvonly" }),
        "a=rtcp-mux".to_owned(),
        "a=rtcp-rsize".to_owned(),
        format!("a=rtpmap:{PAYLOAD_TYPE} VP8/90000"),
        format!("a=rtcp-fb:{PAYLOAD_TYPE} nack"),
        format!("a=rtcp-fb:{PAYLOAD_TYPE} nack pli"),
        format!("a=rtcp-fb:{PAYLOAD_TYPE} ccm fir"),
        "a=rtpmap:97 rtx/90000".to_owned(),
        format!("a=fmtp:97 apt={PAYLOAD_TYPE}"),
    ];
    if publishes {
        let rtx = PUBLISHED_SSRC + 1;
        lines.push("a=msid:load picture".to_owned());
        lines.push(format!("a=ssrc-group:FID {PUBLISHED_SSRC} {rtx}"));
        lines.push(format!("a=ssrc:{PUBLISHED_SSRC} cname:load"));
        lines.push(format!("a=ssrc:{rtx} cname:load"));
    }
    lines.join("\r\n") + "\r\n"
}
