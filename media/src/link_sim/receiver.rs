//! A client with one receiving track: checks the stream it gets, asks for what is missing, and reports.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::ingress::TransportRecorder;
use crate::router::{Feedback, PeerId, SlotId, SlotSpec};
use crate::rtcp::read::{Message, messages};
use crate::rtcp::{ReportBlock, SenderInfo, write};
use crate::rtp::{Codec, Extension, ExtensionMap, Header, MediaKind, Payload, vp8};
use crate::srtp::{Session, is_rtcp};

use super::publisher::seal;

/// Other numbers than the publisher's, so that a forgotten mapping shows.
const VIDEO: Payload = Payload {
    payload_type: 100,
    rtx_payload_type: Some(101),
    codec: Codec::Vp8,
    clock_rate_hz: 90_000,
};
const AUDIO: Payload = Payload {
    payload_type: 109,
    rtx_payload_type: None,
    codec: Codec::Opus,
    clock_rate_hz: 48_000,
};
/// Tells the voice's SSRC from the picture's.
const VOICE: u32 = 0x4000;
const RETRY: Duration = Duration::from_millis(60);
const GIVE_UP: Duration = Duration::from_millis(900);

/// One packet of the stream, in the order of its sequence numbers.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    pub(super) at: Instant,
    pub(super) timestamp: u32,
    pub(super) picture: u16,
    pub(super) tl0: u8,
    pub(super) starts_keyframe: bool,
    pub(super) publisher: u64,
    pub(super) number: u64,
    pub(super) layer: u8,
    pub(super) repaired: bool,
}

pub(super) struct Receiver {
    id: u64,
    session: Session,
    kind: MediaKind,
    ssrc: u32,
    /// By extended sequence number.
    pub(super) heard: BTreeMap<u64, Heard>,
    newest: Option<u64>,
    missing: BTreeMap<u64, (Instant, Instant)>,
    control_at: Instant,
    report_at: Instant,
    sender_report: Option<(SenderInfo, Instant)>,
    pub(super) sender_reports: Vec<(SenderInfo, Instant)>,
    /// Asks for a key frame with each control packet.
    pub(super) impatient: bool,
    pub(super) duplicates: u64,
    pub(super) retransmitted_bytes: u64,
    pub(super) media_bytes: u64,
    pub(super) levels: Vec<u8>,
    /// Reports transport-wide, as browsers do.
    transport: Option<TransportRecorder>,
    /// Arrival and publisher's number of each packet of a second, audible track.
    pub(super) voice: Option<Vec<(Instant, u64)>>,
    pub(super) padding_bytes: u64,
    /// Negotiates a stream for retransmissions, which also carries padding.
    pub(super) takes_rtx: bool,
}

impl Receiver {
    pub(super) fn new(peer: PeerId, session: Session, kind: MediaKind, now: Instant) -> Self {
        Self {
            id: peer.0,
            session,
            kind,
            ssrc: 0x1234_0000 + peer.0 as u32,
            heard: BTreeMap::new(),
            newest: None,
            missing: BTreeMap::new(),
            control_at: now,
            report_at: now,
            sender_report: None,
            sender_reports: Vec::new(),
            impatient: false,
            duplicates: 0,
            retransmitted_bytes: 0,
            media_bytes: 0,
            levels: Vec::new(),
            transport: None,
            voice: None,
            padding_bytes: 0,
            takes_rtx: true,
        }
    }

    /// A client that reports transport-wide, for pictures and one voice.
    pub(super) fn reporting(peer: PeerId, session: Session, now: Instant) -> Self {
        Self {
            transport: Some(TransportRecorder::new(now)),
            voice: Some(Vec::new()),
            ..Self::new(peer, session, MediaKind::Video, now)
        }
    }

    /// The slot of the voice.
    pub(super) fn voice_spec(&self) -> Option<SlotSpec> {
        self.voice.as_ref()?;
        let spec = self.spec();
        Some(SlotSpec {
            slot: SlotId(400 + self.id),
            kind: MediaKind::Audio,
            payloads: vec![AUDIO],
            ssrc: self.ssrc ^ VOICE,
            rtx_ssrc: None,
            ..spec
        })
    }

    fn extensions() -> ExtensionMap {
        let mut extensions = ExtensionMap::default();
        extensions.insert(9, Extension::Mid);
        extensions.insert(10, Extension::AbsSendTime);
        extensions.insert(11, Extension::AudioLevel);
        extensions.insert(12, Extension::TransportCc);
        extensions
    }

    pub(super) fn spec(&self) -> SlotSpec {
        let video = self.kind == MediaKind::Video;
        SlotSpec {
            slot: SlotId(200 + self.id),
            kind: self.kind,
            mid: "7".into(),
            payloads: vec![match (video, self.takes_rtx) {
                (true, true) => VIDEO,
                (true, false) => Payload {
                    rtx_payload_type: None,
                    ..VIDEO
                },
                (false, _) => AUDIO,
            }],
            extensions: Self::extensions(),
            feedback: Feedback {
                nack: video,
                keyframe: video,
                transport_cc: self.transport.is_some(),
                remb: true,
            },
            ssrc: self.ssrc,
            rtx_ssrc: (video && self.takes_rtx).then_some(self.ssrc ^ 0x8000),
            cname: "tower".into(),
        }
    }

    pub(super) fn deadline(&self) -> Instant {
        let transport = self.transport.as_ref().and_then(|it| it.deadline());
        let next = self.control_at.min(self.report_at);
        transport.map_or(next, |transport| transport.min(next))
    }

