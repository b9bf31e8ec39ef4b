//! Engines and clients in virtual time: real checks, real handshakes, real SRTP, no socket.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use rtc_dtls::config::{ConfigBuilder, ExtendedMasterSecretType, HandshakeConfig};
use rtc_dtls::crypto::Certificate;
use rtc_dtls::crypto_provider::default_provider;
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc_shared::TransportProtocol;
use sha2::{Digest, Sha256};

use super::super::{Admission, Directory, Engine, MediaEvent, Sink, Whose};
use crate::dtls::Identity;
use crate::ice::stun;
use crate::net::{Class, Remote};
use crate::router::{
    Feedback, Foreign, PeerId, RouteSpec, RouterConfig, Shard, SlotId, SlotSpec, SourceId,
    SourceSpec,
};
use crate::rtp::{Codec, ExtensionMap, Header, MediaKind, Payload};
use crate::sdp::IceCredentials;
use crate::srtp::{self, DtlsRole, OVERHEAD_MAX, SrtpProfile, is_rtcp};

const VIDEO: Payload = Payload {
    payload_type: 96,
    rtx_payload_type: Some(97),
    codec: Codec::Vp8,
    clock_rate_hz: 90_000,
};
const PROFILE: SrtpProfile = SrtpProfile::AeadAes128Gcm;

/// A UDP address of the documentation network.
pub fn address(host: u8, port: u16) -> Remote {
    Remote::udp(SocketAddr::from(([192, 0, 2, host], port)))
}

pub struct World {
    pub now: Instant,
    pub engines: Vec<Engine>,
    pub events: Vec<MediaEvent>,
    /// What has been sent to each address and not been taken.
    mail: BTreeMap<Remote, Vec<Vec<u8>>>,
    specs: BTreeMap<SourceId, (Shard, PeerId, SourceSpec)>,
    client: Arc<HandshakeConfig>,
    fingerprint: [u8; 32],
    next: u64,
}

/// One peer's other end.
pub struct Client {
    pub peer: PeerId,
    pub shard: usize,
    pub source: SourceId,
    pub slot: SlotId,
    /// Where it is.
    pub at: Remote,
    pub local: IceCredentials,
    remote_ufrag: String,
    dtls: Endpoint,
    pub session: Option<srtp::Session>,
    pub ssrc: u32,
    sequence: u16,
    /// Plain media packets, with the address they came to.
    pub heard: Vec<(Remote, Vec<u8>)>,
    pub keyframe_requests: usize,
}

impl World {
    /// So many engines on one port.
    pub fn new(shards: usize) -> Self {
        let (now, wall) = (Instant::now(), Duration::from_secs(1_790_000_000));
        let identity = Arc::new(Identity::generate().expect("randomness"));
        let directory = Arc::new(Directory::default());
        let engine = |at| {
            let engine = Engine::new(Arc::clone(&identity), RouterConfig::default(), now, wall);
            if shards == 1 {
                engine
            } else {
                engine.in_group(Shard(at), Arc::clone(&directory))
            }
        };
        let engines = (0..shards).map(engine).collect();
        let provider = default_provider().expect("a provider is compiled in");
        let certificate =
            Certificate::generate_self_signed(vec!["client".to_owned()], provider.crypto())
                .expect("a certificate");
        let fingerprint = Sha256::digest(&certificate.certificate[0]).into();
        let client = ConfigBuilder::default()
            .with_crypto_provider(provider)
            .with_certificates(vec![certificate])
            .with_srtp_protection_profiles(vec![SrtpProtectionProfile::from(PROFILE.wire_id())])
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .with_insecure_skip_verify(true)
            .build(true, Some(address(0, 1).addr))
            .expect("a client configuration");
        Self {
            now,
            engines,
            events: Vec::new(),
            mail: BTreeMap::new(),
            specs: BTreeMap::new(),
            client: Arc::new(client),
            fingerprint,
            next: 0,
        }
    }

    /// A peer that has been admitted and has not said anything.
    pub fn admit(&mut self, shard: usize, at: Remote, publishes: bool) -> Client {
        self.next += 1;
        let number = self.next;
        let (peer, source, slot) = (PeerId(number), SourceId(number), SlotId(number));
        let ssrc = 1_000 * number as u32;
        let feedback = Feedback {
            nack: true,
            keyframe: true,
            ..Feedback::default()
        };
        let spec = SourceSpec {
            source,
            kind: MediaKind::Video,
            mid: "0".to_owned(),
            payloads: vec![VIDEO],
            extensions: ExtensionMap::default(),
            feedback,
            ssrcs: vec![(ssrc, Some(ssrc + 1))],
            rids: Vec::new(),
        };
        let place = SlotSpec {
            slot,
            kind: MediaKind::Video,
            mid: "0".to_owned(),
            payloads: vec![VIDEO],
            extensions: ExtensionMap::default(),
            feedback,
            ssrc,
            rtx_ssrc: Some(ssrc + 1),
            cname: "here".to_owned(),
        };
        let local = IceCredentials::generate();
        let remote_ufrag = format!("far{number}");
        if publishes {
            let entry = (Shard(shard), peer, spec.clone());
            self.specs.insert(source, entry);
        }
        let admission = Admission {
            peer,
            local_ice: local.clone(),
            remote_ufrag: remote_ufrag.clone(),
            fingerprint: self.fingerprint,
            sources: publishes.then_some(spec).into_iter().collect(),
            slots: (!publishes).then_some(place).into_iter().collect(),
        };
        if let Some(group) = &self.engines[shard].group {
            group.directory.announce(&local.ufrag, Shard(shard));
        }
        self.engines[shard].admit(self.now, admission);
        Client {
            peer,
            shard,
            source,
            slot,
            at,
            local,
            remote_ufrag,
            dtls: Endpoint::new(at.addr, TransportProtocol::UDP, None),
            session: None,
            ssrc,
            sequence: 0,
            heard: Vec::new(),
            keyframe_requests: 0,
        }
    }

