//! One track toward a receiver: rewrites what is routed into it so that the receiver sees a single stream.

use std::time::{Duration, Instant};

use crate::ingress::{Layer, Source, Stored};
use crate::router::{DATAGRAM_MAX, Outbox, RouteError, SlotSpec, SourceId, Sources};
use crate::rtcp::{ReportBlock, SenderInfo};
use crate::rtp::{ExtensionMap, MediaKind};
use crate::srtp::{OVERHEAD_MAX, Outbound};

use super::header::{Fixed, Template};
use super::resend::Resend;
use super::segment::{Continuation, Segment, map_payloads};

/// Segments a negative acknowledgement may reach back to.
const SEGMENTS_MAX: usize = 4;

/// The instant of one flush in the forms the packets need.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    pub(crate) now: Instant,
    /// NTP time, 32.32.
    pub(crate) ntp: u64,
}

impl Clock {
    /// Fixed point 6.18 seconds.
    fn send_time(self) -> [u8; 3] {
        let [.., a, b, c] = ((self.ntp >> 14) as u32).to_be_bytes();
        [a, b, c]
    }
}

/// What one flush sent for a slot.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sent {
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
    pub(crate) again: u64,
}

pub(crate) struct Slot {
    pub(crate) spec: SlotSpec,
    template: Template,
    /// Newest last; the last one is what is shown now, unless `dark`.
    segments: Vec<Segment>,
    dark: bool,
    /// Routed, but its key frame has not come.
    pending: Option<(usize, SourceId)>,
    last_out: u64,
    last_timestamp: u32,
    last_sent_at: Option<Instant>,
    last_picture_id: Option<u16>,
    last_tl0_index: Option<u8>,
    packets: u32,
    bytes: u32,
    resend: Resend,
    pub(crate) lost: u64,
}

impl Slot {
    pub(crate) fn new(spec: SlotSpec) -> Self {
        // Below 2^15 so that the rollover counter certainly begins at zero on both sides; the SSRC was random.
        let first = u64::from(spec.ssrc & 0x3fff) + 1;
        Self {
            template: Template::new(&spec.extensions, &spec.mid),
            spec,
            segments: Vec::new(),
            dark: true,
            pending: None,
            last_out: first,
            last_timestamp: 0,
            last_sent_at: None,
            last_picture_id: None,
            last_tl0_index: None,
            packets: 0,
            bytes: 0,
            resend: Resend::new(first),
            lost: 0,
        }
    }

    /// Whether packets of `source` may have to be sent here.
    pub(crate) fn uses(&self, source: SourceId) -> bool {
        self.shown() == Some(source) || self.pending.is_some_and(|(_, id)| id == source)
    }

    /// The source that is on the way in or shown: what the route says.
    pub(crate) fn routed(&self) -> Option<SourceId> {
        self.pending.map(|(_, id)| id).or_else(|| self.shown())
    }

    pub(crate) fn shown(&self) -> Option<SourceId> {
        self.current().map(|segment| segment.id)
    }

    fn current(&self) -> Option<&Segment> {
        self.segments.last().filter(|_| !self.dark)
    }

    /// # Errors
    /// The source cannot be shown here; nothing changes.
    pub(crate) fn accepts(&self, source: &Source) -> Result<(), RouteError> {
        if source.spec.kind != self.spec.kind {
            return Err(RouteError::KindMismatch);
        }
        if map_payloads(&self.spec.payloads, &source.spec.payloads).is_empty() {
            return Err(RouteError::NoCommonCodec);
        }
        Ok(())
    }

    /// Starts changing over to a source.
    pub(crate) fn show(&mut self, source: usize, id: SourceId) {
        if self.shown() == Some(id) {
            self.pending = None;
        } else {
            self.pending = Some((source, id));
        }
    }

    /// Falls silent at once.
    pub(crate) fn clear(&mut self) {
        self.pending = None;
        self.dark = true;
    }

    /// Drops every reference to a source that is going away.
    pub(crate) fn forget(&mut self, source: SourceId) {
        if self.pending.is_some_and(|(_, id)| id == source) {
            self.pending = None;
        }
        if self.shown() == Some(source) {
            self.dark = true;
        }
        self.segments.retain(|segment| segment.id != source);
    }

