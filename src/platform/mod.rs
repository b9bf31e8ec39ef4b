//! Ground floor: clock, ids, database, journal, HTTP, failures. Knows no word of the domain.

pub mod clock;
pub mod config;
pub mod ctx;
pub mod db;
pub mod failure;
pub mod http;
pub mod id;
pub mod journal;
pub mod metrics;
pub mod tasks;
pub mod telemetry;

pub use clock::{Clock, Millis};
pub use ctx::Ctx;
pub use db::Db;
pub use failure::{Answer, Failure, Fault, Kind, Refusal};
