//! One track toward a receiver: rewrites what is routed into it so that the receiver sees a single stream.

mod again;
mod choice;
mod copy;
mod padding;
mod report;

use std::time::{Duration, Instant};

use crate::bwe::Leg;
use crate::ingress::{Layer, Source};
use crate::router::{Outbox, Priority, RouteError, RouteSpec, SlotSpec, SourceId, Sources};
use crate::rtp::MediaKind;
use crate::srtp::Outbound;

use super::header::{Fixed, Template};
use super::resend::Resend;
use super::segment::{Continuation, Segment, map_payloads};
pub(crate) use copy::Clock;
use copy::Copy;

/// Segments a negative acknowledgement may reach back to.
const SEGMENTS_MAX: usize = 4;

/// What one flush sent to a peer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sent {
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
    pub(crate) again: u64,
}

/// One flush of one peer: where its slots read from and write to.
pub(crate) struct Passage<'a, O> {
    pub(crate) clock: Clock,
    pub(crate) sources: &'a Sources,
    pub(crate) outbound: &'a Outbound,
    pub(crate) outbox: &'a mut O,
    pub(crate) sent: Sent,
    /// Where the receiver reports transport-wide.
    pub(crate) leg: Option<&'a mut Leg>,
}

impl<O> Passage<'_, O> {
    /// The transport-wide number of a packet of `size` bytes that is about to be sent.
    fn number(&mut self, size: usize) -> u16 {
        let now_us = self.clock.us;
        self.leg.as_mut().map_or(0, |leg| leg.sent(now_us, size))
    }

    /// What sealing and the lower layers add to a packet: authentication tag, UDP and IP.
    fn overhead(&self) -> usize {
        16 + 28
    }

    fn has_room(&mut self, priority: Priority) -> bool {
        self.leg.as_mut().is_none_or(|leg| leg.has_room(priority))
    }
}

/// What is to be shown, but its key frame has not come.
#[derive(Clone, Copy, Debug)]
struct Pending {
    /// Dense index of the source, valid while `id` is there.
    source: usize,
    id: SourceId,
    /// The layer waited for; any will do while none is known to flow.
    layer: Option<usize>,
}

/// What the allocator leaves for a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grant {
    Unlimited,
    UpTo(u8),
    Nothing,
}