    /// Sends what came in since the last flush. Answers with the source that is no longer shown, if this flush changed
    /// over to another.
    pub(crate) fn forward(
        &mut self,
        clock: Clock,
        sources: &Sources,
        outbound: &Outbound,
        outbox: &mut impl Outbox,
        sent: &mut Sent,
    ) -> Option<SourceId> {
        let mut left = None;
        if let Some((at, id)) = self.pending
            && let Some(source) = sources.at(at)
            && let Some((layer, index)) = entry_point(source)
        {
            left = self.shown().filter(|shown| *shown != id);
            self.change_over(clock, at, source, layer, index);
            let newest = source.layers[layer].newest().unwrap_or(index);
            for index in index..=newest {
                self.send(clock, source, index, outbound, outbox, sent);
            }
            return left;
        }
        let Some(segment) = self.current() else {
            return left;
        };
        let (at, id, layer, epoch) = (segment.source, segment.id, segment.layer, segment.epoch);
        let Some(source) = sources.at(at) else {
            return left;
        };
        if source.layers[layer].epoch() != epoch {
            // The stream began anew: wait for a point where the receiver can begin anew too.
            self.dark = true;
            self.pending.get_or_insert((at, id));
            return self.forward(clock, sources, outbound, outbox, sent);
        }
        for &index in source.layers[layer].batch() {
            self.send(clock, source, index, outbound, outbox, sent);
        }
        left
    }

    /// The source whose key frame has to come before it can be shown.
    pub(crate) fn waits_for(&self) -> Option<usize> {
        self.pending.map(|(at, _)| at)
    }

    /// Changes to another layer of the same source when the present one has died or a larger one has come.
    pub(crate) fn choose_layer(&mut self, now: Instant, sources: &Sources) -> bool {
        let Some(segment) = self.current().filter(|_| self.pending.is_none()) else {
            return false;
        };
        let Some(source) = sources
            .at(segment.source)
            .filter(|source| source.layers.len() > 1)
        else {
            return false;
        };
        let Some(best) = source.best_layer(now) else {
            return false;
        };
        if best == segment.layer {
            return false;
        }
        self.pending = Some((segment.source, segment.id));
        true
    }

    fn change_over(&mut self, clock: Clock, at: usize, source: &Source, layer: usize, index: u64) {
        let from = &source.layers[layer];
        let Some(stored) = from.stored(index) else {
            return;
        };
        let payloads = map_payloads(&self.spec.payloads, &source.spec.payloads);
        let segment = Segment::begin(
            at,
            source,
            layer,
            stored,
            payloads,
            &self.continuation(clock, from),
        );
        if self.segments.len() == SEGMENTS_MAX {
            self.segments.remove(0);
        }
        self.segments.push(segment);
        self.dark = false;
        self.pending = None;
    }

    fn continuation(&self, clock: Clock, layer: &Layer) -> Continuation {
        let Some(last_sent_at) = self.last_sent_at else {
            return Continuation {
                first_out: self.last_out,
                timestamp: None,
                picture_id: None,
                tl0_index: None,
            };
        };
        // At least one frame later, at most the time that truly passed: players take a jump for a long pause.
        let frame = if self.spec.kind == MediaKind::Video {
            33
        } else {
            20
        };
        let passed = clock
            .now
            .saturating_duration_since(last_sent_at)
            .max(Duration::from_millis(frame));
        let ticks = passed.as_micros() * u128::from(layer.clock_rate_hz()) / 1_000_000;
        Continuation {
            first_out: self.last_out + 1,
            timestamp: Some(self.last_timestamp.wrapping_add(ticks as u32)),
            picture_id: self.last_picture_id.map(|id| id.wrapping_add(1) & 0x7fff),
            tl0_index: self.last_tl0_index.map(|index| index.wrapping_add(1)),
        }
    }

