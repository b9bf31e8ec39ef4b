//! The load: one publisher at 1.5 Mbit/s and many receivers, on real sockets with real handshakes.

use std::io;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use fenghuotai_media::srtp::{OVERHEAD_MAX, is_rtcp};

use crate::Pacing;
use crate::client::{Client, PAYLOAD_TYPE, PUBLISHED_SSRC, TRANSPORT_CC_ID};

pub const PAYLOAD_LEN: usize = 1000;
/// With the header extensions.
const HEADER_LEN: usize = 28;
const FRAME_EVERY: Duration = Duration::from_nanos(33_333_333);
/// Packets of four frames in turn: 6.25 on average, 187.5 per second, 1.5 Mbit/s.
pub const FRAME_PACKETS: [usize; 4] = [6, 6, 6, 7];
/// Between packets of one frame when they are spaced.
pub const SPACING: Duration = Duration::from_millis(1);
/// Every so many packets of a receiver is decrypted and its delay taken.
const SAMPLE_EVERY: u64 = 16;

/// Where frames go.
pub enum Way {
    Webrtc(Box<Client>),
    /// Bare RTP, for a server that is fed like this.
    Bare(UdpSocket),
}

impl Way {
    fn send(&mut self, packet: Vec<u8>) {
        match self {
            Self::Webrtc(client) => send(client, packet),
            // As below.
            Self::Bare(socket) => drop(socket.send(&packet)),
        }
    }

    fn maintain(&mut self) {
        let mut junk = [0; 2048];
        if let Self::Webrtc(client) = self {
            client.maintain();
            while client.socket.recv(&mut junk).is_ok() {}
        }
    }
}

/// Sends frames until told to stop.
pub fn publish(
    mut way: Way,
    pacing: Pacing,
    epoch: Instant,
    stop: Arc<AtomicBool>,
) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut sequence = 1_u16;
        let mut picture = 0_u16;
        let started = Instant::now();
        let mut due = started;
        let mut maintained = started;
        while !stop.load(Ordering::Relaxed) {
            let parts = FRAME_PACKETS[usize::from(picture) % FRAME_PACKETS.len()];
            for part in 0..parts {
                let at = due
                    + if pacing == Pacing::Spaced {
                        SPACING * part as u32
                    } else {
                        Duration::ZERO
                    };
                std::thread::sleep(at.saturating_duration_since(Instant::now()));
                let packet = packet(sequence, picture, part, parts, epoch.elapsed());
                sequence = sequence.wrapping_add(1);
                way.send(packet);
            }
            picture = (picture + 1) & 0x7fff;
            due += FRAME_EVERY;
            if maintained.elapsed() > Duration::from_secs(1) {
                maintained = Instant::now();
                way.maintain();
            }
        }
    })
}

/// Every frame begins like a key frame, so that nobody has to wait for one.
fn packet(sequence: u16, picture: u16, part: usize, parts: usize, sent: Duration) -> Vec<u8> {
    let mut packet = Vec::with_capacity(HEADER_LEN + PAYLOAD_LEN + OVERHEAD_MAX);
    packet.extend_from_slice(&[0x90, u8::from(part + 1 == parts) << 7 | PAYLOAD_TYPE]);
    packet.extend_from_slice(&sequence.to_be_bytes());
    packet.extend_from_slice(&(u32::from(picture) * 3000).to_be_bytes());
    packet.extend_from_slice(&PUBLISHED_SSRC.to_be_bytes());
    // MID, send time (nobody here reads it) and transport-wide number, as browsers send them.
    let [high, low] = sequence.to_be_bytes();
    packet.extend_from_slice(&[0xbe, 0xde, 0, 3, 0x10, b'0', 0x22, 1, 2, 3]);
    packet.extend_from_slice(&[TRANSPORT_CC_ID << 4 | 1, high, low, 0, 0, 0]);
    let [high, low] = (0x8000 | picture).to_be_bytes();
    packet.extend_from_slice(&[if part == 0 { 0x90 } else { 0x80 }, 0x80, high, low, 0]);
    packet.extend_from_slice(&(sent.as_nanos() as u64).to_be_bytes());
    packet.resize(HEADER_LEN + PAYLOAD_LEN, 0x5a);
    packet
}

fn send(client: &mut Client, mut packet: Vec<u8>) {
    let len = packet.len();
    packet.resize(len + OVERHEAD_MAX, 0);
    if let Ok(len) = client.session.outbound.protect_rtp(&mut packet, len) {
        // A full socket buffer is loss, which the counts will show.
        let _ = client.socket.send(&packet[..len]);
    }
}

