//! The media server.

pub mod router;
pub mod rtp;
pub mod srtp;
