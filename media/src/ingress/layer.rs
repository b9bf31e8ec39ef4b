//! One stream of a source: its packets, its gaps, its reports and its key frames.

use std::time::{Duration, Instant};

use crate::rtcp::{ReportBlock, SenderInfo};
use crate::rtp::{Codec, Header, MediaKind, Payload, vp8};

use super::keyframe::KeyframeRequests;
use super::nack::{Gap, NackGenerator};
use super::rate::Rate;
use super::report::{FIRST_TURN, Reception};
use super::ring::{AUDIO_PACKETS, Ring, Stored, VIDEO_PACKETS};

/// A jump in sequence numbers further than this is a new stream, not a loss.
const JUMP_MAX: u64 = 3000;
/// A layer that was silent this long is not offered to receivers; nobody is asked for its key frames.
const SILENCE: Duration = Duration::from_secs(2);

/// A simulcast layer that was silent this long while receivers wait has been switched off by its encoder; another is
/// better. Longer than the gap between frames of a shared screen at five frames a second.
const STALL: Duration = Duration::from_millis(700);

/// Authentication tag, header extensions of the receiver's leg, UDP and IP.
const OVERHEAD: u64 = 16 + 8 + 28;

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    Stored {
        keyframe: bool,
    },
    /// Came before, or so late that nobody can want it.
    Useless,
}

pub(crate) struct Layer {
    pub(crate) rid: Option<String>,
    pub(crate) ssrc: Option<u32>,
    pub(crate) rtx_ssrc: Option<u32>,
    kind: MediaKind,
    clock_rate_hz: u32,
    /// Allocated with the first packet.
    ring: Option<Ring>,
    /// Extended sequence number; begins one turn above zero so that early reordering stays positive.
    newest: Option<u64>,
    heard_at: Option<Instant>,
    /// Grows when the stream restarts and old positions mean nothing any more.
    epoch: u32,
    /// Positions stored since the last flush.
    batch: Vec<u64>,
    nack: Option<NackGenerator>,
    keyframes: KeyframeRequests,
    reception: Reception,
    sender_clock: Option<SenderInfo>,
    started: Instant,
    rate: Rate,
    pub(crate) packets: u64,
    pub(crate) repaired: u64,
    pub(crate) keyframes_seen: u64,
}

impl Layer {
    pub(super) fn new(
        now: Instant,
        kind: MediaKind,
        clock_rate_hz: u32,
        nack: bool,
        rid: Option<String>,
    ) -> Self {
        Self {
            rid,
            ssrc: None,
            rtx_ssrc: None,
            kind,
            clock_rate_hz,
            ring: None,
            newest: None,
            heard_at: None,
            epoch: 0,
            batch: Vec::new(),
            nack: nack.then(NackGenerator::default),
            keyframes: KeyframeRequests::default(),
            reception: Reception::default(),
            sender_clock: None,
            started: now,
            rate: Rate::default(),
            packets: 0,
            repaired: 0,
            keyframes_seen: 0,
        }
    }

    /// Stores one plain packet of this layer.
    pub(crate) fn receive(
        &mut self,
        now: Instant,
        header: &Header,
        packet: &[u8],
        payload: &Payload,
    ) -> Arrival {
        let ring_len = if self.kind == MediaKind::Video {
            VIDEO_PACKETS
        } else {
            AUDIO_PACKETS
        };
        let mut index = self.position(header.sequence);
        if self
            .newest
            .is_some_and(|newest| index.abs_diff(newest) > JUMP_MAX)
        {
            self.restart();
            index = self.position(header.sequence);
        }
        let ring = self.ring.get_or_insert_with(|| Ring::new(ring_len));
        let too_old = self
            .newest
            .is_some_and(|newest| index + ring.capacity() <= newest);
        if too_old || ring.get(index).is_some() {
            return Arrival::Useless;
        }

        let cell = ring.claim(index);
        cell.index = index;
        cell.header = *header;
        cell.packet.clear();
        cell.packet.extend_from_slice(packet);
        let body = header.payload(packet);
        cell.vp8 = match payload.codec {
            Codec::Vp8 => vp8::Descriptor::parse(body).unwrap_or_default(),
            _ => vp8::Descriptor::default(),
        };
        cell.keyframe = !body.is_empty() && payload.codec.starts_keyframe(body);
        let keyframe = cell.keyframe;

        if let Some(nack) = &mut self.nack {
            match nack.arrived(now, self.newest, index) {
                Gap::None => {}
                Gap::Repaired => self.repaired += 1,
                Gap::TooWide => self.keyframes.want(),
            }
        }
        if keyframe && self.kind == MediaKind::Video {
            self.keyframes_seen += 1;
            self.keyframes.satisfied();
        }
        let ticks = now.saturating_duration_since(self.started).as_micros() as i64
            * i64::from(self.clock_rate_hz)
            / 1_000_000;
        self.reception.received(index, header.timestamp, ticks);
        self.newest = Some(self.newest.map_or(index, |newest| newest.max(index)));
        self.heard_at = Some(now);
        self.packets += 1;
        self.rate.add(now, packet.len());
        self.batch.push(index);
        Arrival::Stored { keyframe }
    }

