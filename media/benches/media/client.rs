//! A light WebRTC client: one socket, ICE, DTLS with an AEAD profile only, SRTP.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use fenghuotai_media::rtcp::write;
use fenghuotai_media::rtp::Header;
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
/// What every client's description says; nobody here attacks anybody.
pub const PWD: &str = "loadloadloadloadloadload";
pub const PUBLISHED_SSRC: u32 = 0x1000_0001;
pub const PAYLOAD_TYPE: u8 = 96;
pub const TRANSPORT_CC_ID: u8 = 3;
const TRANSPORT_CC: &str =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
/// About a hundred milliseconds of a 1.5 Mbit/s stream.
const ARRIVALS_PER_REPORT: usize = 20;
/// A few packets are reported too: they may be all that a server sends until it hears of them.
const REPORT_WITHIN: Duration = Duration::from_millis(50);

/// The certificate all clients share; what a handshake costs the server is the same.
pub struct Identity {
    config: Arc<HandshakeConfig>,
    pub fingerprint: String,
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
    /// How long it took until media could flow.
    pub joined_in: Duration,
    /// Arrivals to report, when the server numbers its packets across the transport.
    reports_arrivals: bool,
    arrivals: Vec<(u16, Instant)>,
    reports: u8,
    begun: Instant,
    username: String,
    pwd: String,
    checks: u64,
    checked_by_server: bool,
}

impl Client {
    /// Offers, checks, shakes hands; blocks until media may flow.
    pub fn join(server: &mut Server, identity: &Identity, word: &str) -> io::Result<Self> {
        let begun = Instant::now();
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        let ufrag = ufrag(&socket)?;
        let answer = server.ask(word, &offer(word, &ufrag, &identity.fingerprint))?;
        Self::connect(socket, begun, &answer, &ufrag, identity)
    }

    /// Checks and shakes hands with the server that wrote this description; blocks until media may flow.
    pub fn connect(
        socket: UdpSocket,
        begun: Instant,
        description: &str,
        ufrag: &str,
        identity: &Identity,
    ) -> io::Result<Self> {
        let value = |name: &str| {
            let mut lines = description.lines();
            let line = lines.find_map(|line| line.strip_prefix(name));
            line.map(str::trim).ok_or_else(|| {
                io::Error::other(format!("the description has no {name}: {description}"))
            })
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
        let numbered = value(&format!("a=extmap:{TRANSPORT_CC_ID} {TRANSPORT_CC}"));
        let reports_arrivals = numbered.is_ok() && description.contains(" transport-cc");
        socket.connect::<SocketAddr>(remote)?;
        socket.set_read_timeout(Some(Duration::from_millis(20)))?;
        // Who writes `ice-lite` waits for checks; any other server checks us.
        let checked_by_server = description.contains("a=setup:actpass");
        let session = handshake(
            &socket,
            remote,
            identity,
            &username,
            &pwd,
            checked_by_server,
        )?;
        socket.set_nonblocking(true)?;
        Ok(Self {
            socket,
            session,
            ssrc: ssrc.unwrap_or(0),
            joined_in: begun.elapsed(),
            reports_arrivals,
            arrivals: Vec::new(),
            reports: 0,
            begun,
            username,
            pwd,
            checks: 100,
            checked_by_server,
        })
    }

    /// What a client sends about once a second: a consent check and a receiver report.
    pub fn maintain(&mut self) {
        self.checks += 1;
        if !self.checked_by_server {
            let check = stun::request(&self.username, &self.pwd, self.checks);
            let _ = self.socket.send(&check);
        }
        let mut report = Vec::with_capacity(64);
        let block = fenghuotai_media::rtcp::ReportBlock {
            ssrc: self.ssrc,
            ..Default::default()
        };
        write::receiver_report(&mut report, 1, &[block]);
        self.control(report);
        self.report_arrivals();
    }
}

impl Client {
    /// Takes note of a packet, still sealed, and reports a hundred milliseconds' worth of arrivals at once.
    pub fn arrived(&mut self, packet: &[u8]) {
        if !self.reports_arrivals {
            return;
        }
        let number = Header::parse(packet).and_then(|header| {
            let mut elements = header.elements(packet);
            let (_, value) = elements.find(|(id, _)| *id == TRANSPORT_CC_ID)?;
            Some(u16::from_be_bytes(value.try_into().ok()?))
        });
        if let Some(number) = number {
            self.arrivals.push((number, Instant::now()));
        }
        let waited = self
            .arrivals
            .first()
            .is_some_and(|(_, first)| first.elapsed() >= REPORT_WITHIN);
        if self.arrivals.len() >= ARRIVALS_PER_REPORT || waited {
            self.report_arrivals();
        }
    }

