//! JSON of the audit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::KINDS;
use super::model::{Filter, Record};
use crate::platform::clock::Millis;
use crate::platform::http::contract::one_of;

#[derive(Debug, Serialize, ToSchema)]
pub struct RecordView {
    pub seq: i64,
    pub at: Millis,
    /// Account id, `anonymous`, `system` or `setup`.
    pub actor: String,
    pub actor_name: Option<String>,
    #[schema(schema_with = kinds)]
    pub kind: String,
    pub entity: String,
    pub entity_version: i64,
    pub jurisdiction: String,
    /// Null for business data, which the audit does not open.
    pub payload: serde_json::Value,
    pub hash: String,
}

fn kinds() -> utoipa::openapi::Schema {
    one_of(KINDS)
}

impl RecordView {
    pub fn new(record: Record, names: &BTreeMap<String, String>) -> Self {
        Self {
            seq: record.seq,
            at: record.at,
            actor_name: names.get(&record.actor).cloned(),
            actor: record.actor,
            kind: record.kind,
            entity: record.entity,
            entity_version: record.entity_version,
            jurisdiction: record.jurisdiction,
            payload: record.payload,
            hash: record.hash,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Cursor: `next` of the page before.
    #[serde(default)]
    pub after: String,
    /// Account id.
    #[serde(default)]
    pub actor: String,
    /// Beginning of a kind: `identity.`, `audit.refused`.
    #[serde(default)]
    pub kind: String,
    #[serde(default)]
    pub entity: String,
    /// From this instant, ms UTC.
    pub from: Option<i64>,
    /// Before this instant, ms UTC.
    pub until: Option<i64>,
    /// At most 200.
    #[serde(default = "fifty")]
    pub limit: usize,
}

fn fifty() -> usize {
    50
}

impl From<AuditQuery> for Filter {
    fn from(query: AuditQuery) -> Self {
        Self {
            before: query.after.parse().unwrap_or(i64::MAX),
            actor: query.actor,
            kind: query.kind,
            entity: query.entity,
            from: query.from.unwrap_or(0),
            until: query.until.unwrap_or(i64::MAX),
            limit: query.limit.clamp(1, 200),
        }
    }
}
