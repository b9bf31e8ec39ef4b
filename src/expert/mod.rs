//! Experts: who knows what, how to reach them, and which of them fit an incident.

mod imports;
mod matching;
mod model;
mod refusal;
mod routes;
mod service;
mod specialty;
mod store;
mod wire;

pub use matching::{Match, Need, Part, rank};
pub use model::{Availability, Expert, ExpertId, Group, State};
pub use routes::routes;
pub use service::{by_ids, matches};
pub use store::STATEMENTS;
pub use wire::ExpertMatch;
