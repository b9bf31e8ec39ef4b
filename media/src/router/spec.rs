//! What a negotiated session tells the router about peers, sources and slots.

use crate::rtp::{ExtensionMap, MediaKind, Payload};

use super::{SlotId, SourceId};

/// Simulcast layers taken of one source; browsers send three.
pub const LAYERS_MAX: usize = 4;

/// RTCP messages negotiated with `a=rtcp-fb` for one media section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Feedback {
    pub nack: bool,
    /// `nack pli` or `ccm fir`.
    pub keyframe: bool,
    pub transport_cc: bool,
    pub remb: bool,
}

/// One track a peer publishes.
#[derive(Clone, Debug)]
pub struct SourceSpec {
    pub source: SourceId,
    pub kind: MediaKind,
    pub mid: String,
    pub payloads: Vec<Payload>,
    pub extensions: ExtensionMap,
    pub feedback: Feedback,
    /// SSRCs named in the offer with their retransmission SSRC; empty when they are to be learned from MID and RID.
    pub ssrcs: Vec<(u32, Option<u32>)>,
    /// Simulcast layers in the order offered, at most [`LAYERS_MAX`]; empty without simulcast.
    pub rids: Vec<String>,
}

/// One track a peer receives.
#[derive(Clone, Debug)]
pub struct SlotSpec {
    pub slot: SlotId,
    pub kind: MediaKind,
    pub mid: String,
    /// In the receiver's order of preference.
    pub payloads: Vec<Payload>,
    pub extensions: ExtensionMap,
    pub feedback: Feedback,
    /// The SSRC named in the answer.
    pub ssrc: u32,
    /// Named in the answer when retransmissions are negotiated.
    pub rtx_ssrc: Option<u32>,
    pub cname: String,
}

/// What is kept longest when a receiver's downlink is tight, most important first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    MainAudio,
    FloorAudio,
    Presentation,
    #[default]
    Program,
    Gallery,
}

/// How a source is carried into a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteSpec {
    /// The largest simulcast layer worth sending, 0 the smallest. A source with fewer layers gives what it has.
    pub max_layer: u8,
    pub priority: Priority,
}

impl Default for RouteSpec {
    /// Every layer, as the programme.
    fn default() -> Self {
        Self {
            max_layer: u8::MAX,
            priority: Priority::default(),
        }
    }
}

/// Bounds of one router.
#[derive(Clone, Copy, Debug)]
pub struct RouterConfig {
    /// What publishers that are steered by REMB may send in all, bits per second.
    pub publish_bitrate_max_bps: u64,
}

impl Default for RouterConfig {
    fn default() -> Self {
        Self {
            publish_bitrate_max_bps: 6_000_000,
        }
    }
}

/// Why a routing call was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    #[error("there is no peer {0}")]
    NoSuchPeer(super::PeerId),
    #[error("there is no slot {0}")]
    NoSuchSlot(SlotId),
    #[error("there is no source {0}")]
    NoSuchSource(SourceId),
    #[error("the slot and the source are of different kinds")]
    KindMismatch,
    #[error("the receiver negotiated no codec the source sends")]
    NoCommonCodec,
}

/// What happened inside the router that others want to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouterEvent {
    /// The first packet of a source has been decrypted and let through.
    FirstPacket { source: SourceId },
    /// The loudest packet of the last 100 ms, in dBov: 0 loudest, -127 silence.
    Level { source: SourceId, dbov: i8 },
}
