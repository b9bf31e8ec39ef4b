//! One published track: its layers, its gate and who receives it.

use std::time::Instant;

use crate::router::{LAYERS_MAX, LayerStats, Mirror, PeerId, Shard, SourceSpec, SourceStats};
use crate::rtp::extension::audio_level_dbov;
use crate::rtp::{Extension, Header, MediaKind};

use super::layer::{Arrival, Layer};
use super::level::LevelMeter;
use super::rtx;

/// What became of a packet of a source, for those who watch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// It waits in a batch.
    pub(crate) fresh: bool,
    pub(crate) first: bool,
    pub(crate) closed: bool,
    pub(crate) level_dbov: Option<i8>,
}

pub(crate) struct Source {
    pub(crate) spec: SourceSpec,
    pub(crate) publisher: PeerId,
    pub(crate) layers: Vec<Layer>,
    /// Dense indices of the peers that have a slot on this source; each once.
    pub(crate) receivers: Vec<usize>,
    /// Other routers with receivers of it; each once.
    pub(crate) followers: Vec<Shard>,
    /// Its publisher is served by another router.
    pub(crate) mirror: Option<Mirror>,
    open: bool,
    /// Already listed for the coming flush.
    pub(crate) listed: bool,
    level: LevelMeter,
    packets: u64,
    bytes: u64,
    dropped_closed: u64,
    /// A retransmission being turned back; kept for its memory.
    scratch: Vec<u8>,
    /// Where its packets are copied to while it is being recorded.
    pub(crate) tap: Option<Box<crate::record::Tap>>,
}

impl Source {
    pub(crate) fn new(now: Instant, publisher: PeerId, spec: SourceSpec) -> Self {
        let clock_rate_hz = spec
            .payloads
            .first()
            .map_or(90_000, |payload| payload.clock_rate_hz);
        let layer = |rid| Layer::new(now, spec.kind, clock_rate_hz, spec.feedback.nack, rid);
        let mut layers: Vec<Layer> = smallest_first(&spec.rids)
            .into_iter()
            .map(Some)
            .map(layer)
            .collect();
        if layers.is_empty() {
            layers.push(layer(None));
        }
        Self {
            spec,
            publisher,
            layers,
            receivers: Vec::new(),
            followers: Vec::new(),
            mirror: None,
            open: true,
            listed: false,
            level: LevelMeter::default(),
            packets: 0,
            bytes: 0,
            dropped_closed: 0,
            scratch: Vec::new(),
            tap: None,
        }
    }

    /// Takes a plain packet of one layer, or its retransmission.
    pub(crate) fn receive(
        &mut self,
        now: Instant,
        layer: usize,
        header: &Header,
        packet: &[u8],
    ) -> Verdict {
        if !self.open {
            self.layers[layer].dropped(now);
            self.dropped_closed += 1;
            return Verdict {
                closed: true,
                ..Verdict::default()
            };
        }
        let sent_as = header.payload_type;
        let Some(payload) = self
            .spec
            .payloads
            .iter()
            .find(|payload| {
                payload.payload_type == sent_as || payload.rtx_payload_type == Some(sent_as)
            })
            .copied()
        else {
            return Verdict::default();
        };
        let layer = &mut self.layers[layer];
        let arrival = if payload.payload_type == sent_as {
            layer.receive(now, header, packet, &payload)
        } else {
            let Some(ssrc) = layer.ssrc else {
                return Verdict::default();
            };
            match rtx::unwrap(
                packet,
                header,
                payload.payload_type,
                ssrc,
                &mut self.scratch,
            ) {
                Some(header) => layer.receive(now, &header, &self.scratch, &payload),
                None => return Verdict::default(),
            }
        };
        let Arrival::Stored { .. } = arrival else {
            return Verdict::default();
        };
        let first = self.packets == 0;
        self.packets += 1;
        self.bytes += packet.len() as u64;
        let level_dbov = if self.spec.kind == MediaKind::Audio {
            header
                .extension(packet, &self.spec.extensions, Extension::AudioLevel)
                .and_then(audio_level_dbov)
                .and_then(|dbov| self.level.heard(now, dbov))
        } else {
            None
        };
        Verdict {
            fresh: true,
            first,
            closed: false,
            level_dbov,
        }
    }

