//! HTTP: what is common to every route.

pub mod contract;
pub mod extract;
pub mod idempotency;
pub mod layers;
pub mod problem;
pub mod serve;
pub mod tls;
pub mod ui;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use extract::{Body, Path, Query};

/// A page of a list. `next` goes into the query as `after` to get the page behind it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Of `limit + 1` fetched rows keeps `limit`; the key of the last kept one leads to the next page.
    #[must_use]
    pub fn of(mut items: Vec<T>, limit: usize, key: impl Fn(&T) -> String) -> Self {
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(key) } else { None };
        Self { items, next }
    }
}
