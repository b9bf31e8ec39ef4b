//! The media server: peers send and receive tracks, routes say who receives what. It has never heard of a venue.
//!
//! [`Media`] is the whole door. Clients offer, the server answers: [`Media::publish`] for a client that sends,
//! [`Media::receive`] for one that receives into a fixed number of slots. Everything else (checks, handshakes,
//! packets) happens on worker threads; what the owner should know arrives as [`MediaEvent`].

mod bwe;
mod dtls;
mod egress;
mod engine;
#[doc(hidden)]
pub mod fuzzing;
mod handle;
mod ice;
mod ingress;
#[cfg(test)]
mod link_sim;
pub mod net;
pub mod record;
mod registry;
pub mod router;
pub mod rtcp;
pub mod rtp;
mod sdp;
pub mod srtp;
mod worker;

pub use engine::{EngineStats, LostReason, MediaEvent};
pub use handle::{
    CallError, Media, MediaConfig, Published, PublishedTrack, Received, RestartAnswer, Slot,
};
pub use router::{
    LayerStats, PeerId, PeerStats, Priority, RouteSpec, SlotId, SlotStats, SourceId, SourceStats,
};
pub use rtp::MediaKind;
pub use sdp::OfferRefusal;
pub use srtp::SrtpProfile;

#[cfg(test)]
mod tests;
