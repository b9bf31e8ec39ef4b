//! Incidents: what happened, who told us, how bad it is and what has become of it.
//!
//! One record carries both work-flows: the seconds of call taking and the hours of the duty office. Rules are the
//! pure files `lifecycle`, `duplicate`, `proposal`, `level`, `figures`, `category`, `intake`; `imports` brings in
//! files of call records. Every change is a journal entry `incident.…` whose payload holds the row as `incident`.

pub mod category;
pub mod duplicate;
pub mod figures;
pub mod imports;
mod intake;
pub mod level;
pub mod lifecycle;
pub mod model;
pub mod proposal;
mod refusal;
mod routes;
mod service;
mod store;
pub mod wire;

#[cfg(test)]
mod tests;

pub use imports::resume;
pub use model::{Incident, IncidentId};
pub use routes::routes;
pub use service::{readable, report, seal_phones};
pub use store::{Filter, by_id, list, statements};