    fn send(
        &mut self,
        clock: Clock,
        source: &Source,
        index: u64,
        outbound: &Outbound,
        outbox: &mut impl Outbox,
        sent: &mut Sent,
    ) {
        let Some(segment) = self.segments.last() else {
            return;
        };
        let Some(out) = segment.out(index) else {
            return;
        };
        let Some(stored) = source.layers[segment.layer].stored(index) else {
            return;
        };
        let Some(payload) = segment.payload(stored.header.payload_type) else {
            return;
        };
        let room = outbox.room();
        let fixed = Fixed {
            marker: stored.header.marker,
            payload_type: payload.to,
            sequence: out as u16,
            timestamp: stored
                .header
                .timestamp
                .wrapping_add(segment.timestamp_offset),
            ssrc: self.spec.ssrc,
        };
        let copy = Copy {
            clock,
            publisher: &source.spec.extensions,
            segment,
            stored,
        };
        let Some((header_len, len)) =
            copy.write(room, &self.template, &self.spec.extensions, &fixed, None)
        else {
            return;
        };
        let sealed = outbound.seal_rtp(self.spec.ssrc, out, header_len, room, len);
        outbox.commit(sealed);

        if out >= self.last_out {
            self.last_out = out;
            self.last_timestamp = fixed.timestamp;
            self.last_sent_at = Some(clock.now);
            if stored.vp8.has_picture_id() {
                self.last_picture_id = Some(segment.picture_id(stored));
            }
            if stored.vp8.has_tl0_index() {
                self.last_tl0_index = Some(segment.tl0_index(stored));
            }
        }
        self.packets = self.packets.wrapping_add(1);
        self.bytes = self.bytes.wrapping_add((len - header_len) as u32);
        self.resend.earned(len);
        sent.packets += 1;
        sent.bytes += sealed as u64;
    }

    /// The receiver asks for packets again.
    pub(crate) fn asked(&mut self, sequences: impl Iterator<Item = u16>) {
        if self.spec.rtx_ssrc.is_some() {
            self.resend.asked(sequences);
        }
    }

    pub(crate) fn has_requests(&self) -> bool {
        !self.resend.is_idle()
    }

    /// Answers the receiver's requests out of the shared ring.
    ///
    /// Only on a retransmission stream of its own: sealing another packet under an index used before would give the
    /// key of an AEAD away.
    pub(crate) fn answer_requests(
        &mut self,
        clock: Clock,
        sources: &Sources,
        outbound: &Outbound,
        outbox: &mut impl Outbox,
        sent: &mut Sent,
    ) {
        let queue = self.resend.take_queue();
        for &sequence in &queue {
            self.send_again(clock, sources, sequence, outbound, outbox, sent);
        }
        self.resend.return_queue(queue);
    }

    fn send_again(
        &mut self,
        clock: Clock,
        sources: &Sources,
        sequence: u16,
        outbound: &Outbound,
        outbox: &mut impl Outbox,
        sent: &mut Sent,
    ) -> Option<()> {
        let rtx_ssrc = self.spec.rtx_ssrc?;
        let behind = (self.last_out as u16).wrapping_sub(sequence);
        let out = self.last_out.checked_sub(u64::from(behind))?;
        let segment = self
            .segments
            .iter()
            .rev()
            .find(|segment| segment.first_out <= out)?;
        let source = sources
            .at(segment.source)
            .filter(|source| source.spec.source == segment.id)?;
        let layer = source
            .layers
            .get(segment.layer)
            .filter(|layer| layer.epoch() == segment.epoch)?;
        let stored = layer.stored(segment.layer_position(out)?)?;
        let payload = segment.payload(stored.header.payload_type)?;
        let payload_type = payload.rtx?;
        if !self.resend.grant(clock.now, sequence, stored.packet.len()) {
            return None;
        }
        let index = self.resend.next_index();
        let room = outbox.room();
        let fixed = Fixed {
            marker: stored.header.marker,
            payload_type,
            sequence: index as u16,
            timestamp: stored
                .header
                .timestamp
                .wrapping_add(segment.timestamp_offset),
            ssrc: rtx_ssrc,
        };
        let copy = Copy {
            clock,
            publisher: &source.spec.extensions,
            segment,
            stored,
        };
        let (header_len, len) = copy.write(
            room,
            &self.template,
            &self.spec.extensions,
            &fixed,
            Some(sequence),
        )?;
        let sealed = outbound.seal_rtp(rtx_ssrc, index, header_len, room, len);
        outbox.commit(sealed);
        sent.again += 1;
        sent.packets += 1;
        sent.bytes += sealed as u64;
        Some(())
    }

