//! What peers report and ask over RTCP.

use std::time::Instant;

use crate::egress::Slot;
use crate::rtcp::SenderInfo;
use crate::rtcp::read::{Blocks, Message, messages};

use super::clock::round_trip;
use super::peer::Peer;
use super::{Router, SourceId};

impl Router {
    pub(super) fn handle_rtcp(&mut self, now: Instant, at: usize, compound: &[u8]) {
        let ntp = self.clock.ntp(now);
        for message in messages(compound) {
            let peer = self.peers.at_mut(at).expect("the caller found it");
            match message {
                Message::SenderReport(info, blocks) => {
                    reported(peer, ntp, blocks);
                    self.handle_sender_report(now, at, ntp, info);
                }
                Message::ReceiverReport(blocks) => reported(peer, ntp, blocks),
                Message::Nack { ssrc, lost } => {
                    if let Some(slot) = slot_of(peer, ssrc) {
                        slot.asked(lost);
                        if slot.has_requests() {
                            self.list_peer(at);
                        }
                    }
                }
                Message::KeyframeRequest { ssrc } => {
                    if let Some((at, layer)) = slot_of(peer, ssrc).and_then(|slot| slot.showing()) {
                        self.want_keyframe(now, at, layer);
                    }
                }
                Message::Remb { bitrate_bps } => peer.stats.remb_bps = Some(bitrate_bps),
                Message::TransportFeedback(feedback) => self.handle_transport(now, at, &feedback),
                // Streams end with their peer.
                Message::Goodbye { .. } => {}
            }
        }
    }

    fn handle_sender_report(&mut self, now: Instant, at: usize, ntp: u64, info: SenderInfo) {
        let peer = self.peers.at_mut(at).expect("the caller found it");
        let Some(stream) = peer.streams.iter().find(|stream| stream.ssrc == info.ssrc) else {
            return;
        };
        let Some(source) = self.sources.at_mut(stream.source) else {
            return;
        };
        let layer = &mut source.layers[stream.layer];
        if layer.ssrc == Some(info.ssrc) {
            layer.sender_report(now, info);
            let skew = ntp.wrapping_sub(info.ntp).cast_signed();
            peer.skew = Some(peer.skew.map_or(skew, |before| before.min(skew)));
        }
    }

    fn want_keyframe(&mut self, now: Instant, source: usize, layer: usize) {
        if let Some(id) = self.sources.at(source).map(|source| source.spec.source) {
            self.want_keyframe_of(now, id, Some(layer));
        }
    }

    pub(super) fn want_keyframe_of(&mut self, now: Instant, id: SourceId, layer: Option<usize>) {
        let Some(source) = self.sources.get_mut(id) else {
            return;
        };
        source.want_keyframe(layer);
        let publisher = source.publisher;
        self.wake(now, publisher);
    }

    pub(super) fn list_peer(&mut self, at: usize) {
        if let Some(peer) = self.peers.at_mut(at)
            && !std::mem::replace(&mut peer.listed, true)
        {
            self.fresh_peers.push(at);
        }
    }
}

fn slot_of(peer: &mut Peer, ssrc: u32) -> Option<&mut Slot> {
    peer.slots.iter_mut().find(|slot| slot.spec.ssrc == ssrc)
}

fn reported(peer: &mut Peer, ntp: u64, blocks: Blocks<'_>) {
    for block in blocks {
        if let Some(slot) = slot_of(peer, block.ssrc) {
            slot.reported(
                &block,
                round_trip(
                    ntp,
                    block.last_sender_report,
                    block.delay_since_last_sender_report,
                ),
            );
        }
    }
}
