//! The media server.

mod egress;
mod ingress;
pub mod router;
pub mod rtcp;
pub mod rtp;
pub mod srtp;
