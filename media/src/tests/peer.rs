//! A client made of `str0m` and a loopback socket, speaking as tests do: publish, receive, send a picture.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use str0m::change::SdpAnswer;
use str0m::media::{Direction, MediaKind, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpWrite, SeqNo};
use str0m::{Candidate, Event, Input, Output, Rtc};

use crate::{Media, MediaConfig, MediaEvent, Published, Received};

/// Longest any test waits for something that should happen at once; generous because builds share the machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

pub fn server() -> (Media, Receiver<MediaEvent>) {
    server_of(1)
}

/// With two workers the first peer is at one, the second at the other.
pub fn server_of(workers: usize) -> (Media, Receiver<MediaEvent>) {
    let config = MediaConfig {
        workers,
        ..MediaConfig::default()
    };
    Media::start(config).expect("loopback is there")
}

/// A media packet as it arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    pub at: Instant,
    pub ssrc: u32,
    pub sequence: u16,
    pub timestamp: u32,
    pub payload: Vec<u8>,
}

pub struct Peer {
    rtc: Rtc,
    socket: UdpSocket,
    address: SocketAddr,
    pub connected: bool,
    pub arrived: Vec<Arrived>,
    pub keyframe_requests: usize,
    /// Every so many media packets are lost, in each direction; 0: none.
    pub lose_every: usize,
    passed: usize,
    tracks: Vec<Track>,
    buffer: Vec<u8>,
}

struct Track {
    mid: Mid,
    kind: MediaKind,
    pt: Pt,
    sequence: u64,
    timestamp: u32,
    pictures: u16,
}

impl Peer {
    fn offer(
        ip: IpAddr,
        direction: Direction,
        kinds: &[MediaKind],
    ) -> (Self, str0m::change::SdpPendingOffer, String) {
        let socket = UdpSocket::bind((ip, 0)).expect("a free port");
        socket
            .set_read_timeout(Some(Duration::from_millis(1)))
            .expect("a timeout");
        let address = socket.local_addr().expect("bound");
        let mut rtc = Rtc::builder()
            .clear_codecs()
            .enable_vp8(true)
            .enable_opus(true, false)
            .set_rtp_mode(true)
            .build(Instant::now());
        rtc.add_local_candidate(Candidate::host(address, "udp").expect("a host candidate"));
        let mut changes = rtc.sdp_api();
        let mut tracks = Vec::new();
        for kind in kinds {
            let mid = changes.add_media(*kind, direction, None, None, None);
            tracks.push(Track {
                mid,
                kind: *kind,
                pt: Pt::new_with_value(0),
                sequence: 1_000,
                timestamp: 5_000,
                pictures: 0,
            });
        }
        let (offer, pending) = changes.apply().expect("something to offer");
        let text = offer.to_sdp_string();
        let peer = Self {
            rtc,
            socket,
            address,
            connected: false,
            arrived: Vec::new(),
            keyframe_requests: 0,
            lose_every: 0,
            passed: 0,
            tracks,
            buffer: vec![0; 2_000],
        };
        (peer, pending, text)
    }

    fn accept(&mut self, pending: str0m::change::SdpPendingOffer, answer: &str) {
        let mut pts = answer
            .lines()
            .filter_map(|line| line.strip_prefix("m="))
            .map(|line| {
                line.split_whitespace()
                    .nth(3)
                    .expect("a format")
                    .parse()
                    .expect("a number")
            });
        for track in &mut self.tracks {
            track.pt = Pt::new_with_value(pts.next().expect("a section per track"));
        }
        let answer = SdpAnswer::from_sdp_string(answer).expect("a readable answer");
        self.rtc
            .sdp_api()
            .accept_answer(pending, answer)
            .expect("an acceptable answer");
    }

    /// A client that sends one video and one audio track, its offer changed on the way by `tamper`.
    pub fn publisher_with(
        media: &Media,
        tamper: impl FnOnce(String) -> String,
    ) -> (Self, Published) {
        let (mut peer, pending, offer) = Self::offer(
            HERE,
            Direction::SendOnly,
            &[MediaKind::Video, MediaKind::Audio],
        );
        let published = media.publish(&tamper(offer)).expect("an answer");
        peer.accept(pending, &published.answer);
        (peer, published)
    }

    pub fn publisher(media: &Media) -> (Self, Published) {
        Self::publisher_with(media, |offer| offer)
    }

    /// A client with one video and one audio slot.
    pub fn receiver(media: &Media) -> (Self, Received) {
        Self::receiver_at(media, HERE)
    }

    /// As [`Self::receiver`], with a socket on this address.
    pub fn receiver_at(media: &Media, ip: IpAddr) -> (Self, Received) {
        let (mut peer, pending, offer) = Self::offer(
            ip,
            Direction::RecvOnly,
            &[MediaKind::Video, MediaKind::Audio],
        );
        let received = media.receive(&offer).expect("an answer");
        peer.accept(pending, &received.answer);
        (peer, received)
    }

