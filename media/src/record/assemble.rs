//! Puts packets back in order and together into frames; says what is missing when it will not come any more.

use std::collections::BTreeMap;

use crate::rtp::MediaKind;

use super::depacketise::{self, ParameterSets};
use super::model::{Cause, Frame, Packet, TrackCodec};

/// A repair that takes longer than this is not waited for; with the fragment's length it bounds what a crash loses.
pub(super) const REPAIR_US: i64 = 400_000;
/// Packets waiting for a missing one; beyond this it is given up at once.
const WAITING_MAX: usize = 2_048;

/// What comes out, in order.
#[derive(Debug)]
pub(super) enum Assembled {
    Frame(Frame),
    /// What followed the last frame cannot be had, up to the next frame.
    Hole(Cause),
}

pub(super) struct Assembler {
    kind: MediaKind,
    stream: Option<u32>,
    next: Option<u64>,
    waiting: BTreeMap<u64, Packet>,
    /// Packets of the frame being put together, in order.
    parts: Vec<Packet>,
    sets: ParameterSets,
    /// No frame can be decoded before the next key frame.
    broken: bool,
    /// Told once per hole.
    hole: Option<Cause>,
    overload: bool,
}

impl Assembler {
    pub(super) fn new(kind: MediaKind) -> Self {
        Self {
            kind,
            stream: None,
            next: None,
            waiting: BTreeMap::new(),
            parts: Vec::new(),
            sets: ParameterSets::default(),
            broken: kind == MediaKind::Video,
            hole: None,
            overload: false,
        }
    }

    /// Whether only a key frame helps.
    pub(super) fn wants_keyframe(&self) -> bool {
        self.broken
    }

    pub(super) fn push(&mut self, packet: Packet, out: &mut Vec<Assembled>) {
        if self.stream != Some(packet.stream) {
            self.restart(packet.stream, out);
        }
        self.overload |= packet.dropped > 0;
        if self.next.is_some_and(|next| packet.index < next) {
            return;
        }
        let now_us = packet.arrived_us;
        self.waiting.insert(packet.index, packet);
        self.poll(now_us, out);
    }

    /// Lets time pass: what has been missing for too long is given up.
    pub(super) fn poll(&mut self, now_us: i64, out: &mut Vec<Assembled>) {
        loop {
            let Some((&index, first)) = self.waiting.first_key_value() else {
                return;
            };
            let next = *self.next.get_or_insert(index);
            if index > next {
                let patient = now_us - first.arrived_us < REPAIR_US;
                if patient && self.waiting.len() < WAITING_MAX {
                    return;
                }
                self.miss();
            }
            let packet = self.waiting.remove(&index).expect("it was just seen");
            self.next = Some(index + 1);
            self.take(packet, out);
        }
    }

    /// Gives out what can be had of the present stream and begins anew.
    pub(super) fn restart(&mut self, stream: u32, out: &mut Vec<Assembled>) {
        self.poll(i64::MAX, out);
        self.parts.clear();
        self.next = None;
        if self.stream.replace(stream).is_some() {
            self.broken = self.kind == MediaKind::Video;
        }
    }

    fn miss(&mut self) {
        self.parts.clear();
        self.broken = self.kind == MediaKind::Video;
        self.note();
    }

    fn note(&mut self) {
        let cause = if std::mem::take(&mut self.overload) {
            Cause::Overload
        } else {
            Cause::Lost
        };
        self.hole = self.hole.max(Some(cause));
    }

    fn take(&mut self, packet: Packet, out: &mut Vec<Assembled>) {
        if self.kind == MediaKind::Audio {
            self.parts.clear();
            self.parts.push(packet);
            return self.close(out);
        }
        let other = |part: &Packet| part.timestamp != packet.timestamp;
        if self.parts.first().is_some_and(other) {
            self.close(out);
        }
        let last = packet.marker;
        if !packet.payload.is_empty() {
            self.parts.push(packet);
        }
        if last {
            self.close(out);
        }
    }

    fn close(&mut self, out: &mut Vec<Assembled>) {
        let Some(first) = self.parts.first() else {
            return;
        };
        let payloads: Vec<&[u8]> = self.parts.iter().map(|part| &part.payload[..]).collect();
        let codec = first.codec;
        let made = depacketise::whole(codec, &payloads, &mut self.sets);
        let frame = made.map(|whole| Frame {
            timestamp: first.timestamp,
            arrived_us: first.arrived_us,
            clock: self.parts.last().and_then(|part| part.clock),
            keyframe: whole.keyframe,
            picture: whole.picture,
            data: whole.data,
        });
        // Parameter sets may come as a frame of their own; they are remembered, and are no frame.
        let sets_only = codec == TrackCodec::H264
            && payloads
                .iter()
                .all(|payload| matches!(payload.first().map(|first| first & 0x1f), Some(7 | 8)));
        self.parts.clear();
        if sets_only {
            return;
        }
        match frame {
            Some(frame) if frame.keyframe || !self.broken => {
                self.broken = false;
                if let Some(cause) = self.hole.take() {
                    out.push(Assembled::Hole(cause));
                }
                out.push(Assembled::Frame(frame));
            }
            // Before the first key frame nothing is missed.
            Some(_) => {}
            None => self.miss(),
        }
    }
}
