//! What calls answer with.

use crate::router::{PeerId, RouteError, SlotId, SourceId};
use crate::rtp::MediaKind;

/// An answered offer of a client that sends.
#[derive(Debug, Clone)]
pub struct Published {
    /// Its number.
    pub peer: PeerId,
    /// The SDP answer.
    pub answer: String,
    /// `ETag` of the ICE generation (RFC 9725, 4.3.1), without quotes.
    pub etag: String,
    /// Accepted tracks, in the order of the offer.
    pub tracks: Vec<PublishedTrack>,
}

/// One published track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedTrack {
    /// Its number, for routes and gates.
    pub source: SourceId,
    /// Its `a=mid`.
    pub mid: String,
    /// Audio or video.
    pub kind: MediaKind,
    /// `VP8`, `H264` or `opus`.
    pub codec: String,
}

/// An answered offer of a client that receives.
#[derive(Debug, Clone)]
pub struct Received {
    /// Its number.
    pub peer: PeerId,
    /// The SDP answer.
    pub answer: String,
    /// As [`Published::etag`].
    pub etag: String,
    /// Places into which sources can be routed, in the order of the offer.
    pub slots: Vec<Slot>,
}

/// One place of a receiving client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Its number, for routes.
    pub slot: SlotId,
    /// Its `a=mid`.
    pub mid: String,
    /// Audio or video.
    pub kind: MediaKind,
}

/// What a PATCH of a WHIP or WHEP session comes to (RFC 9725, 4.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RestartAnswer {
    /// Candidates of the present generation: nothing to say (204).
    Trickled,
    /// New credentials (200, `application/trickle-ice-sdpfrag`).
    Restarted {
        /// The body.
        fragment: String,
        /// The new `ETag`, without quotes.
        etag: String,
    },
}

/// Why a call had no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The slot, source or peer is not there or does not fit.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// The media server has ended.
    #[error("the media server has ended")]
    Stopped,
}
