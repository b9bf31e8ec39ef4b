//! Datagrams from peers: decrypting them and finding the layer they belong to.

use std::time::Instant;

use crate::rtp::{Extension, Header};
use crate::srtp::is_rtcp;

use super::peer::{Peer, STREAMS_MAX, Stream};
use super::{PeerId, Router, RouterEvent, Sources};

impl Router {
    /// Takes one SRTP or SRTCP datagram, decrypting it in place. What does not authenticate is counted and dropped;
    /// answers whether it did.
    pub fn handle_datagram(&mut self, now: Instant, peer: PeerId, datagram: &mut [u8]) -> bool {
        let Some(at) = self.peers.position(peer) else {
            return false;
        };
        let peer = self.peers.at_mut(at).expect("a position is of a row");
        let Some(session) = &mut peer.session else {
            return false;
        };
        let control = is_rtcp(datagram);
        let opened = if control {
            session.inbound.unprotect_rtcp(datagram)
        } else {
            session.inbound.unprotect_rtp(datagram)
        };
        let Ok(len) = opened else {
            peer.stats.refused += 1;
            return false;
        };
        peer.stats.packets_in += 1;
        peer.stats.bytes_in += len as u64;
        let plain = &datagram[..len];
        if control {
            self.handle_rtcp(now, at, plain);
        } else {
            self.handle_rtp(now, at, plain);
        }
        true
    }

    fn handle_rtp(&mut self, now: Instant, at: usize, packet: &[u8]) {
        let peer = self.peers.at_mut(at).expect("the caller found it");
        let Some(header) = Header::parse(packet) else {
            peer.stats.refused += 1;
            return;
        };
        let known = peer
            .streams
            .iter()
            .find(|stream| stream.ssrc == header.ssrc)
            .copied();
        let Some(stream) = known.or_else(|| learn(peer, &mut self.sources, &header, packet)) else {
            peer.stats.refused += 1;
            return;
        };
        let Some(source) = self.sources.at_mut(stream.source) else {
            return;
        };
        if let Some(transport) = &mut peer.transport
            && let Some(&[high, low]) =
                header.extension(packet, &source.spec.extensions, Extension::TransportCc)
        {
            transport.arrived(now, u16::from_be_bytes([high, low]), header.ssrc);
        }
        let verdict = source.receive(now, stream.layer, &header, packet);
        if verdict.closed {
            peer.stats.dropped_closed += 1;
        }
        if verdict.fresh && !source.listed {
            source.listed = true;
            self.fresh_sources.push(stream.source);
        }
        let id = source.spec.source;
        let wishes = source.layers[stream.layer].deadline(now);
        let feedback = peer
            .transport
            .as_ref()
            .and_then(|transport| transport.deadline());
        peer.deadline = peer
            .deadline
            .into_iter()
            .chain(wishes)
            .chain(feedback)
            .min();
        if verdict.first {
            self.announce(RouterEvent::FirstPacket { source: id });
        }
        if let Some(dbov) = verdict.level_dbov {
            self.announce(RouterEvent::Level { source: id, dbov });
        }
    }
}

/// Finds the layer of an SSRC that was not named in the offer, by MID and RID or by a payload type only one source has.
fn learn(peer: &mut Peer, sources: &mut Sources, header: &Header, packet: &[u8]) -> Option<Stream> {
    if peer.streams.len() >= STREAMS_MAX {
        return None;
    }
    let of_mid = peer.sources.iter().copied().find(|at| {
        sources.at(*at).is_some_and(|source| {
            let mid = header.extension(packet, &source.spec.extensions, Extension::Mid);
            mid.is_some_and(|mid| mid == source.spec.mid.as_bytes())
        })
    });
    let at = of_mid.or_else(|| {
        let mut of_type = peer.sources.iter().copied().filter(|at| {
            sources
                .at(*at)
                .is_some_and(|source| source.sends(header.payload_type))
        });
        of_type.next().filter(|_| of_type.next().is_none())
    })?;
    let source = sources.at_mut(at)?;
    if !source.sends(header.payload_type) {
        return None;
    }
    let retransmission = source.is_rtx(header.payload_type);
    let layer = if source.layers.len() == 1 {
        0
    } else {
        let named = if retransmission {
            Extension::RepairedRid
        } else {
            Extension::Rid
        };
        source.layer_of_rid(header.extension(packet, &source.spec.extensions, named)?)?
    };
    if retransmission {
        source.layers[layer].rtx_ssrc = Some(header.ssrc);
    } else {
        if source.layers[layer]
            .ssrc
            .is_some_and(|before| before != header.ssrc)
        {
            source.layers[layer].restart();
        }
        source.layers[layer].ssrc = Some(header.ssrc);
    }
    let stream = Stream {
        ssrc: header.ssrc,
        source: at,
        layer,
    };
    peer.streams.push(stream);
    Some(stream)
}
