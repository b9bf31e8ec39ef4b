//! A client that publishes one track: VP8 at 30 frames per second, in one layer or three, or Opus at 50 packets per second.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::router::{Feedback, PeerId, SourceId, SourceSpec};
use crate::rtcp::read::{Message, messages};
use crate::rtcp::{SenderInfo, write};
use crate::rtp::{Codec, Extension, ExtensionMap, MediaKind, Payload};
use crate::srtp::{OVERHEAD_MAX, Session, is_rtcp};

const VIDEO: Payload = Payload {
    payload_type: 96,
    rtx_payload_type: Some(97),
    codec: Codec::Vp8,
    clock_rate_hz: 90_000,
};
const AUDIO: Payload = Payload {
    payload_type: 111,
    rtx_payload_type: None,
    codec: Codec::Opus,
    clock_rate_hz: 48_000,
};
const FRAME: Duration = Duration::from_micros(33_333);

/// One stream of the track. Sequence number, timestamp and picture id begin where it hurts: just before they wrap, and
/// nobody's where another's do.
struct Encoding {
    rid: Option<&'static str>,
    ssrc: u32,
    packets_per_frame: u16,
    payload_bytes: usize,
    sequence: u16,
    rtx_sequence: u16,
    timestamp: u32,
    picture: u16,
    tl0: u8,
    keyframe: bool,
    kept: BTreeMap<u16, Vec<u8>>,
    /// The encoder has this layer on.
    on: bool,
    keyframes_asked: usize,
}

pub(super) struct Publisher {
    id: u64,
    session: Session,
    kind: MediaKind,
    encodings: Vec<Encoding>,
    frame_at: Instant,
    outbox: Vec<Vec<u8>>,
    transport_sequence: u16,
    /// Whether the offer named the SSRCs; otherwise MID tells.
    named: bool,
    pub(super) keyframe_requests: Vec<Instant>,
    /// When each payload was first sent, by its number.
    pub(super) sent: Vec<Instant>,
    pub(super) transport_reported: usize,
    pub(super) level_dbov: i8,
    report_at: Instant,
    /// The publisher's clock: this at `started`, with an offset of its own.
    ntp: u64,
    started: Instant,
}

impl Publisher {
    pub(super) fn new(peer: PeerId, session: Session, kind: MediaKind, now: Instant) -> Self {
        let (packets, bytes) = match kind {
            MediaKind::Video => (6, 1000),
            MediaKind::Audio => (1, 80),
        };
        let encoding = encoding(peer.0, 0, None, packets, bytes);
        Self::with(peer, session, kind, now, vec![encoding])
    }

    /// Three layers of about 130, 500 and 1450 kbit/s.
    pub(super) fn simulcast(peer: PeerId, session: Session, now: Instant) -> Self {
        Self::layered(peer, session, now, [(1, 500), (2, 1000), (6, 1000)])
    }

    /// Three layers, each of so many packets of so many bytes per frame.
    pub(super) fn layered(
        peer: PeerId,
        session: Session,
        now: Instant,
        layers: [(u16, usize); 3],
    ) -> Self {
        let layers = ["q", "h", "f"].into_iter().zip(layers);
        let encodings = layers
            .enumerate()
            .map(|(at, (rid, (packets, bytes)))| {
                encoding(peer.0, at as u32, Some(rid), packets, bytes)
            })
            .collect();
        Self::with(peer, session, MediaKind::Video, now, encodings)
    }

    fn with(
        peer: PeerId,
        session: Session,
        kind: MediaKind,
        now: Instant,
        encodings: Vec<Encoding>,
    ) -> Self {
        let id = peer.0;
        Self {
            id,
            session,
            kind,
            named: !id.is_multiple_of(2) && encodings.len() == 1,
            encodings,
            frame_at: now,
            outbox: Vec::new(),
            transport_sequence: 65_000,
            keyframe_requests: Vec::new(),
            sent: Vec::new(),
            transport_reported: 0,
            level_dbov: -30,
            report_at: now + Duration::from_millis(700),
            ntp: 3_000_000_000 << 32,
            started: now,
        }
    }

    pub(super) fn spec(&self) -> SourceSpec {
        let mut extensions = ExtensionMap::default();
        extensions.insert(4, Extension::Mid);
        extensions.insert(3, Extension::TransportCc);
        extensions.insert(1, Extension::AudioLevel);
        extensions.insert(5, Extension::Rid);
        extensions.insert(6, Extension::RepairedRid);
        let video = self.kind == MediaKind::Video;
        let ssrc = self.encodings[0].ssrc;
        SourceSpec {
            source: SourceId(100 + self.id),
            kind: self.kind,
            mid: "v".into(),
            payloads: vec![if video { VIDEO } else { AUDIO }],
            extensions,
            feedback: Feedback {
                nack: video,
                keyframe: video,
                transport_cc: true,
                remb: false,
            },
            ssrcs: if self.named {
                vec![(ssrc, Some(ssrc ^ 0x8000))]
            } else {
                Vec::new()
            },
            rids: self
                .encodings
                .iter()
                .filter_map(|encoding| encoding.rid.map(str::to_owned))
                .collect(),
        }
    }

