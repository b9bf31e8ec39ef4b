//! What the handle asks of a worker.

use std::sync::mpsc::SyncSender;
use std::time::Instant;

use crate::engine::{Admission, Engine, EngineStats, Notice};
use crate::net::tcp::Connection;
use crate::record::Tap;
use crate::router::{
    Foreign, PeerId, PeerStats, RouteSpec, Shard, SlotId, SlotStats, SourceId, SourceStats,
};
use crate::sdp::IceCredentials;

/// One request. Those with an `answer` are waited for.
pub enum Command {
    /// Let a peer in.
    Admit(Box<Admission>),
    /// Show a source in a slot, or nothing.
    Route {
        slot: SlotId,
        source: Option<SourceId>,
        /// What has to be known of a source that another worker has.
        foreign: Option<Foreign>,
        spec: RouteSpec,
    },
    /// Open or close a source.
    Gate { source: SourceId, open: bool },
    /// Have a source recorded, or no longer.
    Tap {
        source: SourceId,
        tap: Option<Box<Tap>>,
    },
    /// New ICE credentials, ours and the peer's name.
    RestartIce {
        peer: PeerId,
        local: IceCredentials,
        remote_ufrag: String,
    },
    /// Forget a peer.
    Remove(PeerId),
    /// Count a peer.
    PeerStats {
        peer: PeerId,
        answer: SyncSender<Option<PeerStats>>,
    },
    /// Count a source.
    SourceStats {
        source: SourceId,
        answer: SyncSender<Option<SourceStats>>,
    },
    /// Tell what a slot shows.
    SlotStats {
        slot: SlotId,
        answer: SyncSender<Option<SlotStats>>,
    },
    /// Count everything.
    EngineStats { answer: SyncSender<EngineStats> },
    /// Hear another worker.
    Notice { from: Shard, notice: Notice },
    /// Take over a TCP connection whose first check names a peer here.
    Adopt(Box<Connection>),
    /// Fail, and if `fatal` where nothing contains it.
    #[cfg(test)]
    Fault { fatal: bool },
    /// End the worker.
    Stop,
}

impl Command {
    /// Does it. An answer nobody waits for any more is dropped.
    pub(super) fn carry_out(self, engine: &mut Engine, now: Instant) {
        match self {
            Self::Admit(admission) => engine.admit(now, *admission),
            Self::Route {
                slot,
                source,
                foreign,
                spec,
            } => {
                if let Some(foreign) = foreign {
                    engine.mirror(now, &foreign);
                }
                // The handle has checked what it could; a peer may have left since.
                if let Err(error) = engine.route(now, slot, source, spec) {
                    tracing::debug!(slot.id = slot.0, %error, "a route was not set");
                }
            }
            Self::Gate { source, open } => {
                if let Err(error) = engine.gate(source, open) {
                    tracing::debug!(source.id = source.0, %error, "a gate was not set");
                }
            }
            Self::Tap { source, tap } => {
                if let Err(error) = engine.tap(now, source, tap) {
                    tracing::debug!(source.id = source.0, %error, "a tap was not set");
                }
            }
            Self::RestartIce {
                peer,
                local,
                remote_ufrag,
            } => {
                engine.restart_ice(now, peer, local, remote_ufrag);
            }
            Self::Remove(peer) => engine.remove(now, peer),
            Self::PeerStats { peer, answer } => {
                let _ = answer.try_send(engine.peer_stats(peer));
            }
            Self::SourceStats { source, answer } => {
                let _ = answer.try_send(engine.source_stats(source));
            }
            Self::SlotStats { slot, answer } => {
                let _ = answer.try_send(engine.slot_stats(slot));
            }
            Self::EngineStats { answer } => {
                let _ = answer.try_send(engine.stats());
            }
            Self::Notice { from, notice } => engine.take_notice(now, from, notice),
            #[cfg(test)]
            Self::Fault { .. } => panic!("a fault for a test"),
            // The worker's own business.
            Self::Adopt(_) | Self::Stop => {}
        }
    }
}