    /// Opens or shuts the gate; shutting also forgets what has not been sent yet.
    pub(crate) fn gate(&mut self, open: bool) {
        if self.open != open {
            self.open = open;
            self.layers.iter_mut().for_each(Layer::restart);
        }
    }

    pub(crate) fn is_rtx(&self, payload_type: u8) -> bool {
        self.spec
            .payloads
            .iter()
            .any(|payload| payload.rtx_payload_type == Some(payload_type))
    }

    pub(crate) fn sends(&self, payload_type: u8) -> bool {
        self.is_rtx(payload_type)
            || self
                .spec
                .payloads
                .iter()
                .any(|payload| payload.payload_type == payload_type)
    }

    pub(crate) fn layer_of_rid(&self, rid: &[u8]) -> Option<usize> {
        self.layers.iter().position(|layer| {
            layer
                .rid
                .as_deref()
                .is_some_and(|known| known.as_bytes() == rid)
        })
    }

    /// The layer to send to somebody who may have up to `max`: the largest that packets arrive on, or else the smallest
    /// there is above it. `None` when nothing arrives.
    pub(crate) fn layer_for(&self, now: Instant, max: usize) -> Option<usize> {
        if self.layers.len() == 1 {
            return Some(0);
        }
        let live = |layer: &Layer| layer.is_flowing(now);
        let (within, above) = self
            .layers
            .split_at(self.layers.len().min(max.saturating_add(1)));
        within
            .iter()
            .rposition(live)
            .or_else(|| above.iter().position(live).map(|at| within.len() + at))
    }

    /// Asks for a key frame on one layer, or on every layer a receiver might begin with.
    pub(crate) fn want_keyframe(&mut self, layer: Option<usize>) {
        match layer {
            Some(layer) => self
                .layers
                .get_mut(layer)
                .into_iter()
                .for_each(Layer::want_keyframe),
            None => self.layers.iter_mut().for_each(Layer::want_keyframe),
        }
    }

    pub(crate) fn stats(&self) -> SourceStats {
        SourceStats {
            open: self.open,
            packets: self.packets,
            bytes: self.bytes,
            lost: self.layers.iter().map(Layer::lost).sum(),
            repaired: self.layers.iter().map(|layer| layer.repaired).sum(),
            dropped_closed: self.dropped_closed,
            keyframes: self.layers.iter().map(|layer| layer.keyframes_seen).sum(),
            keyframe_requests: self.layers.iter().map(Layer::keyframe_requests).sum(),
            receivers: self.receivers.len() as u64,
            layers: self.layer_stats(),
        }
    }

    /// When the publisher has to be asked for a key frame.
    pub(crate) fn keyframe_deadline(&self, now: Instant) -> Option<Instant> {
        self.layers
            .iter()
            .filter_map(|layer| layer.keyframe_deadline(now))
            .min()
    }

    fn layer_stats(&self) -> [LayerStats; LAYERS_MAX] {
        let mut stats = [LayerStats::default(); LAYERS_MAX];
        for (stats, layer) in stats.iter_mut().zip(&self.layers) {
            *stats = LayerStats {
                packets: layer.packets,
                keyframes: layer.keyframes_seen,
                bitrate_bps: layer.bitrate_bps(),
            };
        }
        stats
    }
}

/// RIDs from the smallest layer to the largest. Clients list them that way round; those that list well-known names the
/// other way round are read by the names.
fn smallest_first(rids: &[String]) -> Vec<String> {
    const LADDERS: [&[&str]; 6] = [
        &["q", "h", "f"],
        &["l", "m", "h"],
        &["0", "1", "2", "3"],
        &["lo", "mid", "hi"],
        &["low", "medium", "high"],
        &["low", "mid", "high"],
    ];
    let mut sorted = rids.to_vec();
    let place = |ladder: &[&str], rid: &String| ladder.iter().position(|name| name == rid);
    if let Some(ladder) = LADDERS
        .iter()
        .find(|ladder| rids.iter().all(|rid| place(ladder, rid).is_some()))
    {
        sorted.sort_by_key(|rid| place(ladder, rid));
    }
    sorted
}