/// Many receivers behind one epoll.
pub struct Receivers {
    epoll: libc::c_int,
    clients: Vec<Member>,
    pub packets: u64,
    pub delays_us: Vec<u32>,
    maintained: usize,
    maintain_at: Instant,
    epoch: Instant,
}

enum Member {
    Webrtc(Box<Client>, u64),
    Bare(UdpSocket),
}

impl Member {
    fn socket(&self) -> &UdpSocket {
        match self {
            Self::Webrtc(client, _) => &client.socket,
            Self::Bare(socket) => socket,
        }
    }
}

impl Receivers {
    pub fn new(epoch: Instant) -> io::Result<Self> {
        // SAFETY: no pointers.
        let epoll = unsafe { libc::epoll_create1(0) };
        if epoll < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Self {
            epoll,
            clients: Vec::new(),
            packets: 0,
            delays_us: Vec::new(),
            maintained: 0,
            maintain_at: Instant::now(),
            epoch,
        })
    }

    pub fn add(&mut self, client: Client) -> io::Result<()> {
        self.watch(Member::Webrtc(Box::new(client), 0))
    }

    pub fn add_bare(&mut self, socket: UdpSocket) -> io::Result<()> {
        self.watch(Member::Bare(socket))
    }

    fn watch(&mut self, member: Member) -> io::Result<()> {
        let mut event = libc::epoll_event {
            events: libc::EPOLLIN as u32,
            u64: self.clients.len() as u64,
        };
        let fd = member.socket().as_raw_fd();
        // SAFETY: the pointer is to a local.
        if unsafe { libc::epoll_ctl(self.epoll, libc::EPOLL_CTL_ADD, fd, &raw mut event) } < 0 {
            return Err(io::Error::last_os_error());
        }
        self.clients.push(member);
        Ok(())
    }

    /// What so many per cent of the sampled packets stayed below on their way.
    pub fn delay_ms(&mut self, per_cent: usize) -> f64 {
        self.delays_us.sort_unstable();
        let at = self.delays_us.len() * per_cent / 100;
        self.delays_us
            .get(at)
            .map_or(0.0, |us| f64::from(*us) / 1e3)
    }

    /// Receives for a while.
    pub fn run(&mut self, time: Duration) {
        let end = Instant::now() + time;
        let mut events = vec![libc::epoll_event { events: 0, u64: 0 }; 64];
        while Instant::now() < end {
            self.maintain();
            // SAFETY: room for as many events as said.
            let ready = unsafe {
                libc::epoll_wait(self.epoll, events.as_mut_ptr(), events.len() as i32, 5)
            };
            for event in &events[..ready.max(0) as usize] {
                self.receive(event.u64 as usize);
            }
        }
    }

    fn receive(&mut self, at: usize) {
        let mut buffer = [0; 2048];
        let member = &mut self.clients[at];
        while let Ok(len) = member.socket().recv(&mut buffer) {
            if len < 12 || buffer[0] >> 6 != 2 || is_rtcp(&buffer[..len]) {
                continue;
            }
            self.packets += 1;
            if let Member::Webrtc(client, count) = member {
                *count += 1;
                client.arrived(&buffer[..len]);
                if *count % SAMPLE_EVERY == 1
                    && let Ok(len) = client.session.inbound.unprotect_rtp(&mut buffer[..len])
                {
                    let header =
                        fenghuotai_media::rtp::Header::parse(&buffer[..len]).expect("authentic");
                    let payload = header.payload(&buffer[..len]);
                    let sent = u64::from_be_bytes(payload[5..13].try_into().expect("eight bytes"));
                    let delay = (self.epoch.elapsed().as_nanos() as u64).saturating_sub(sent);
                    self.delays_us.push((delay / 1000) as u32);
                }
            }
        }
    }

    /// Spreads everybody's reports and consent checks over a second.
    fn maintain(&mut self) {
        let now = Instant::now();
        if now < self.maintain_at || self.clients.is_empty() {
            return;
        }
        self.maintain_at = now + Duration::from_secs(1) / self.clients.len() as u32;
        self.maintained = (self.maintained + 1) % self.clients.len();
        if let Member::Webrtc(client, _) = &mut self.clients[self.maintained] {
            client.maintain();
        }
    }
}

impl Drop for Receivers {
    fn drop(&mut self) {
        // SAFETY: the descriptor is ours and used no more.
        unsafe { libc::close(self.epoll) };
    }
}