    fn report_arrivals(&mut self) {
        if self.arrivals.is_empty() {
            return;
        }
        let arrivals = std::mem::take(&mut self.arrivals);
        let (first, last) = (arrivals[0].0, arrivals[arrivals.len() - 1].0);
        let span = (0..=last.wrapping_sub(first).min(1_000)).map(|offset| {
            let number = first.wrapping_add(offset);
            let (_, at) = arrivals.iter().find(|(known, _)| *known == number)?;
            Some(at.duration_since(self.begun).as_micros() as u64)
        });
        let mut report = Vec::with_capacity(128);
        let span: Vec<Option<u64>> = span.collect();
        write::transport_feedback(
            &mut report,
            1,
            self.ssrc,
            first,
            self.reports,
            span.into_iter(),
        );
        self.reports = self.reports.wrapping_add(1);
        self.control(report);
    }

    fn control(&mut self, mut control: Vec<u8>) {
        let len = control.len();
        control.resize(len + OVERHEAD_MAX, 0);
        if let Ok(len) = self.session.outbound.protect_rtcp(&mut control, len) {
            let _ = self.socket.send(&control[..len]);
        }
    }
}

fn handshake(
    socket: &UdpSocket,
    remote: SocketAddr,
    identity: &Identity,
    username: &str,
    pwd: &str,
    checked_by_server: bool,
) -> io::Result<srtp::Session> {
    let mut dtls = Endpoint::new(socket.local_addr()?, TransportProtocol::UDP, None);
    let mut buffer = [0; 2048];
    let mut checks = 0;
    let mut begun = false;
    let started = Instant::now();
    while started.elapsed() < JOIN_WITHIN {
        let now = Instant::now();
        if !begun && !checked_by_server {
            checks += 1;
            socket.send(&stun::request(username, pwd, checks))?;
        } else if begun && dtls.poll_timeout(&remote).is_some_and(|at| at <= now) {
            dtls.handle_timeout(remote, now).map_err(io::Error::other)?;
        }
        let received = socket.recv(&mut buffer).unwrap_or(0);
        let now = Instant::now();
        let mut proven = stun::is_success(&buffer[..received]);
        if let Some((answer, nominated)) = stun::answer(&buffer[..received], remote, PWD) {
            socket.send(&answer)?;
            proven = nominated;
        }
        if proven && !begun {
            begun = true;
            if checked_by_server {
                // Its path opens a moment after the nomination; a hello that comes too early costs a second.
                std::thread::sleep(Duration::from_millis(20));
            }
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

/// A name that no other client has at the same time.
pub fn ufrag(socket: &UdpSocket) -> io::Result<String> {
    Ok(format!("load{}", socket.local_addr()?.port()))
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
        format!("a=ice-pwd:{PWD}"),
        format!("a=fingerprint:sha-256 {fingerprint}"),
        // The server has to be the passive side: an ICE-lite server never opens.
        "a=setup:active".to_owned(),
        "a=mid:0".to_owned(),
        "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid".to_owned(),
        "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time".to_owned(),
        format!("a=extmap:{TRANSPORT_CC_ID} {TRANSPORT_CC}"),
        format!("a={}", if publishes { "sendonly" } else { "recvonly" }),
        "a=rtcp-mux".to_owned(),
        "a=rtcp-rsize".to_owned(),
        format!("a=rtpmap:{PAYLOAD_TYPE} VP8/90000"),
        format!("a=rtcp-fb:{PAYLOAD_TYPE} transport-cc"),
        format!("a=rtcp-fb:{PAYLOAD_TYPE} nack"),
        format!("a=rtcp-fb:{PAYLOAD_TYPE} nack pli"),
        format!("a=rtcp-fb:{PAYLOAD_TYPE} ccm fir"),
        "a=rtpmap:97 rtx/90000".to_owned(),
        format!("a=fmtp:97 apt={PAYLOAD_TYPE}"),
    ];
    if !publishes {
        // With an estimator on each leg the servers would be measured at different rates.
        lines.retain(|line| !line.contains("transport-cc") && !line.contains(TRANSPORT_CC));
    }
    if publishes {
        let rtx = PUBLISHED_SSRC + 1;
        lines.push("a=msid:load picture".to_owned());
        lines.push(format!("a=ssrc-group:FID {PUBLISHED_SSRC} {rtx}"));
        lines.push(format!("a=ssrc:{PUBLISHED_SSRC} cname:load"));
        lines.push(format!("a=ssrc:{rtx} cname:load"));
    }
    lines.join("\r\n") + "\r\n"
}
