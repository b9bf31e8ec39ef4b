//! HTTP: what is common to every route.

pub mod contract;
pub mod extract;
pub mod idempotency;
pub mod layers;
pub mod page;
pub mod problem;
pub mod serve;
pub mod tls;
pub mod ui;

pub use extract::{Body, Path, Query};
pub use page::{ByName, Page};