    /// Sends one VP8 frame in one packet; `tag` is the last byte of its payload.
    pub fn send_picture(&mut self, key: bool, tag: u8) {
        self.send(MediaKind::Video, 3_000, |pictures| {
            let id = (0x8000 | pictures).to_be_bytes();
            // Descriptor with a 15-bit picture id, then a frame header whose lowest bit tells delta from key.
            let mut payload = vec![
                0x90,
                0x80,
                id[0],
                id[1],
                u8::from(!key),
                0,
                0,
                0x9d,
                0x01,
                0x2a,
            ];
            payload.extend([0; 90]);
            payload.push(tag);
            payload
        });
    }

    /// Sends one Opus packet.
    pub fn send_sound(&mut self, tag: u8) {
        self.send(MediaKind::Audio, 960, |_| vec![0x78, 1, 2, 3, tag]);
    }

    fn send(&mut self, kind: MediaKind, step: u32, payload: impl FnOnce(u16) -> Vec<u8>) {
        let now = Instant::now();
        let track = self
            .tracks
            .iter_mut()
            .find(|track| track.kind == kind)
            .expect("the track");
        track.sequence += 1;
        track.timestamp = track.timestamp.wrapping_add(step);
        track.pictures = (track.pictures + 1) & 0x7fff;
        let write = RtpWrite::new(
            track.pt,
            SeqNo::from(track.sequence),
            track.timestamp,
            now,
            payload(track.pictures),
        )
        .marker(true)
        .nackable(kind == MediaKind::Video)
        .ext_vals(ExtensionValues {
            audio_level: (kind == MediaKind::Audio).then_some(-30),
            ..ExtensionValues::default()
        });
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(track.mid, None) {
            stream.write_rtp(write);
        }
        self.drain();
    }

    /// One turn of the client: what it has to say, then what there is to hear.
    pub fn turn(&mut self) {
        self.rtc
            .handle_input(Input::Timeout(Instant::now()))
            .expect("time passes");
        self.drain();
        loop {
            match self.socket.recv_from(&mut self.buffer) {
                Ok((len, from)) => {
                    let heard = self.buffer[..len].to_vec();
                    if self.loses(&heard) {
                        continue;
                    }
                    if let Ok(receive) = Receive::new(Protocol::Udp, from, self.address, &heard) {
                        // A refused handshake ends here with an error; the test sees it as "not connected".
                        let _ = self
                            .rtc
                            .handle_input(Input::Receive(Instant::now(), receive));
                    }
                    self.drain();
                }
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    return;
                }
                Err(error) => panic!("the client's socket failed: {error}"),
            }
        }
    }

    fn drain(&mut self) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Transmit(transmit)) if self.loses(&transmit.contents) => {}
                Ok(Output::Transmit(transmit)) => {
                    let _ = self
                        .socket
                        .send_to(&transmit.contents, transmit.destination);
                }
                Ok(Output::Event(event)) => self.take(event),
                Ok(Output::Timeout(_)) | Err(_) => return,
            }
        }
    }

    /// Whether the network loses this one.
    fn loses(&mut self, datagram: &[u8]) -> bool {
        if self.lose_every == 0 || datagram.first().is_none_or(|first| first >> 6 != 2) {
            return false;
        }
        self.passed += 1;
        self.passed.is_multiple_of(self.lose_every)
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Connected => self.connected = true,
            Event::KeyframeRequest(_) => self.keyframe_requests += 1,
            Event::RtpPacket(packet) => self.arrived.push(Arrived {
                at: Instant::now(),
                ssrc: *packet.header.ssrc,
                sequence: packet.header.sequence_number,
                timestamp: packet.header.timestamp,
                payload: packet.payload.to_vec(),
            }),
            _ => {}
        }
    }

    /// What has arrived in the video slot, by order of arrival.
    pub fn pictures(&self) -> Vec<&Arrived> {
        self.arrived
            .iter()
            .filter(|packet| packet.payload.len() > 50)
            .collect()
    }

    /// What has arrived in the audio slot.
    pub fn sounds(&self) -> Vec<&Arrived> {
        self.arrived
            .iter()
            .filter(|packet| packet.payload.len() < 50)
            .collect()
    }
}

/// Lets the peers take turns, calling `between` each time, until it says that it is satisfied.
pub fn until(
    peers: &mut [&mut Peer],
    what: &str,
    mut between: impl FnMut(&mut [&mut Peer]) -> bool,
) {
    let begun = Instant::now();
    while !between(peers) {
        assert!(
            begun.elapsed() < PATIENCE,
            "{what} did not happen within {PATIENCE:?}"
        );
        for peer in peers.iter_mut() {
            peer.turn();
        }
    }
}

/// Lets the peers take turns for a while.
pub fn during(peers: &mut [&mut Peer], time: Duration, mut between: impl FnMut(&mut [&mut Peer])) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        between(peers);
        for peer in peers.iter_mut() {
            peer.turn();
        }
    }
}