    /// Switches a layer on or off, as an encoder short of time does.
    pub(super) fn set_layer(&mut self, layer: usize, on: bool) {
        let encoding = &mut self.encodings[layer];
        encoding.keyframe |= on && !encoding.on;
        encoding.on = on;
    }

    /// How often a key frame of each layer was asked for.
    pub(super) fn asked(&self) -> Vec<usize> {
        self.encodings
            .iter()
            .map(|encoding| encoding.keyframes_asked)
            .collect()
    }

    pub(super) fn deadline(&self) -> Instant {
        self.frame_at.min(self.report_at)
    }

    pub(super) fn take(&mut self, now: Instant, datagram: &mut [u8]) {
        assert!(is_rtcp(datagram), "publishers get control only");
        let len = self
            .session
            .inbound
            .unprotect_rtcp(datagram)
            .expect("sealed for us");
        for message in messages(&datagram[..len]) {
            match message {
                Message::KeyframeRequest { ssrc } => {
                    let encoding = self.of(ssrc);
                    encoding.keyframe = true;
                    encoding.keyframes_asked += 1;
                    self.keyframe_requests.push(now);
                }
                Message::Nack { ssrc, lost } => {
                    let encoding = self.of(ssrc);
                    let mut again = Vec::new();
                    for sequence in lost {
                        if let Some(packet) = encoding.kept.get(&sequence) {
                            again.push(retransmission(
                                packet,
                                encoding.rtx_sequence,
                                ssrc ^ 0x8000,
                            ));
                            encoding.rtx_sequence = encoding.rtx_sequence.wrapping_add(1);
                        }
                    }
                    self.outbox.extend(again);
                }
                Message::TransportFeedback(feedback) => {
                    let arrived = feedback
                        .packets()
                        .iter()
                        .filter(|(_, at)| at.is_some())
                        .count();
                    self.transport_reported += arrived;
                }
                _ => {}
            }
        }
    }

    fn of(&mut self, ssrc: u32) -> &mut Encoding {
        self.encodings
            .iter_mut()
            .find(|encoding| encoding.ssrc == ssrc)
            .expect("a stream of ours")
    }

    pub(super) fn send(&mut self, now: Instant) -> Vec<Vec<u8>> {
        if self.frame_at <= now {
            self.frame_at += match self.kind {
                MediaKind::Video => FRAME,
                MediaKind::Audio => Duration::from_millis(20),
            };
            for layer in 0..self.encodings.len() {
                self.frame(now, layer);
            }
        }
        if self.report_at <= now {
            self.report(now);
        }
        let seal = |packet: Vec<u8>| seal(&mut self.session, packet);
        std::mem::take(&mut self.outbox)
            .into_iter()
            .map(seal)
            .collect()
    }

    /// The streams' clock at this instant, which lies between two frames.
    fn report(&mut self, now: Instant) {
        self.report_at += Duration::from_secs(1);
        let (rate, step) = match self.kind {
            MediaKind::Video => (90_000, FRAME),
            MediaKind::Audio => (48_000, Duration::from_millis(20)),
        };
        let passed = now + step - self.frame_at;
        let since = now - self.started;
        let mut report = Vec::new();
        for encoding in self.encodings.iter().filter(|encoding| encoding.on) {
            let info = SenderInfo {
                ssrc: encoding.ssrc,
                ntp: self.ntp + ((since.as_micros() << 32) / 1_000_000) as u64,
                timestamp: encoding
                    .timestamp
                    .wrapping_add((passed.as_micros() * rate / 1_000_000) as u32),
                ..SenderInfo::default()
            };
            write::sender_report(&mut report, &info, "county");
        }
        self.outbox.push(report);
    }

