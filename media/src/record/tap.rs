//! Where the router passes a source's packets on to the recorder: copied into a bounded queue, never waited for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::Instant;

use crate::ingress::Source;
use crate::rtp::MediaKind;

use super::model::{Packet, SenderClock, TrackCodec};
use super::writer::{Queued, ReelId};

/// The end of the recorder's queue that one source feeds.
#[derive(Debug)]
pub struct Tap {
    reel: ReelId,
    queue: SyncSender<Queued>,
    keyframe_wanted: Arc<AtomicBool>,
    /// The layer being copied, and its numbering.
    following: Option<(usize, u32, Option<u32>)>,
    stream: u32,
    dropped: u32,
}

impl Tap {
    pub(super) fn new(
        reel: ReelId,
        queue: SyncSender<Queued>,
        keyframe_wanted: Arc<AtomicBool>,
    ) -> Self {
        Self {
            reel,
            queue,
            keyframe_wanted,
            following: None,
            stream: 0,
            dropped: 0,
        }
    }

    /// Copies what came since the last flush on the largest layer that is live. `skew` is what to add to the
    /// publisher's clock to get ours.
    pub(crate) fn copy(&mut self, now: Instant, ntp: u64, skew: Option<i64>, source: &mut Source) {
        if let Some(layer) = self.choose(now, source) {
            self.pass(ntp, skew, source, layer);
        }
        if source.spec.kind == MediaKind::Video
            && self.keyframe_wanted.swap(false, Ordering::Relaxed)
            && let Some(layer) = self
                .following
                .and_then(|(at, ..)| source.layers.get_mut(at))
        {
            layer.want_keyframe();
        }
    }

    /// Goes over to a larger layer with its key frame, to a smaller one as soon as the larger has fallen silent.
    fn choose(&mut self, now: Instant, source: &mut Source) -> Option<usize> {
        let best = source.layer_for(now, usize::MAX)?;
        let Some((at, ..)) = self.following else {
            return Some(best);
        };
        if at == best {
            return Some(at);
        }
        let layer = &mut source.layers[best];
        let begins = layer
            .batch()
            .iter()
            .any(|index| layer.stored(*index).is_some_and(|stored| stored.keyframe));
        if begins || best < at {
            return Some(best);
        }
        layer.want_keyframe();
        Some(at)
    }

    fn pass(&mut self, ntp: u64, skew: Option<i64>, source: &Source, at: usize) {
        let layer = &source.layers[at];
        let numbering = (at, layer.epoch(), layer.ssrc);
        if self.following.replace(numbering) != Some(numbering) {
            self.stream = self.stream.wrapping_add(1);
        }
        let clock = layer
            .sender_clock()
            .filter(|info| layer.ssrc == Some(info.ssrc))
            .zip(skew)
            .map(|(info, skew)| SenderClock {
                timestamp: info.timestamp,
                wall_us: micros(info.ntp.wrapping_add_signed(skew)),
            });
        for index in layer.batch() {
            let Some(stored) = layer.stored(*index) else {
                continue;
            };
            let sent_as = stored.header.payload_type;
            let Some(codec) = source
                .spec
                .payloads
                .iter()
                .find(|payload| payload.payload_type == sent_as)
                .and_then(|payload| TrackCodec::named(payload.codec.name()))
            else {
                continue;
            };
            let packet = Packet {
                stream: self.stream,
                index: *index,
                timestamp: stored.header.timestamp,
                marker: stored.header.marker,
                codec,
                arrived_us: micros(ntp),
                clock,
                dropped: self.dropped,
                payload: stored.header.payload(&stored.packet).to_vec(),
            };
            match self.queue.try_send((self.reel, packet)) {
                Ok(()) => self.dropped = 0,
                Err(TrySendError::Full(_)) => self.dropped = self.dropped.saturating_add(1),
                // The recorder has ended; the owner takes the tap off.
                Err(TrySendError::Disconnected(_)) => return,
            }
        }
    }
}

/// NTP time, 32.32, as microseconds since 1970.
fn micros(ntp: u64) -> i64 {
    const NTP_TO_UNIX_S: i64 = 2_208_988_800;
    let seconds = (ntp >> 32) as i64 - NTP_TO_UNIX_S;
    let fraction_us = ((ntp & 0xffff_ffff) * 1_000_000) >> 32;
    seconds * 1_000_000 + fraction_us as i64
}
