//! Call records from files: read with declared assumptions, imported once, taken back whole.

pub mod area;
pub mod jobs;
mod model;
pub mod plan;
pub mod reading;
pub(super) mod routes;
mod service;
pub(super) mod store;
pub mod wall_clock;
mod wire;
pub mod words;

pub use service::resume;