    /// A peer that has keys.
    pub fn join(&mut self, shard: usize, at: Remote, publishes: bool) -> Client {
        let mut client = self.admit(shard, at, publishes);
        client.check(self, true);
        let server = address(0, 1).addr;
        let config = Arc::clone(&self.client);
        client
            .dtls
            .connect(self.now, server, config, None)
            .expect("a first flight");
        for _ in 0..20 {
            while let Some(flight) = client.dtls.poll_transmit() {
                self.put(shard, client.at, &flight.message);
            }
            self.turn();
            client.take(self);
            if client.session.is_some() {
                break;
            }
        }
        assert!(client.session.is_some(), "the handshake came to an end");
        // Every client reports once a second; the first tells that it has its keys.
        client.control(self, |out| crate::rtcp::write::receiver_report(out, 1, &[]));
        self.turn();
        client
    }

    pub fn route(&mut self, to: &Client, from: &Client) {
        let (shard, publisher, spec) = self.specs[&from.source].clone();
        let engine = &mut self.engines[to.shard];
        if shard != Shard(to.shard) {
            let foreign = Foreign {
                from: shard,
                publisher,
                spec: Arc::new(spec),
            };
            engine.mirror(self.now, &foreign);
        }
        engine
            .route(self.now, to.slot, Some(from.source), RouteSpec::default())
            .expect("they fit");
        self.turn();
    }

    /// The kernel gives a datagram to an engine.
    pub fn put(&mut self, shard: usize, from: Remote, datagram: &[u8]) {
        let mut bytes = datagram.to_vec();
        let now = self.now;
        let shard = match self.engines[shard].sort(now, from, &bytes) {
            Whose::Ours => shard,
            Whose::Other(Shard(owner)) => owner,
            Whose::Nobodys => return,
        };
        self.engines[shard].handle_datagram(now, from, &mut bytes, Duration::ZERO);
    }

    /// What a worker does at the end of its turn, for all of them until nobody has anything to say.
    pub fn turn(&mut self) {
        loop {
            let mut quiet = true;
            for at in 0..self.engines.len() {
                if self.engines[at].poll_timeout() <= self.now {
                    self.engines[at].handle_timeout(self.now);
                }
                let mut mail = Mail(None, Vec::new(), &mut self.mail);
                self.engines[at].flush(self.now, &mut mail);
                while let Some((to, notice)) = self.engines[at].poll_notice() {
                    quiet = false;
                    self.engines[to.0].take_notice(self.now, Shard(at), notice);
                }
                while let Some(event) = self.engines[at].poll_event() {
                    self.events.push(event);
                }
            }
            if quiet {
                return;
            }
        }
    }

    /// Lets time pass, waking the engines when due.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let next = self.engines.iter().map(Engine::poll_timeout).min();
            let Some(next) = next.filter(|next| *next <= end) else {
                break;
            };
            self.now = self.now.max(next);
            self.turn();
        }
        self.now = end;
        self.turn();
    }

    /// What has come to an address.
    pub fn mail(&mut self, to: Remote) -> Vec<Vec<u8>> {
        self.mail.remove(&to).unwrap_or_default()
    }
}

impl Client {
    /// A connectivity check as this client sends it.
    pub fn request(&self, pwd: &str, nominate: bool) -> Vec<u8> {
        let name = format!("{}:{}", self.local.ufrag, self.remote_ufrag);
        stun::request(&name, pwd, 100, nominate)
    }

    /// Checks from where it is; true when it was answered.
    pub fn check(&mut self, world: &mut World, nominate: bool) -> bool {
        let request = self.request(&self.local.pwd, nominate);
        let mut before = world.mail(self.at);
        world.put(self.shard, self.at, &request);
        world.turn();
        let mail = world.mail(self.at);
        let answered = mail
            .iter()
            .any(|datagram| Class::of(datagram) == Class::Stun && datagram[..2] == [1, 1]);
        before.extend(mail);
        world.mail.insert(self.at, before);
        answered
    }

