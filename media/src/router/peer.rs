//! What the router keeps of one peer.

use std::time::{Duration, Instant};

use crate::bwe::Leg;
use crate::egress::Slot;
use crate::ingress::TransportRecorder;
use crate::rtp::MediaKind;
use crate::srtp;

use super::control::Control;
use super::{PeerId, PeerStats};

/// Reports go out this often, in both directions.
pub(super) const REPORT_EVERY: Duration = Duration::from_secs(1);
/// Receivers look at their layers this often, all of them at the same instants so that a worker wakes once for many.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Streams one peer may teach us; the rest is refused.
pub(super) const STREAMS_MAX: usize = 64;

/// Which layer an SSRC of a publisher belongs to.
#[derive(Clone, Copy)]
pub(super) struct Stream {
    pub(super) ssrc: u32,
    /// Dense index of the source.
    pub(super) source: usize,
    pub(super) layer: usize,
}

pub(super) struct Peer {
    pub(super) id: PeerId,
    pub(super) session: Option<srtp::Session>,
    pub(super) stats: PeerStats,
    pub(super) sources: Vec<usize>,
    pub(super) streams: Vec<Stream>,
    pub(super) slots: Vec<Slot>,
    pub(super) transport: Option<TransportRecorder>,
    pub(super) remb: bool,
    /// Where the peer receives and reports transport-wide.
    pub(super) leg: Option<Box<Leg>>,
    pub(super) control: Control,
    /// Smallest seen difference of our NTP time at arrival to the NTP time in the peer's sender reports, 32.32: their
    /// clock's offset and the shortest way here.
    pub(super) skew: Option<i64>,
    pub(super) report_at: Option<Instant>,
    /// For peers with slots for video.
    pub(super) look_at: Option<Instant>,
    /// When the peer has to be looked at next.
    pub(super) deadline: Option<Instant>,
    /// Already listed for the coming flush.
    pub(super) listed: bool,
}

impl Peer {
    pub(super) fn new(id: PeerId) -> Self {
        Self {
            id,
            session: None,
            stats: PeerStats::default(),
            sources: Vec::new(),
            streams: Vec::new(),
            slots: Vec::new(),
            transport: None,
            remb: false,
            leg: None,
            control: Control::default(),
            skew: None,
            report_at: None,
            look_at: None,
            deadline: None,
            listed: false,
        }
    }

    pub(super) fn receives_video(&self) -> bool {
        self.slots
            .iter()
            .any(|slot| slot.spec.kind == MediaKind::Video)
    }
}