    /// The stream begins anew: another SSRC, or the gate was shut. Nothing of before is sent any more.
    pub(crate) fn restart(&mut self) {
        self.epoch = self.epoch.wrapping_add(1);
        self.newest = None;
        self.batch.clear();
        self.reception = Reception::default();
        if let Some(ring) = &mut self.ring {
            ring.clear();
        }
        if let Some(nack) = &mut self.nack {
            nack.clear();
        }
    }

    /// Keeps the reports truthful for a packet that the gate drops.
    pub(crate) fn dropped(&mut self, now: Instant) {
        self.heard_at = Some(now);
    }

    pub(crate) fn epoch(&self) -> u32 {
        self.epoch
    }

    pub(crate) fn newest(&self) -> Option<u64> {
        self.newest
    }

    /// Of the newest packet.
    pub(crate) fn newest_timestamp(&self) -> Option<u32> {
        self.stored(self.newest?)
            .map(|stored| stored.header.timestamp)
    }

    pub(crate) fn clock_rate_hz(&self) -> u32 {
        self.clock_rate_hz
    }

    pub(crate) fn is_live(&self, now: Instant) -> bool {
        self.heard_at
            .is_some_and(|at| now.saturating_duration_since(at) < SILENCE)
    }

    /// Whether a receiver of a simulcast is well served by this layer.
    pub(crate) fn is_flowing(&self, now: Instant) -> bool {
        self.heard_at
            .is_some_and(|at| now.saturating_duration_since(at) < STALL)
    }

    /// What the layer carries, bits per second over the last second or so; the last known value while it is silent.
    pub(crate) fn bitrate_bps(&self) -> u64 {
        self.rate.bps()
    }

    /// As above, with what sealing, UDP and IP add to each packet.
    pub(crate) fn cost_bps(&self) -> u64 {
        self.rate.bps() + self.rate.pps() * 8 * OVERHEAD
    }

    pub(crate) fn stored(&self, index: u64) -> Option<&Stored> {
        self.ring.as_ref()?.get(index)
    }

    /// Positions that came since the last flush, in the order of arrival.
    pub(crate) fn batch(&self) -> &[u64] {
        &self.batch
    }

    pub(crate) fn clear_batch(&mut self) {
        self.batch.clear();
    }

    pub(crate) fn want_keyframe(&mut self) {
        if self.kind == MediaKind::Video {
            self.keyframes.want();
        }
    }

    /// Whether to ask the publisher for a key frame now.
    pub(crate) fn keyframe_due(&mut self, now: Instant) -> bool {
        self.ssrc.is_some() && self.is_live(now) && self.keyframes.due(now)
    }

    pub(crate) fn keyframe_requests(&self) -> u64 {
        self.keyframes.sent
    }

    /// Sequence numbers to ask the publisher for now.
    pub(crate) fn missing_due(&mut self, now: Instant, sequences: &mut Vec<u16>) {
        if let Some(nack) = &mut self.nack {
            nack.due(now, sequences);
        }
    }

    pub(crate) fn deadline(&self, now: Instant) -> Option<Instant> {
        let nack = self.nack.as_ref().and_then(NackGenerator::deadline);
        nack.into_iter().chain(self.keyframe_deadline(now)).min()
    }

    /// When the publisher has to be asked for a key frame.
    pub(crate) fn keyframe_deadline(&self, now: Instant) -> Option<Instant> {
        self.keyframes
            .deadline(now)
            .filter(|_| self.ssrc.is_some() && self.is_live(now))
    }

    pub(crate) fn sender_report(&mut self, now: Instant, info: SenderInfo) {
        self.reception.sender_report(now, info.ntp);
        self.sender_clock = Some(info);
    }

    /// The publisher's last clock reading for this stream.
    pub(crate) fn sender_clock(&self) -> Option<SenderInfo> {
        self.sender_clock
    }

    pub(crate) fn report_block(&mut self, now: Instant) -> Option<ReportBlock> {
        self.reception.block(now, self.ssrc?)
    }

    pub(crate) fn lost(&self) -> u64 {
        self.reception.lost()
    }

    fn position(&self, sequence: u16) -> u64 {
        match self.newest {
            None => FIRST_TURN + u64::from(sequence),
            Some(newest) => newest.saturating_add_signed(i64::from(
                sequence.wrapping_sub(newest as u16).cast_signed(),
            )),
        }
    }
}
