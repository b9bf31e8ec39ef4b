//! What is counted per peer and per source.

use super::SourceId;
use super::spec::LAYERS_MAX;
use crate::srtp::SrtpProfile;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PeerStats {
    pub srtp_profile: Option<SrtpProfile>,
    /// Packets of media and control that came in and authenticated.
    pub packets_in: u64,
    pub bytes_in: u64,
    /// Media packets sent, retransmissions included.
    pub packets_out: u64,
    pub bytes_out: u64,
    pub retransmitted: u64,
    /// Packets the peer says it lost, summed over its slots; or that we lost from it, summed over its sources.
    pub lost: u64,
    pub rtt_ms: Option<u32>,
    /// What the peer believes its downlink carries, from its REMB, bits per second.
    pub remb_bps: Option<u64>,
    /// What its downlink is thought to carry, from its transport-wide feedback, bits per second.
    pub estimate_bps: Option<u64>,
    /// Packets that did not authenticate, were replayed, or belong to no known source.
    pub refused: u64,
    /// Packets of closed sources dropped at ingress.
    pub dropped_closed: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceStats {
    pub open: bool,
    pub packets: u64,
    pub bytes: u64,
    /// Gaps that no retransmission filled.
    pub lost: u64,
    /// Gaps that a retransmission filled.
    pub repaired: u64,
    pub dropped_closed: u64,
    pub keyframes: u64,
    pub keyframe_requests: u64,
    pub receivers: u64,
    /// Simulcast layers from the smallest to the largest; one without simulcast.
    pub layers: [LayerStats; LAYERS_MAX],
}

/// One simulcast layer of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LayerStats {
    pub packets: u64,
    pub keyframes: u64,
    /// Over the last second or so.
    pub bitrate_bps: u64,
}

/// What a slot shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlotStats {
    /// The source whose packets go out now.
    pub shown: Option<SourceId>,
    /// Its layer, 0 the smallest.
    pub layer: Option<u8>,
    pub packets: u64,
    /// How often the stream went over to another source or layer.
    pub changes: u64,
}
