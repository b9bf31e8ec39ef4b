//! What the audit administrator sees of the journal.

use serde_json::Value;

use crate::platform::clock::Millis;

/// One line of the audit.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub seq: i64,
    pub at: Millis,
    /// Account id, `anonymous`, `system` or `setup`.
    pub actor: String,
    pub kind: String,
    pub entity: String,
    pub entity_version: i64,
    pub jurisdiction: String,
    pub payload: Value,
    pub hash: String,
}

/// Rooms whose payloads hold no business data.
const OPEN_ROOMS: [&str; 3] = ["audit.", "identity.", "region."];

impl Record {
    /// The record with its payload closed where it holds business data.
    #[must_use]
    pub fn closed(mut self) -> Self {
        if !OPEN_ROOMS.iter().any(|room| self.kind.starts_with(room)) {
            self.payload = Value::Null;
        }
        self
    }
}

/// Which lines are shown; empty fields do not narrow.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Only entries before this one, newest first.
    pub before: i64,
    pub actor: String,
    /// Beginning of a kind: `identity.`, `audit.refused`.
    pub kind: String,
    pub entity: String,
    pub from: i64,
    pub until: i64,
    pub limit: usize,
}
