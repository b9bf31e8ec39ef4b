//! 录像: what was recorded of which conference: starting and stopping, the catalogue, playing back.
//!
//! The media server writes the files; this slice says when, keeps the catalogue of whole segments with their hashes,
//! raises the alarm when a disk is full, and makes whole at start-up what a crash left open. A recording ends by
//! itself with its conference, and goes on by itself after a restart.

mod keeper;
mod lifecycle;
mod model;
mod range;
mod refusals;
mod routes;
mod service;
mod store;
mod wire;

#[cfg(test)]
mod tests;

pub use keeper::start;
pub use model::{RecordingId, SegmentId};
pub use routes::routes;
pub use store::STATEMENTS;
