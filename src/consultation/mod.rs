//! 会商: one click from an incident to a meeting with the right people.
//!
//! Keeps nothing of its own: it asks the registries what stands around an incident and who knows about it,
//! proposes venues and experts, and has the conference slice open the meeting. The incident's timeline is
//! told in the transaction that opens it, as `incident.consultation_opened`.

mod proposal;
mod refusal;
mod routes;
mod service;
mod wire;

pub use routes::routes;
