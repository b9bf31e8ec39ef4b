//! The websocket: journal topics that resume without loss, commands that may be retried, the live map's views.
//!
//! A socket is one more reader of the journal. It never has a queue of its own for entries: a slow client is
//! simply further back in the journal, and gets everything in order when its line allows.

mod commands;
mod frame;
mod routes;
mod socket;
mod subscriptions;

pub use commands::{CommandRouter, ToRouter};
pub use routes::routes;
