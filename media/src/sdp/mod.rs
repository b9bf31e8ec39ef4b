//! Session descriptions: reads what a client offers and writes the one answer this server gives.
//!
//! The client always offers and the server always answers. Nothing here does I/O or keeps state:
//! an offer goes in, an [`Agreement`] (with the answer text) or an [`OfferRefusal`] comes out.

mod answer;
mod caps;
mod fragment;
mod offer;
mod refusal;

pub use answer::{Agreement, LocalSide, agree};
pub use caps::{AgreedMedia, LocalSsrcs};
pub use fragment::{Fragment, restart_answer};
pub use offer::{Direction, IceCredentials};
pub use refusal::OfferRefusal;

/// What a client wants to do with a connection; one connection does one of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The client sends and the server receives (WHIP).
    Publish,
    /// The server sends and the client receives (WHEP).
    Receive,
}

#[cfg(test)]
mod tests;
