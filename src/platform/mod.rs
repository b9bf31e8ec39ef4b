//! Ground floor: clock, ids, database, journal, HTTP, failures. Knows no word of the domain.

pub mod clock;
pub mod config;
pub mod ctx;
pub mod db;
pub mod failure;
pub mod http;
pub mod id;
pub mod import;
pub mod journal;
pub mod metrics;
pub mod sealing;
pub mod spelling;
pub mod tabular;
pub mod tasks;
pub mod telemetry;
pub mod text;

pub use clock::{Clock, Millis};
pub use ctx::Ctx;
pub use db::Db;
pub use failure::{Answer, Failure, Fault, Kind, Refusal};

/// The word a unit variant has on the wire and in the database: `OnLeave` is `on_leave`.
///
/// # Panics
/// When the value is not a unit variant.
#[must_use]
pub fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        other => panic!("a unit variant serialises as a word, not as {other:?}"),
    }
}
