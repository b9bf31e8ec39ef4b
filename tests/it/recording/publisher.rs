//! A venue's encoder over WHIP, made of `str0m` and a loopback socket: small pictures and sound, on a thread of its own.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use fenghuotai::platform::Clock;
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::media::{Direction, MediaKind, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RtpWrite, SeqNo};
use str0m::{Candidate, Event, Input, Output, Rtc};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// One request over a fresh connection: status, head, body. Nothing when the server is not there.
pub async fn request(
    server: SocketAddr,
    head: &str,
    cookie: &str,
    kind: &str,
    body: &str,
) -> Option<(u16, String, Vec<u8>)> {
    let mut line = TcpStream::connect(server).await.ok()?;
    let text = format!(
        "{head} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\ncookie: {cookie}\r\n\
         content-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    line.write_all(text.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).await.ok()?;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8(answer[..end].to_vec()).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, head, answer[end + 4..].to_vec()))
}

pub struct Publisher {
    told: Arc<Told>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread tells, and whether it is to end.
#[derive(Default)]
struct Told {
    stop: AtomicBool,
    /// Pictures sent since the first key frame was asked for.
    pictures: AtomicU64,
    /// When the last packet left, ms UTC.
    last_at: AtomicI64,
    keyframes_asked: AtomicU64,
}

impl Publisher {
    /// Connects a venue's camera and microphone; panics when the server refuses.
    pub async fn connect(server: SocketAddr, cookie: &str, conference: &str, venue: &str) -> Self {
        let (mut peer, pending, offer) = Peer::offer();
        let head = format!("POST /api/v1/media/whip?conference={conference}&venue={venue}");
        let (status, _, answer) = request(server, &head, cookie, "application/sdp", &offer)
            .await
            .expect("an answer");
        let answer = String::from_utf8(answer).expect("text");
        assert_eq!(status, 201, "{answer}");
        peer.accept(pending, &answer);
        let told = Arc::new(Told::default());
        let shared = Arc::clone(&told);
        let thread = std::thread::spawn(move || peer.run(&shared));
        Self {
            told,
            thread: Some(thread),
        }
    }

    pub fn pictures(&self) -> u64 {
        self.told.pictures.load(Ordering::Relaxed)
    }

    pub fn keyframes_asked(&self) -> u64 {
        self.told.keyframes_asked.load(Ordering::Relaxed)
    }

    /// When the last packet left, ms UTC.
    pub fn last_at(&self) -> i64 {
        self.told.last_at.load(Ordering::Relaxed)
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.told.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Peer {
    rtc: Rtc,
    socket: UdpSocket,
    address: SocketAddr,
    connected: bool,
    keyframe_wanted: bool,
    tracks: [Track; 2],
}

struct Track {
    mid: Mid,
    pt: Pt,
    sequence: u64,
}

impl Peer {
    fn offer() -> (Self, SdpPendingOffer, String) {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        socket
            .set_read_timeout(Some(Duration::from_millis(2)))
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
        let tracks = [MediaKind::Video, MediaKind::Audio].map(|kind| Track {
            mid: changes.add_media(kind, Direction::SendOnly, None, None, None),
            pt: Pt::new_with_value(0),
            sequence: 1_000,
        });
        let (offer, pending) = changes.apply().expect("something to offer");
        let text = offer.to_sdp_string();
        let peer = Self {
            rtc,
            socket,
            address,
            connected: false,
            keyframe_wanted: true,
            tracks,
        };
        (peer, pending, text)
    }

    fn accept(&mut self, pending: SdpPendingOffer, answer: &str) {
        let formats = answer.lines().filter_map(|line| {
            let format = line.strip_prefix("m=")?.split_whitespace().nth(3)?;
            format.parse().ok()
        });
        for (track, format) in self.tracks.iter_mut().zip(formats) {
            track.pt = Pt::new_with_value(format);
        }
        let answer = SdpAnswer::from_sdp_string(answer).expect("a readable answer");
        self.rtc
            .sdp_api()
            .accept_answer(pending, answer)
            .expect("an acceptable answer");
    }

    /// 25 pictures and 50 packets of sound a second until told to stop.
    fn run(mut self, told: &Told) {
        let clock = Clock::system();
        let begun = Instant::now();
        let mut beats = 0_u32;
        while !told.stop.load(Ordering::Relaxed) {
            let _ = self.rtc.handle_input(Input::Timeout(Instant::now()));
            self.drain(told);
            self.hear(told);
            let due = (begun.elapsed().as_millis() / 20) as u32;
            while self.connected && beats < due {
                beats = if due - beats > 50 { due } else { beats + 1 };
                self.send(1, beats.wrapping_mul(960), vec![0x78, 1, 2, 3]);
                if beats.is_multiple_of(2) {
                    let key = std::mem::take(&mut self.keyframe_wanted);
                    self.send(0, beats.wrapping_mul(1_800), picture(key));
                    told.pictures.fetch_add(1, Ordering::Relaxed);
                }
                told.last_at.store(clock.now().0, Ordering::Relaxed);
                self.drain(told);
            }
        }
    }

    fn send(&mut self, track: usize, timestamp: u32, payload: Vec<u8>) {
        let track = &mut self.tracks[track];
        track.sequence += 1;
        let write = RtpWrite::new(
            track.pt,
            SeqNo::from(track.sequence),
            timestamp,
            Instant::now(),
            payload,
        )
        .marker(true);
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(track.mid, None) {
            stream.write_rtp(write);
        }
    }

    fn hear(&mut self, told: &Told) {
        let mut buffer = [0; 2_000];
        while let Ok((len, from)) = self.socket.recv_from(&mut buffer) {
            let heard = &buffer[..len];
            if let Ok(receive) = Receive::new(Protocol::Udp, from, self.address, heard) {
                let _ = self
                    .rtc
                    .handle_input(Input::Receive(Instant::now(), receive));
            }
            self.drain(told);
        }
    }

    fn drain(&mut self, told: &Told) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Transmit(transmit)) => {
                    let _ = self
                        .socket
                        .send_to(&transmit.contents, transmit.destination);
                }
                Ok(Output::Event(Event::Connected)) => self.connected = true,
                Ok(Output::Event(Event::KeyframeRequest(_))) => {
                    self.keyframe_wanted = true;
                    told.keyframes_asked.fetch_add(1, Ordering::Relaxed);
                }
                Ok(Output::Event(_)) => {}
                Ok(Output::Timeout(_)) | Err(_) => return,
            }
        }
    }
}

/// A VP8 frame in one packet, of 640 × 360 by its own word.
fn picture(key: bool) -> Vec<u8> {
    let mut payload = vec![0x10, u8::from(!key), 0, 0];
    payload.extend([0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01]);
    payload.extend([0; 90]);
    payload
}
