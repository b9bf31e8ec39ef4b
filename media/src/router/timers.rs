//! What happens because time passes: reports, requests for lost packets and for key frames, transport feedback.

use std::time::{Duration, Instant};

use crate::egress::Clock;
use crate::rtcp::write;

use super::downlink::share_out;
use super::peer::{LOOK_EVERY, Peer, REPORT_EVERY};
use super::{Router, Sources};

/// The SSRC our own reports carry; any value is right that is nobody's stream.
const OWN_SSRC: u32 = 1;
/// Sequence numbers asked for in one message; the rest follows in the next.
const NACK_MAX: usize = 100;

impl Router {
    /// When [`Self::handle_timeout`] wants to be called next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.peers
            .iter()
            .filter_map(|(_, peer)| peer.deadline)
            .chain(self.mirrors_due)
            .min()
    }

    /// Lets time pass; what it brings is sent by the next [`Self::flush`].
    pub fn handle_timeout(&mut self, now: Instant) {
        let clock = Clock {
            now,
            ntp: self.clock.ntp(now),
            us: self.clock.us(now),
        };
        for at in 0..self.peers.rows() {
            let due = |peer: &Peer| peer.deadline.is_some_and(|deadline| deadline <= now);
            if self.peers.at(at).is_some_and(due) {
                self.serve(clock, at);
            }
        }
        self.ask_for_mirrors(now);
    }

    fn serve(&mut self, clock: Clock, at: usize) {
        let now = clock.now;
        let skews = self.skews(at);
        self.wishes.clear();
        let peer = self.peers.at_mut(at).expect("the caller found it");
        if peer.session.is_none() {
            // Nothing can be said to a peer without keys; `secure` starts its timers.
            peer.deadline = None;
            return;
        }
        ask(peer, &mut self.sources, now);
        if let Some(transport) = &mut peer.transport {
            peer.control
                .append(|out| transport.write(now, OWN_SSRC, out));
        }
        if peer.report_at.is_some_and(|report_at| report_at <= now) {
            peer.report_at = Some(now + REPORT_EVERY);
            let steered_by_remb = peer.remb && peer.transport.is_none();
            report_reception(
                peer,
                &mut self.sources,
                now,
                steered_by_remb.then_some(self.config.publish_bitrate_max_bps),
            );
            report_sending(peer, &self.sources, clock, &skews);
            if peer.look_at.is_none() && peer.receives_video() {
                peer.look_at = Some(now);
            }
        }
        if peer.look_at.is_some_and(|look_at| look_at <= now) {
            peer.look_at = Some(self.clock.next_beat(now, LOOK_EVERY));
            share_out(peer, &self.sources, now);
            for slot in &mut peer.slots {
                slot.choose_layer(now, &self.sources);
                self.wishes.extend(slot.waits_for());
            }
        }
        let layers = peer
            .sources
            .iter()
            .filter_map(|at| self.sources.at(*at))
            .flat_map(|source| &source.layers);
        peer.deadline = layers
            .filter_map(|layer| layer.deadline(now))
            .chain(
                peer.transport
                    .as_ref()
                    .and_then(|transport| transport.deadline()),
            )
            .chain(peer.report_at)
            .chain(peer.look_at)
            .chain(peer.leg.as_ref().and_then(|leg| leg.deadline(now)))
            .min();
        if !peer.control.is_empty() || peer.leg.is_some() {
            self.list_peer(at);
        }
        self.pass_on_wishes(now);
    }

    /// Has the publishers asked for the key frames that slots wait for.
    pub(super) fn pass_on_wishes(&mut self, now: Instant) {
        for at in 0..self.wishes.len() {
            let (source, layer) = self.wishes[at];
            if let Some(source) = self.sources.at_mut(source) {
                source.want_keyframe(layer);
                let publisher = source.publisher;
                // Never now: whoever is being served has to be done once.
                let due = source
                    .keyframe_deadline(now)
                    .map(|due| due.max(now + Duration::from_millis(1)));
                if let Some(peer) = self.peers.get_mut(publisher) {
                    peer.deadline = peer.deadline.into_iter().chain(due).min();
                }
            }
        }
        self.wishes.clear();
    }

    /// The clock skew of the publisher behind each slot of a peer.
    fn skews(&self, at: usize) -> Vec<Option<i64>> {
        let slots = self
            .peers
            .at(at)
            .map(|peer| peer.slots.as_slice())
            .unwrap_or_default();
        let skew = |slot: &crate::egress::Slot| {
            let source = self.sources.get(slot.shown()?)?;
            match &source.mirror {
                Some(mirror) => mirror.skew,
                None => self.peers.get(source.publisher)?.skew,
            }
        };
        slots.iter().map(skew).collect()
    }
}

/// Asks a publisher for packets that are missing and for key frames that are wanted.
fn ask(peer: &mut Peer, sources: &mut Sources, now: Instant) {
    let mut missing = Vec::new();
    for at in &peer.sources {
        let Some(source) = sources.at_mut(*at) else {
            continue;
        };
        for layer in &mut source.layers {
            missing.clear();
            layer.missing_due(now, &mut missing);
            let keyframe = layer.keyframe_due(now);
            let Some(ssrc) = layer.ssrc else { continue };
            for sequences in missing.chunks(NACK_MAX) {
                peer.control
                    .append(|out| write::nack(out, OWN_SSRC, ssrc, sequences));
            }
            if keyframe {
                peer.control
                    .append(|out| write::keyframe_request(out, OWN_SSRC, ssrc));
            }
        }
    }
}

fn report_reception(
    peer: &mut Peer,
    sources: &mut Sources,
    now: Instant,
    bitrate_max_bps: Option<u64>,
) {
    let mut blocks = Vec::new();
    for at in &peer.sources {
        let Some(source) = sources.at_mut(*at) else {
            continue;
        };
        blocks.extend(
            source
                .layers
                .iter_mut()
                .filter_map(|layer| layer.report_block(now)),
        );
    }
    for blocks in blocks.chunks(write::BLOCKS_MAX) {
        peer.control
            .append(|out| write::receiver_report(out, OWN_SSRC, blocks));
    }
    if let Some(bitrate_bps) = bitrate_max_bps.filter(|_| !blocks.is_empty()) {
        let ssrcs: Vec<u32> = blocks.iter().map(|block| block.ssrc).collect();
        peer.control
            .append(|out| write::remb(out, OWN_SSRC, bitrate_bps, &ssrcs));
    }
}

fn report_sending(peer: &mut Peer, sources: &Sources, clock: Clock, skews: &[Option<i64>]) {
    for (slot, skew) in peer.slots.iter_mut().zip(skews) {
        if let Some(info) = slot.sender_info(clock, sources, *skew) {
            peer.control
                .append(|out| write::sender_report(out, &info, &slot.spec.cname));
        }
    }
}
