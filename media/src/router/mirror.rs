//! Sources whose publisher another router serves: followed there, kept here like any other source.
//!
//! A mirror has the rings of its source, so that receivers here are repaired here. Gaps toward the publisher are the
//! other router's business; only the wish for a key frame travels back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::ingress::Source;
use crate::rtp::Header;

use super::note::LayerNews;
use super::{Batch, Note, PeerId, Router, Shard, SourceSpec};

/// A mirror nobody watches is kept this long: programs change back and forth.
const UNUSED: Duration = Duration::from_secs(3);
/// Packets of one note; a larger batch becomes several.
const BATCH_BYTES: usize = 64 * 1024;
/// Notes nobody fetches; packets beyond this are lost, as they are on a link that is full.
const NOTES_MAX: usize = 16_384;

/// What makes a source a mirror.
pub(crate) struct Mirror {
    /// Where its publisher is served.
    from: Shard,
    /// The publisher's clock against ours, as last told.
    pub(super) skew: Option<i64>,
    /// The epoch of each layer over there.
    epochs: Vec<Option<u32>>,
    unused_since: Option<Instant>,
}

/// A source that another router has.
#[derive(Clone, Debug)]
pub struct Foreign {
    /// Where.
    pub from: Shard,
    /// Who publishes it.
    pub publisher: PeerId,
    /// As the publisher's router knows it.
    pub spec: Arc<SourceSpec>,
}

impl Router {
    /// Makes a source of another router available here. Repeating it is harmless.
    pub fn mirror(&mut self, now: Instant, foreign: &Foreign) {
        let id = foreign.spec.source;
        if self.sources.position(id).is_some() {
            return;
        }
        let mut spec = SourceSpec::clone(&foreign.spec);
        // Lost packets are asked for where the publisher is.
        spec.feedback.nack = false;
        let mut source = Source::new(now, foreign.publisher, spec);
        let epochs = vec![None; source.layers.len()];
        source.mirror = Some(Mirror {
            from: foreign.from,
            skew: None,
            epochs,
            unused_since: None,
        });
        let at = self.sources.insert(id, source);
        self.mirrors.push(at);
        self.post(foreign.from, Note::Follow(id));
    }

    /// Takes a note of another router.
    pub fn take_note(&mut self, now: Instant, from: Shard, note: Note) {
        match note {
            Note::Follow(id) => {
                let Some(source) = self.sources.get_mut(id).filter(|it| it.mirror.is_none()) else {
                    return self.post(from, Note::Gone(id));
                };
                if !source.followers.contains(&from) {
                    source.followers.push(from);
                }
                self.want_keyframe_of(now, id, None);
            }
            Note::Unfollow(id) => {
                if let Some(source) = self.sources.get_mut(id) {
                    source.followers.retain(|follower| *follower != from);
                }
            }
            Note::Keyframe(id, layer) => self.want_keyframe_of(now, id, layer),
            Note::Packets(batch) => self.take_batch(now, &batch),
            Note::Gone(id) => {
                let mirrored = |source: &Source| source.mirror.is_some();
                if self.sources.get(id).is_some_and(mirrored) {
                    self.remove_source(id);
                }
            }
        }
    }

    /// The next note for another router.
    pub fn poll_note(&mut self) -> Option<(Shard, Note)> {
        self.notes.pop_front()
    }

    pub(super) fn post(&mut self, to: Shard, note: Note) {
        let expendable = matches!(note, Note::Packets(_) | Note::Keyframe(..));
        if self.notes.len() < NOTES_MAX || !expendable {
            self.notes.push_back((to, note));
        }
    }