pub(crate) struct Slot {
    pub(crate) spec: SlotSpec,
    route: RouteSpec,
    template: Template,
    /// Newest last; the last one is what is shown now, unless `dark`.
    segments: Vec<Segment>,
    dark: bool,
    pending: Option<Pending>,
    /// What the receiver's downlink leaves for this slot.
    grant: Grant,
    last_out: u64,
    /// Where the stream began, or began anew after it had stopped: what was lost before will not be shown.
    begun_out: u64,
    last_timestamp: u32,
    last_sent_at: Option<Instant>,
    last_picture_id: Option<u16>,
    last_tl0_index: Option<u8>,
    /// Timestamp of the newest packet of the layer at the last flush: another one means that a frame has begun.
    newest_in: Option<u32>,
    packets: u32,
    bytes: u32,
    changes: u64,
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
            route: RouteSpec::default(),
            segments: Vec::new(),
            dark: true,
            pending: None,
            grant: Grant::Unlimited,
            last_out: first,
            begun_out: first,
            last_timestamp: 0,
            last_sent_at: None,
            last_picture_id: None,
            last_tl0_index: None,
            newest_in: None,
            packets: 0,
            bytes: 0,
            changes: 0,
            resend: Resend::new(first),
            lost: 0,
        }
    }

    /// Whether packets of `source` may have to be sent here.
    pub(crate) fn uses(&self, source: SourceId) -> bool {
        self.shown() == Some(source) || self.pending.is_some_and(|pending| pending.id == source)
    }

    /// The source that is on the way in or shown: what the route says.
    pub(crate) fn routed(&self) -> Option<SourceId> {
        self.pending
            .map(|pending| pending.id)
            .or_else(|| self.shown())
    }

    pub(crate) fn route_spec(&self) -> RouteSpec {
        self.route
    }

    pub(crate) fn shown(&self) -> Option<SourceId> {
        self.current().map(|segment| segment.id)
    }

    /// Dense index of the source whose packets go out now, and the layer.
    pub(crate) fn showing(&self) -> Option<(usize, usize)> {
        self.current()
            .map(|segment| (segment.source, segment.layer))
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

    /// Starts changing over to a source, or to another way of carrying the same.
    pub(crate) fn show(&mut self, now: Instant, at: usize, source: &Source, route: RouteSpec) {
        self.route = route;
        let id = source.spec.source;
        if self.shown() == Some(id) {
            self.pending = None;
        } else {
            self.pending = Some(Pending {
                source: at,
                id,
                layer: None,
            });
        }
        self.choose(now, at, source);
    }

    /// Falls silent at once.
    pub(crate) fn clear(&mut self) {
        self.pending = None;
        self.dark = true;
    }

    /// Drops every reference to a source that is going away.
    pub(crate) fn forget(&mut self, source: SourceId) {
        if self.pending.is_some_and(|pending| pending.id == source) {
            self.pending = None;
        }
        if self.shown() == Some(source) {
            self.dark = true;
        }
        self.segments.retain(|segment| segment.id != source);
    }

    /// Sends what came in since the last flush. Answers with the source that is no longer shown, if this flush changed
    /// over to another.
    pub(crate) fn forward(&mut self, way: &mut Passage<'_, impl Outbox>) -> Option<SourceId> {
        if self.grant == Grant::Nothing {
            return None;
        }
        if let Some(pending) = self.pending
            && let Some(source) = way.sources.at(pending.source)
            && let Some((layer, index)) = self.entry_point(way.clock.now, pending, source)
            && (self.spec.kind == MediaKind::Audio || way.has_room(self.route.priority))
        {
            let left = self.shown().filter(|shown| *shown != pending.id);
            self.change_over(way.clock, pending.source, source, layer, index);
            self.newest_in = source.layers[layer].newest_timestamp();
            let newest = source.layers[layer].newest().unwrap_or(index);
            for index in index..=newest {
                self.send(way, source, index);
            }
            // It may have begun on whatever layer came first.
            self.choose(way.clock.now, pending.source, source);
            return left;
        }
        let segment = self.current()?;
        let (at, id, layer, epoch) = (segment.source, segment.id, segment.layer, segment.epoch);
        let source = way.sources.at(at)?;
        if source.layers[layer].epoch() != epoch {
            // The stream began anew: wait for a point where the receiver can begin anew too.
            self.suspend(at, id);
            return self.forward(way);
        }
        if self.spec.kind == MediaKind::Video && !source.layers[layer].batch().is_empty() {
            let begins = source.layers[layer].newest_timestamp() != self.newest_in;
            self.newest_in = source.layers[layer].newest_timestamp();
            if begins && !way.has_room(self.route.priority) {
                // The way is full: a picture that waits would come too late. Go on with a key frame when there is room.
                self.suspend(at, id);
                return None;
            }
        }
        for &index in source.layers[layer].batch() {
            self.send(way, source, index);
        }
        None
    }

    /// Stops within the routed source, to begin anew with a key frame.
    fn suspend(&mut self, at: usize, id: SourceId) {
        self.dark = true;
        self.pending.get_or_insert(Pending {
            source: at,
            id,
            layer: None,
        });
    }

    fn change_over(&mut self, clock: Clock, at: usize, source: &Source, layer: usize, index: u64) {
        let from = &source.layers[layer];
        let Some(stored) = from.stored(index) else {
            return;
        };
        let payloads = map_payloads(&self.spec.payloads, &source.spec.payloads);
        let mut after = self.continuation(clock, from);
        // Encoders number the time of all layers alike: keeping the offset keeps the pace exact. The picture shown before
        // may be a little newer or older than the key frame, in either case by less than the time that has passed.
        if let (Some(segment), Some(next)) = (self.current(), after.timestamp)
            && segment.id == source.spec.source
        {
            let same = stored
                .header
                .timestamp
                .wrapping_add(segment.timestamp_offset);
            let ahead = same.wrapping_sub(self.last_timestamp);
            let slack = next.wrapping_sub(self.last_timestamp) + from.clock_rate_hz() / 5;
            if (1..=slack).contains(&ahead) {
                after.timestamp = Some(same);
            }
        }
        let segment = Segment::begin(at, source, layer, stored, payloads, &after);
        if self.dark && self.spec.kind == MediaKind::Video {
            self.begun_out = segment.first_out;
        }
        if self.segments.len() == SEGMENTS_MAX {
            self.segments.remove(0);
        }
        self.segments.push(segment);
        self.changes += 1;
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

    fn send(&mut self, way: &mut Passage<'_, impl Outbox>, source: &Source, index: u64) {
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
        let size = self.template.len() + stored.payload().len() + way.overhead();
        let transport = self.template.transport().then(|| way.number(size));
        let room = way.outbox.room();
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
            clock: way.clock,
            publisher: &source.spec.extensions,
            segment,
            stored,
        };
        let Some((header_len, len)) = copy.write(
            room,
            &self.template,
            &self.spec.extensions,
            &fixed,
            None,
            transport,
        ) else {
            return;
        };
        let sealed = way
            .outbound
            .seal_rtp(self.spec.ssrc, out, header_len, room, len);
        way.outbox.commit(sealed);

        if out >= self.last_out {
            self.last_out = out;
            self.last_timestamp = fixed.timestamp;
            self.last_sent_at = Some(way.clock.now);
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
        way.sent.packets += 1;
        way.sent.bytes += sealed as u64;
    }
}