    fn frame(&mut self, now: Instant, layer: usize) {
        let video = self.kind == MediaKind::Video;
        let encoding = &mut self.encodings[layer];
        encoding.timestamp = encoding
            .timestamp
            .wrapping_add(if video { 3000 } else { 960 });
        if !encoding.on {
            return;
        }
        let keyframe = std::mem::take(&mut encoding.keyframe);
        encoding.picture = (encoding.picture + 1) & 0x7fff;
        encoding.tl0 = encoding.tl0.wrapping_add(1);
        let (picture, tl0) = (encoding.picture, encoding.tl0);
        let (bytes, per_frame) = (encoding.payload_bytes, encoding.packets_per_frame);
        // A key frame is three times as long.
        let parts = per_frame * if video && keyframe { 3 } else { 1 };
        for part in 0..parts {
            let mut payload = if video {
                let [high, low] = (0x8000 | picture).to_be_bytes();
                let first = if part == 0 { 0x90 } else { 0x80 };
                let frame = u8::from(!keyframe || part > 0);
                vec![first, 0xc0, high, low, tl0, frame]
            } else {
                vec![0; 6]
            };
            payload.extend_from_slice(&self.stamp(now));
            payload.push(layer as u8);
            payload.resize(bytes, 0x55);
            let payload_type = if video { VIDEO } else { AUDIO }.payload_type;
            self.packet(layer, payload_type, video && part + 1 == parts, &payload);
        }
    }

    /// Twelve bytes that say whose payload this is and which.
    fn stamp(&mut self, now: Instant) -> [u8; 12] {
        let mut stamp = [0; 12];
        stamp[..4].copy_from_slice(&(self.id as u32).to_be_bytes());
        stamp[4..].copy_from_slice(&(self.sent.len() as u64).to_be_bytes());
        self.sent.push(now);
        stamp
    }

    fn packet(&mut self, layer: usize, payload_type: u8, marker: bool, payload: &[u8]) {
        let encoding = &mut self.encodings[layer];
        let mut packet = vec![0x90, u8::from(marker) << 7 | payload_type];
        packet.extend_from_slice(&encoding.sequence.to_be_bytes());
        packet.extend_from_slice(&encoding.timestamp.to_be_bytes());
        packet.extend_from_slice(&encoding.ssrc.to_be_bytes());
        let [high, low] = self.transport_sequence.to_be_bytes();
        self.transport_sequence = self.transport_sequence.wrapping_add(1);
        let level = self.level_dbov.unsigned_abs();
        let (rid_id, rid) = encoding
            .rid
            .map_or((0, 0), |rid| (RID_ELEMENT, rid.as_bytes()[0]));
        packet.extend_from_slice(&[
            0xbe, 0xde, 0, 3, 0x40, b'v', 0x31, high, low, 0x10, level, rid_id, rid, 0, 0, 0,
        ]);
        packet.extend_from_slice(payload);
        encoding.kept.insert(encoding.sequence, packet.clone());
        encoding.sequence = encoding.sequence.wrapping_add(1);
        self.outbox.push(packet);
    }
}

/// Extension ids of RID and repaired RID with a length of one byte, and where the element begins.
const RID_ELEMENT: u8 = 0x50;
const REPAIRED_RID_ELEMENT: u8 = 0x60;
const RID_AT: usize = 12 + 4 + 7;

fn encoding(
    id: u64,
    layer: u32,
    rid: Option<&'static str>,
    packets_per_frame: u16,
    payload_bytes: usize,
) -> Encoding {
    Encoding {
        rid,
        ssrc: 0xffff_0000 + 0x100 * layer + id as u32,
        packets_per_frame,
        payload_bytes,
        sequence: 65_400 - id as u16 - 77 * layer as u16,
        rtx_sequence: 65_500,
        timestamp: u32::MAX - 100_000 * id as u32,
        picture: 0x7ff0 - 5 * id as u16 - 3 * layer as u16,
        tl0: 255 - 3 * id as u8,
        keyframe: true,
        kept: BTreeMap::new(),
        on: true,
        keyframes_asked: 0,
    }
}

fn retransmission(packet: &[u8], sequence: u16, ssrc: u32) -> Vec<u8> {
    let header = 28;
    let mut again = packet[..header].to_vec();
    again[1] = (packet[1] & 0x80) | VIDEO.rtx_payload_type.expect("video has one");
    again[2..4].copy_from_slice(&sequence.to_be_bytes());
    again[8..12].copy_from_slice(&ssrc.to_be_bytes());
    if again[RID_AT] == RID_ELEMENT {
        again[RID_AT] = REPAIRED_RID_ELEMENT;
    }
    again.extend_from_slice(&packet[2..4]);
    again.extend_from_slice(&packet[header..]);
    again
}

pub(super) fn seal(session: &mut Session, mut packet: Vec<u8>) -> Vec<u8> {
    let len = packet.len();
    packet.resize(len + OVERHEAD_MAX, 0);
    let sealed = if is_rtcp(&packet) {
        session.outbound.protect_rtcp(&mut packet, len)
    } else {
        session.outbound.protect_rtp(&mut packet, len)
    };
    packet.truncate(sealed.expect("well formed"));
    packet
}