    fn take_batch(&mut self, now: Instant, batch: &Batch) {
        let Some(at) = self.sources.position(batch.source) else {
            return;
        };
        let source = self.sources.at_mut(at).expect("a position is of a row");
        let Some(mirror) = &mut source.mirror else {
            return;
        };
        mirror.skew = batch.skew;
        for news in &batch.layers {
            let Some(layer) = source.layers.get_mut(news.layer) else {
                continue;
            };
            if mirror.epochs[news.layer].replace(news.epoch) != Some(news.epoch) {
                layer.restart();
            }
            layer.ssrc = news.ssrc;
            if let Some(clock) = news.clock {
                layer.sender_report(now, clock);
            }
        }
        let mut start = 0;
        let mut fresh = false;
        for &(news, end) in &batch.packets {
            let packet = &batch.bytes[start..end];
            start = end;
            let layer = batch.layers[news].layer;
            if layer < source.layers.len()
                && let Some(header) = Header::parse(packet)
            {
                fresh |= source.receive(now, layer, &header, packet).fresh;
            }
        }
        if fresh && !std::mem::replace(&mut source.listed, true) {
            self.fresh_sources.push(at);
        }
    }

    /// Passes what has come since the last flush to the routers that follow.
    pub(super) fn pass_on(&mut self, at: usize) {
        let Some(source) = self.sources.at(at) else {
            return;
        };
        if source.followers.is_empty() {
            return;
        }
        let skew = self
            .peers
            .get(source.publisher)
            .and_then(|publisher| publisher.skew);
        let followers = source.followers.clone();
        for batch in batches(source, skew) {
            let batch = Arc::new(batch);
            for follower in &followers {
                self.post(*follower, Note::Packets(Arc::clone(&batch)));
            }
        }
    }

    /// Asks for the key frames that receivers of mirrors wait for.
    pub(super) fn ask_for_mirrors(&mut self, now: Instant) {
        self.mirrors_due = None;
        for place in 0..self.mirrors.len() {
            let Some(source) = self.sources.at_mut(self.mirrors[place]) else {
                continue;
            };
            let wanted: Vec<usize> = source
                .layers
                .iter_mut()
                .enumerate()
                .filter_map(|(at, layer)| layer.keyframe_due(now).then_some(at))
                .collect();
            let again = source.layers.iter().filter_map(|layer| layer.deadline(now));
            self.mirrors_due = again.chain(self.mirrors_due).min();
            if let Some(from) = source.mirror.as_ref().map(|mirror| mirror.from) {
                let id = source.spec.source;
                for layer in wanted {
                    self.post(from, Note::Keyframe(id, Some(layer)));
                }
            }
        }
    }

    /// Lets go of mirrors that nobody has watched for a while.
    pub fn sweep_mirrors(&mut self, now: Instant) {
        let mut unused = Vec::new();
        for at in &self.mirrors {
            let Some(source) = self.sources.at_mut(*at) else {
                continue;
            };
            let (id, watched) = (source.spec.source, !source.receivers.is_empty());
            let Some(mirror) = &mut source.mirror else {
                continue;
            };
            if watched {
                mirror.unused_since = None;
            } else if now.saturating_duration_since(*mirror.unused_since.get_or_insert(now))
                >= UNUSED
            {
                unused.push((mirror.from, id));
            }
        }
        for (from, id) in unused {
            self.remove_source(id);
            self.post(from, Note::Unfollow(id));
        }
    }
}

fn batches(source: &Source, skew: Option<i64>) -> Vec<Batch> {
    let begin = || Batch {
        source: source.spec.source,
        skew,
        layers: Vec::new(),
        packets: Vec::new(),
        bytes: Vec::new(),
    };
    let mut done = Vec::new();
    let mut batch = begin();
    for (at, layer) in source.layers.iter().enumerate() {
        let news = LayerNews {
            layer: at,
            epoch: layer.epoch(),
            ssrc: layer.ssrc,
            clock: layer.sender_clock(),
        };
        for stored in layer
            .batch()
            .iter()
            .filter_map(|index| layer.stored(*index))
        {
            if batch.bytes.len() + stored.packet.len() > BATCH_BYTES {
                done.push(std::mem::replace(&mut batch, begin()));
            }
            if batch.layers.last().is_none_or(|last| last.layer != at) {
                batch.layers.push(news);
            }
            batch.bytes.extend_from_slice(&stored.packet);
            batch
                .packets
                .push((batch.layers.len() - 1, batch.bytes.len()));
        }
    }
    if !batch.packets.is_empty() {
        done.push(batch);
    }
    done
}
