//! A client that publishes one track: VP8 at 30 frames per second or Opus at 50 packets per second.

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
const PACKETS_PER_FRAME: u16 = 6;

pub(super) struct Publisher {
    id: u64,
    session: Session,
    kind: MediaKind,
    /// SSRC, sequence number, timestamp and picture id begin where it hurts: just before they wrap, and nobody's where
    /// another's do.
    ssrc: u32,
    sequence: u16,
    rtx_sequence: u16,
    timestamp: u32,
    picture: u16,
    tl0: u8,
    frame_at: Instant,
    keyframe: bool,
    kept: BTreeMap<u16, Vec<u8>>,
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
        let id = peer.0;
        Self {
            id,
            session,
            kind,
            ssrc: 0xffff_0000 + id as u32,
            sequence: 65_400 - id as u16,
            rtx_sequence: 65_500,
            timestamp: u32::MAX - 100_000 * id as u32,
            picture: 0x7ff0 - 5 * id as u16,
            tl0: 255 - 3 * id as u8,
            frame_at: now,
            keyframe: true,
            kept: BTreeMap::new(),
            outbox: Vec::new(),
            transport_sequence: 65_000,
            named: !id.is_multiple_of(2),
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
        let video = self.kind == MediaKind::Video;
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
                vec![(self.ssrc, Some(self.ssrc ^ 0x8000))]
            } else {
                Vec::new()
            },
            rids: Vec::new(),
        }
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
                    assert_eq!(ssrc, self.ssrc);
                    self.keyframe = true;
                    self.keyframe_requests.push(now);
                }
                Message::Nack { ssrc, lost } => {
                    assert_eq!(ssrc, self.ssrc);
                    for sequence in lost {
                        if let Some(packet) = self.kept.get(&sequence) {
                            let again =
                                retransmission(packet, self.rtx_sequence, self.ssrc ^ 0x8000);
                            self.rtx_sequence = self.rtx_sequence.wrapping_add(1);
                            self.outbox.push(again);
                        }
                    }
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

    pub(super) fn send(&mut self, now: Instant) -> Vec<Vec<u8>> {
        if self.frame_at <= now {
            match self.kind {
                MediaKind::Video => self.frame(now),
                MediaKind::Audio => self.speech(now),
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

    /// The stream's clock at this instant, which lies between two frames.
    fn report(&mut self, now: Instant) {
        self.report_at += Duration::from_secs(1);
        let (rate, step) = match self.kind {
            MediaKind::Video => (90_000, Duration::from_micros(33_333)),
            MediaKind::Audio => (48_000, Duration::from_millis(20)),
        };
        let passed = now + step - self.frame_at;
        let since = now - self.started;
        let info = SenderInfo {
            ssrc: self.ssrc,
            ntp: self.ntp + ((since.as_micros() << 32) / 1_000_000) as u64,
            timestamp: self
                .timestamp
                .wrapping_add((passed.as_micros() * rate / 1_000_000) as u32),
            ..SenderInfo::default()
        };
        let mut report = Vec::new();
        write::sender_report(&mut report, &info, "county");
        self.outbox.push(report);
    }

    fn frame(&mut self, now: Instant) {
        self.frame_at += Duration::from_micros(33_333);
        let keyframe = std::mem::take(&mut self.keyframe);
        self.picture = (self.picture + 1) & 0x7fff;
        self.tl0 = self.tl0.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(3000);
        for part in 0..PACKETS_PER_FRAME {
            let [high, low] = (0x8000 | self.picture).to_be_bytes();
            let first = if part == 0 { 0x90 } else { 0x80 };
            let frame = u8::from(!keyframe || part > 0);
            let mut payload = vec![first, 0xc0, high, low, self.tl0, frame];
            payload.extend_from_slice(&self.stamp(now));
            payload.resize(1000, 0x55);
            self.packet(VIDEO.payload_type, part + 1 == PACKETS_PER_FRAME, &payload);
        }
    }

    fn speech(&mut self, now: Instant) {
        self.frame_at += Duration::from_millis(20);
        self.timestamp = self.timestamp.wrapping_add(960);
        let mut payload = vec![0; 6];
        payload.extend_from_slice(&self.stamp(now));
        payload.resize(80, 0x66);
        self.packet(AUDIO.payload_type, false, &payload);
    }

    /// Twelve bytes that say whose payload this is and which.
    fn stamp(&mut self, now: Instant) -> [u8; 12] {
        let mut stamp = [0; 12];
        stamp[..4].copy_from_slice(&(self.id as u32).to_be_bytes());
        stamp[4..].copy_from_slice(&(self.sent.len() as u64).to_be_bytes());
        self.sent.push(now);
        stamp
    }

    fn packet(&mut self, payload_type: u8, marker: bool, payload: &[u8]) {
        let mut packet = vec![0x90, u8::from(marker) << 7 | payload_type];
        packet.extend_from_slice(&self.sequence.to_be_bytes());
        packet.extend_from_slice(&self.timestamp.to_be_bytes());
        packet.extend_from_slice(&self.ssrc.to_be_bytes());
        let [high, low] = self.transport_sequence.to_be_bytes();
        self.transport_sequence = self.transport_sequence.wrapping_add(1);
        let level = self.level_dbov.unsigned_abs();
        packet.extend_from_slice(&[
            0xbe, 0xde, 0, 2, 0x40, b'v', 0x31, high, low, 0x10, level, 0,
        ]);
        packet.extend_from_slice(payload);
        self.kept.insert(self.sequence, packet.clone());
        self.sequence = self.sequence.wrapping_add(1);
        self.outbox.push(packet);
    }
}

fn retransmission(packet: &[u8], sequence: u16, ssrc: u32) -> Vec<u8> {
    let header = 24;
    let mut again = packet[..header].to_vec();
    again[1] = (packet[1] & 0x80) | VIDEO.rtx_payload_type.expect("video has one");
    again[2..4].copy_from_slice(&sequence.to_be_bytes());
    again[8..12].copy_from_slice(&ssrc.to_be_bytes());
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