    pub(super) fn take(&mut self, now: Instant, datagram: &mut [u8]) {
        if is_rtcp(datagram) {
            let len = self
                .session
                .inbound
                .unprotect_rtcp(datagram)
                .expect("sealed for us");
            for message in messages(&datagram[..len]) {
                if let Message::SenderReport(info, _) = message
                    && (self.voice.is_none() || info.ssrc != self.ssrc ^ VOICE)
                {
                    assert_eq!(info.ssrc, self.ssrc);
                    self.sender_report = Some((info, now));
                    self.sender_reports.push((info, now));
                }
            }
            return;
        }
        let len = self
            .session
            .inbound
            .unprotect_rtp(datagram)
            .expect("sealed for us, once");
        let packet = &datagram[..len];
        let header = Header::parse(packet).expect("well formed");
        let map = Self::extensions();
        assert_eq!(
            header.extension(packet, &map, Extension::Mid),
            Some(b"7".as_slice())
        );
        assert_eq!(
            header
                .extension(packet, &map, Extension::AbsSendTime)
                .map(<[u8]>::len),
            Some(3)
        );
        if let Some(level) = header.extension(packet, &map, Extension::AudioLevel) {
            self.levels.push(level[0]);
        }
        let payload = header.payload(packet);
        if let Some(transport) = &mut self.transport {
            let number = header.extension(packet, &map, Extension::TransportCc);
            let number = number.and_then(|number| number.try_into().ok());
            transport.arrived(
                now,
                u16::from_be_bytes(number.expect("every packet is numbered")),
                header.ssrc,
            );
        }
        if header.ssrc == self.ssrc ^ VOICE {
            assert!(!payload.is_empty());
            let number = u64::from_be_bytes(payload[10..18].try_into().expect("eight"));
            self.voice.as_mut().expect("asked for").push((now, number));
            return;
        }
        if payload.is_empty() {
            assert_eq!(header.ssrc, self.ssrc ^ 0x8000, "padding goes with repairs");
            self.padding_bytes += len as u64;
            return;
        }
        let wanted = if self.kind == MediaKind::Video {
            VIDEO
        } else {
            AUDIO
        };
        if header.ssrc == self.ssrc {
            assert_eq!(header.payload_type, wanted.payload_type);
            self.media_bytes += len as u64;
            self.media(now, header.sequence, &header, payload, false);
        } else {
            assert_eq!(header.ssrc, self.ssrc ^ 0x8000);
            assert_eq!(Some(header.payload_type), wanted.rtx_payload_type);
            self.retransmitted_bytes += len as u64;
            let original = u16::from_be_bytes([payload[0], payload[1]]);
            self.media(now, original, &header, &payload[2..], true);
        }
    }

    fn media(
        &mut self,
        now: Instant,
        sequence: u16,
        header: &Header,
        payload: &[u8],
        repaired: bool,
    ) {
        let newest = self.newest.unwrap_or(0x1_0000 + u64::from(sequence));
        let step = i64::from(sequence.wrapping_sub(newest as u16).cast_signed());
        let index = newest.saturating_add_signed(step);
        // Reordering may bring the very first packets late.
        let lowest = self.heard.first_key_value().map_or(index, |(at, _)| *at);
        for lost in (newest + 1..index).chain(index + 1..lowest) {
            self.missing
                .insert(lost, (now, now + Duration::from_millis(10)));
        }
        self.missing.remove(&index);
        self.newest = Some(newest.max(index));
        let descriptor = vp8::Descriptor::parse(payload).filter(|_| self.kind == MediaKind::Video);
        let descriptor = descriptor.unwrap_or_default();
        let heard = Heard {
            at: now,
            timestamp: header.timestamp,
            picture: descriptor.picture_id,
            tl0: descriptor.tl0_index,
            starts_keyframe: self.kind == MediaKind::Video && Codec::Vp8.starts_keyframe(payload),
            publisher: u64::from(u32::from_be_bytes(payload[6..10].try_into().expect("four"))),
            number: u64::from_be_bytes(payload[10..18].try_into().expect("eight")),
            layer: payload[18],
            repaired,
        };
        if self.heard.insert(index, heard).is_some() {
            self.duplicates += 1;
        }
    }

    pub(super) fn send(&mut self, now: Instant) -> Vec<Vec<u8>> {
        let mut out = Vec::new();
        if self.control_at <= now {
            self.control_at = now + Duration::from_millis(10);
            self.missing
                .retain(|_, (since, _)| now.saturating_duration_since(*since) < GIVE_UP);
            let mut lost = Vec::new();
            for (index, (_, due)) in &mut self.missing {
                if *due <= now {
                    *due = now + RETRY;
                    lost.push(*index as u16);
                }
            }
            if !lost.is_empty() {
                write::nack(&mut out, 9, self.ssrc, &lost);
            }
            if self.impatient {
                write::keyframe_request(&mut out, 9, self.ssrc);
            }
        }
        if self.report_at <= now {
            self.report_at = now + Duration::from_millis(500);
            let (last_sender_report, delay) = self.sender_report.map_or((0, 0), |(info, at)| {
                (
                    (info.ntp >> 16) as u32,
                    (now - at).as_micros() * 65_536 / 1_000_000,
                )
            });
            let block = ReportBlock {
                ssrc: self.ssrc,
                last_sender_report,
                delay_since_last_sender_report: delay as u32,
                ..ReportBlock::default()
            };
            write::receiver_report(&mut out, 9, &[block]);
        }
        if let Some(transport) = &mut self.transport {
            transport.write(now, 9, &mut out);
        }
        if out.is_empty() {
            Vec::new()
        } else {
            vec![seal(&mut self.session, out)]
        }
    }

    /// Sequence numbers between the first and the last that never came.
    pub(super) fn holes(&self) -> u64 {
        let (Some((first, _)), Some((last, _))) =
            (self.heard.first_key_value(), self.heard.last_key_value())
        else {
            return 0;
        };
        last - first + 1 - self.heard.len() as u64
    }
}