    /// What the receiver reports about this slot's stream. `None` for the round trip before our first report.
    pub(crate) fn reported(&mut self, block: &ReportBlock, round_trip: Option<Duration>) {
        self.lost = u64::from(block.cumulative_lost);
        if let Some(rtt) = round_trip {
            self.resend.round_trip(rtt);
        }
    }

    pub(crate) fn rtt(&self) -> Option<Duration> {
        self.resend.rtt()
    }

    /// The reading of this slot's stream clock at the flush. `skew` is what to subtract from our NTP time to get the
    /// publisher's; it is the same for all tracks of a publisher, which keeps lips and voice together.
    pub(crate) fn sender_info(
        &self,
        clock: Clock,
        sources: &Sources,
        skew: Option<i64>,
    ) -> Option<SenderInfo> {
        let segment = self.current()?;
        let last_sent_at = self.last_sent_at?;
        let source = sources.at(segment.source)?;
        let layer = &source.layers[segment.layer];
        let rate = i64::from(layer.clock_rate_hz());
        let timestamp = match (layer.sender_clock(), skew) {
            (Some(reading), Some(skew)) => {
                let publisher_now = clock.ntp.wrapping_add_signed(skew.wrapping_neg());
                let passed = i128::from(publisher_now.wrapping_sub(reading.ntp).cast_signed());
                let ticks = (passed * i128::from(rate)) >> 32;
                reading
                    .timestamp
                    .wrapping_add(ticks as u32)
                    .wrapping_add(segment.timestamp_offset)
            }
            _ => {
                let passed = clock
                    .now
                    .saturating_duration_since(last_sent_at)
                    .as_micros() as i64;
                self.last_timestamp
                    .wrapping_add((passed * rate / 1_000_000) as u32)
            }
        };
        Some(SenderInfo {
            ssrc: self.spec.ssrc,
            ntp: clock.ntp,
            timestamp,
            packets: self.packets,
            bytes: self.bytes,
        })
    }
}

/// One receiver's copy of a stored packet.
struct Copy<'a> {
    clock: Clock,
    publisher: &'a ExtensionMap,
    segment: &'a Segment,
    stored: &'a Stored,
}

impl Copy<'_> {
    /// Writes the plain packet, as a retransmission when `original` is its sequence number. Answers with the lengths of
    /// the header and of the whole; `None` when it does not fit a datagram.
    fn write(
        &self,
        room: &mut [u8],
        template: &Template,
        receiver: &ExtensionMap,
        fixed: &Fixed,
        original: Option<u16>,
    ) -> Option<(usize, usize)> {
        let send_time = self.clock.send_time();
        let header_len = template.write(
            room,
            fixed,
            self.stored,
            self.publisher,
            receiver,
            send_time,
        )?;
        let mut at = header_len;
        if let Some(original) = original {
            room[at..at + 2].copy_from_slice(&original.to_be_bytes());
            at += 2;
        }
        let payload = self.stored.payload();
        let end = at + payload.len();
        if end + OVERHEAD_MAX > room.len().min(DATAGRAM_MAX) {
            return None;
        }
        room[at..end].copy_from_slice(payload);
        if self.stored.vp8.has_picture_id() || self.stored.vp8.has_tl0_index() {
            let (picture_id, tl0_index) = (
                self.segment.picture_id(self.stored),
                self.segment.tl0_index(self.stored),
            );
            self.stored
                .vp8
                .rewrite(&mut room[at..end], picture_id, tl0_index);
        }
        Some((header_len, end))
    }
}

/// The largest layer with a place to begin among the packets of this flush.
fn entry_point(source: &Source) -> Option<(usize, u64)> {
    source
        .layers
        .iter()
        .enumerate()
        .rev()
        .find_map(|(at, layer)| {
            let begins = |index: &&u64| layer.stored(**index).is_some_and(|stored| stored.keyframe);
            layer.batch().iter().find(begins).map(|index| (at, *index))
        })
}
