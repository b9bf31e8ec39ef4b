//! What was done and what was refused: read by the audit administrator alone.
//!
//! An accepted command is in the journal already, written with its rows. This room adds what leaves no rows:
//! refused attempts and readings of personal data. It shows the administrator who did what, where and when,
//! never what a report says: business payloads stay closed to him.

mod attempt;
mod bound;
mod kinds;
mod model;
mod routes;
mod service;
mod store;
mod wire;

pub use bound::Bound;
pub use kinds::KINDS;
pub use routes::{layer, routes};
pub use store::STATEMENTS;