    /// Begins anew, as after a PATCH with new credentials.
    pub fn restart(&mut self, world: &mut World) {
        self.local = IceCredentials::generate();
        self.remote_ufrag.push('n');
        let engine = &mut world.engines[self.shard];
        if let Some(group) = &engine.group {
            group
                .directory
                .announce(&self.local.ufrag, Shard(self.shard));
        }
        let remote = self.remote_ufrag.clone();
        engine.restart_ice(world.now, self.peer, self.local.clone(), remote);
    }

    /// Reads what has come to where it is.
    pub fn take(&mut self, world: &mut World) {
        let server = address(0, 1).addr;
        for mut datagram in world.mail(self.at) {
            match Class::of(&datagram) {
                Class::Dtls => {
                    let bytes = BytesMut::from(&datagram[..]);
                    let events = self.dtls.read(world.now, server, None, bytes);
                    let complete =
                        |event: &EndpointEvent| matches!(event, EndpointEvent::HandshakeComplete);
                    if events.expect("a fine flight").iter().any(complete) {
                        let state = self.dtls.get_connection_state(server).expect("connected");
                        let len = PROFILE.keying_material_len();
                        let keys = state
                            .export_keying_material("EXTRACTOR-dtls_srtp", &[], len)
                            .expect("keys");
                        let keys = keys.as_ref();
                        let session =
                            srtp::Session::from_keying_material(PROFILE, keys, DtlsRole::Client);
                        self.session = Some(session.expect("right length"));
                    }
                }
                Class::Media => self.open(&mut datagram),
                Class::Stun | Class::Other => {}
            }
        }
    }

    fn open(&mut self, datagram: &mut [u8]) {
        let Some(session) = &mut self.session else {
            return;
        };
        if is_rtcp(datagram) {
            let len = session.inbound.unprotect_rtcp(datagram).expect("authentic");
            let asks = crate::rtcp::read::messages(&datagram[..len]).filter(|message| {
                matches!(message, crate::rtcp::read::Message::KeyframeRequest { .. })
            });
            self.keyframe_requests += asks.count();
        } else {
            let len = session.inbound.unprotect_rtp(datagram).expect("authentic");
            self.heard.push((self.at, datagram[..len].to_vec()));
        }
    }

    /// The next packet of its stream, sealed: a whole key frame.
    pub fn packet(&mut self) -> Vec<u8> {
        self.sequence = self.sequence.wrapping_add(1);
        let mut packet = vec![0x80, 0x80 | VIDEO.payload_type];
        packet.extend(self.sequence.to_be_bytes());
        packet.extend((u32::from(self.sequence) * 3_000).to_be_bytes());
        packet.extend(self.ssrc.to_be_bytes());
        let [high, low] = (0x8000 | (self.sequence & 0x7fff)).to_be_bytes();
        packet.extend([0x90, 0x80, high, low, 0, 0, 0, 0x9d, 0x01, 0x2a]);
        packet.extend([7; 200]);
        let len = packet.len();
        packet.resize(len + OVERHEAD_MAX, 0);
        let session = self.session.as_mut().expect("connected");
        let len = session.outbound.protect_rtp(&mut packet, len).expect("RTP");
        packet.truncate(len);
        packet
    }

    /// Sends the next packet of its stream.
    pub fn send(&mut self, world: &mut World) {
        let packet = self.packet();
        world.put(self.shard, self.at, &packet);
    }

    /// A control packet, sealed.
    pub fn sealed(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut control = Vec::new();
        write(&mut control);
        let len = control.len();
        control.resize(len + OVERHEAD_MAX, 0);
        let session = self.session.as_mut().expect("connected");
        let len = session
            .outbound
            .protect_rtcp(&mut control, len)
            .expect("RTCP");
        control.truncate(len);
        control
    }

    pub fn control(&mut self, world: &mut World, write: impl FnOnce(&mut Vec<u8>)) {
        let control = self.sealed(write);
        world.put(self.shard, self.at, &control);
    }

    /// Sequence numbers heard on the media stream.
    pub fn sequences(&self) -> Vec<u16> {
        let headers = self
            .heard
            .iter()
            .filter_map(|(_, packet)| Header::parse(packet));
        headers
            .filter(|header| header.ssrc == self.ssrc)
            .map(|header| header.sequence)
            .collect()
    }
}

/// A sink that keeps every datagram by where it goes.
struct Mail<'a>(
    Option<Remote>,
    Vec<u8>,
    &'a mut BTreeMap<Remote, Vec<Vec<u8>>>,
);

impl Sink for Mail<'_> {
    fn open(&mut self, to: Remote) -> bool {
        self.0 = Some(to);
        true
    }

    fn room(&mut self, len: usize) -> &mut [u8] {
        self.1.resize(len, 0);
        &mut self.1
    }

    fn commit(&mut self, len: usize) {
        if let Some(to) = self.0 {
            self.2.entry(to).or_default().push(self.1[..len].to_vec());
        }
    }
}
