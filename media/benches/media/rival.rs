//! `str0m` as a selective forwarder: RTP mode, ICE-lite, one socket, the same socket code as ours.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver as Calls, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use fenghuotai_media::net::arena::Arena;
use fenghuotai_media::net::udp::{Receiver, Udp};
use str0m::change::SdpOffer;
use str0m::crypto::from_feature_flags;
use str0m::media::{Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RtpPacket, RtpWrite, SeqNo};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};

use crate::client::PAYLOAD_TYPE;
use crate::control;

struct Call {
    publishes: bool,
    offer: String,
    answer: SyncSender<Result<String, String>>,
}

struct Peer {
    rtc: Rtc,
    publishes: bool,
    deadline: Instant,
    /// Extended sequence number of the next packet; begins in rollover zero.
    next: u64,
}

pub fn run(gso: bool) -> io::Result<()> {
    from_feature_flags().install_process_default();
    let (calls, waiting) = sync_channel(16);
    let sent = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&sent);
    std::thread::spawn(move || forward(gso, &waiting, &count));
    control::serve(|word, text| match word {
        "publish" | "receive" => {
            let (answer, answered) = sync_channel(1);
            let call = Call {
                publishes: word == "publish",
                offer: text.to_owned(),
                answer,
            };
            calls.send(call).map_err(|_| "the forwarder has ended")?;
            answered.recv().map_err(|_| "the forwarder has ended")?
        }
        "forwarded" => Ok(sent.load(Ordering::Relaxed).to_string()),
        _ => Err("unknown".to_owned()),
    })
}

fn forward(gso: bool, calls: &Calls<Call>, sent: &AtomicU64) {
    let mut udp =
        Udp::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("loopback has ports");
    let local = udp.local_addr().expect("bound");
    let mut arena = Arena::new(gso && udp.gso());
    let mut receiver = Receiver::default();
    let mut peers: Vec<Peer> = Vec::new();
    let mut by_address: HashMap<SocketAddr, usize> = HashMap::new();
    let mut batch: Vec<RtpPacket> = Vec::new();
    let mid = OnceLock::new();
    loop {
        let now = Instant::now();
        let deadline = peers.iter().map(|peer| peer.deadline).min();
        let wait = deadline.map_or(5, |at| {
            at.saturating_duration_since(now).as_millis().min(5) as i32
        });
        let mut ready = libc::pollfd {
            fd: udp.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        // SAFETY: one descriptor, a local.
        unsafe { libc::poll(&raw mut ready, 1, wait) };
        while let Ok(call) = calls.try_recv() {
            let answer = accept(&call, local).map(|(rtc, answer)| {
                peers.push(Peer {
                    rtc,
                    publishes: call.publishes,
                    deadline: now,
                    next: 1000,
                });
                answer
            });
            let _ = call.answer.send(answer);
        }
        let now = Instant::now();
        let received = receiver.receive(&udp, |datagram| {
            let Ok(contents) = (&*datagram.bytes).try_into() else {
                return;
            };
            let receive = Receive {
                proto: Protocol::Udp,
                source: datagram.from,
                destination: local,
                contents,
            };
            let input = Input::Receive(now, receive);
            let known = by_address.get(&datagram.from).copied();
            let Some(at) = known.or_else(|| peers.iter().position(|peer| peer.rtc.accepts(&input)))
            else {
                return;
            };
            by_address.insert(datagram.from, at);
            let peer = &mut peers[at];
            if peer.rtc.handle_input(input).is_ok() {
                drain(peer, &mut arena, &mut batch);
            }
        });
        received.expect("the socket works");
        let mid = *mid.get_or_init(|| Mid::from("0"));
        for peer in peers
            .iter_mut()
            .filter(|peer| !peer.publishes && peer.rtc.is_connected())
        {
            for packet in &batch {
                write(peer, mid, packet, now);
                drain(peer, &mut arena, &mut Vec::new());
                sent.fetch_add(1, Ordering::Relaxed);
            }
        }
        batch.clear();
        for peer in &mut peers {
            if peer.deadline <= now && peer.rtc.handle_input(Input::Timeout(now)).is_ok() {
                drain(peer, &mut arena, &mut batch);
            }
        }
        udp.send(&mut arena);
    }
}

fn accept(call: &Call, local: SocketAddr) -> Result<(Rtc, String), String> {
    let mut rtc = RtcConfig::new()
        .set_ice_lite(true)
        .set_rtp_mode(true)
        .clear_codecs()
        .enable_vp8(true)
        .build(Instant::now());
    let candidate = Candidate::host(local, "udp").map_err(|error| error.to_string())?;
    rtc.add_local_candidate(candidate);
    let offer = SdpOffer::from_sdp_string(&call.offer).map_err(|error| error.to_string())?;
    let answer = rtc
        .sdp_api()
        .accept_offer(offer)
        .map_err(|error| error.to_string())?;
    Ok((rtc, answer.to_sdp_string()))
}

fn write(peer: &mut Peer, mid: Mid, packet: &RtpPacket, now: Instant) {
    let mut api = peer.rtc.direct_api();
    let Some(stream) = api.stream_tx_by_mid(mid, None) else {
        return;
    };
    let sequence = SeqNo::from(peer.next);
    peer.next += 1;
    let payload = Arc::clone(&packet.payload);
    let write = RtpWrite::new(
        Pt::from(PAYLOAD_TYPE),
        sequence,
        packet.header.timestamp,
        now,
        payload,
    );
    stream.write_rtp(write.marker(packet.header.marker).nackable(true));
    let _ = peer.rtc.handle_input(Input::Timeout(now));
}

fn drain(peer: &mut Peer, arena: &mut Arena, batch: &mut Vec<RtpPacket>) {
    loop {
        match peer.rtc.poll_output() {
            Ok(Output::Timeout(at)) => {
                peer.deadline = at;
                return;
            }
            Ok(Output::Transmit(out)) => {
                arena.open(out.destination);
                arena
                    .room(out.contents.len())
                    .copy_from_slice(&out.contents);
                arena.commit(out.contents.len());
            }
            Ok(Output::Event(Event::RtpPacket(packet))) => batch.push(packet),
            Ok(Output::Event(_)) => {}
            Err(_) => {
                peer.deadline = Instant::now() + Duration::from_secs(3600);
                return;
            }
        }
    }
}
