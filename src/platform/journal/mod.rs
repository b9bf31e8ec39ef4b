//! The journal: everything that happened, in order, chained by hashes. Written in the command's transaction.

mod append;
mod chain;
mod read;
mod relay;

use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;

use super::{clock::Millis, failure::Fault};
pub use append::{ensure_epoch, placeholders, renew_epoch};
pub use chain::{Verdict, verify};
pub use read::{after, epoch, head, of_entity};
pub use relay::Relay;

/// What a command writes; the journal adds the rest.
#[derive(Debug, Clone)]
pub struct Draft {
    /// `slice.happened`, a past participle: `incident.reported`.
    pub kind: &'static str,
    /// Id of the entity it happened to.
    pub entity: String,
    pub entity_version: i64,
    /// Division code: who may read it is decided by it.
    pub jurisdiction: String,
    /// `incident`, `incident/<id>`, …: who hears it. The first is the root.
    pub topics: Vec<String>,
    /// Account id, or `system`.
    pub actor: String,
    pub payload: Json,
}

impl Draft {
    /// Somebody looked at personal data. Only the audit hears of it.
    #[must_use]
    pub fn look(
        kind: &'static str,
        entity: String,
        jurisdiction: &str,
        actor: String,
        payload: Json,
    ) -> Self {
        Self {
            kind,
            entity,
            // A look makes no new version of anything.
            entity_version: 0,
            jurisdiction: jurisdiction.to_owned(),
            topics: vec!["audit".to_owned()],
            actor,
            payload,
        }
    }
}

/// One entry as it stands in the journal.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Entry {
    /// Drawn when the database is created or restored.
    pub epoch: String,
    /// 1, 2, 3 … without a gap within an epoch.
    pub seq: i64,
    pub at: Millis,
    pub actor: String,
    pub jurisdiction: String,
    pub topics: Vec<String>,
    pub kind: String,
    pub entity: String,
    pub entity_version: i64,
    pub payload: Json,
    /// Hex SM3 of the entry before; 64 zeros before the first.
    pub prev_hash: String,
    pub hash: String,
}

/// A reader's place in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
pub struct Cursor {
    pub epoch: String,
    pub seq: i64,
}

impl super::db::Tx {
    /// Appends an entry; it exists if and only if this transaction commits.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn append(&mut self, draft: Draft, now: Millis) -> Result<i64, Fault> {
        self.append_all(vec![draft], now).await
    }

    /// Appends several entries in order and answers the last one's number. Last in a transaction:
    /// on PostgreSQL it queues all writers behind the journal's head until the commit.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn append_all(&mut self, drafts: Vec<Draft>, now: Millis) -> Result<i64, Fault> {
        append::append_all(self, drafts, now).await
    }
}
