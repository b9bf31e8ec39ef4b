//! Reads the journal by place or by entity.

use super::{Cursor, Entry};
use crate::platform::{
    db::{Db, Row, args},
    failure::Fault,
};

const HEAD: &str = "SELECT epoch, seq FROM journal_head";
const AFTER: &str = "
      SELECT epoch, seq, at, actor, jurisdiction, topics, kind, entity, entity_version, payload, prev_hash, hash
        FROM journal
       WHERE seq > $1
    ORDER BY seq
       LIMIT $2
";
const OF_ENTITY: &str = "
      SELECT epoch, seq, at, actor, jurisdiction, topics, kind, entity, entity_version, payload, prev_hash, hash
        FROM journal
       WHERE entity = $1
         AND seq > $2
    ORDER BY seq
       LIMIT $3
";

/// An entry with its texts as stored, which the chain is made of.
pub(super) struct Raw {
    pub entry: Entry,
    pub topics: String,
    pub payload: String,
}

/// The newest place.
///
/// # Errors
/// When the database does not answer.
pub async fn head(db: &Db) -> Result<Cursor, Fault> {
    let row = db.read().fetch_one(HEAD, args![]).await?;
    Ok(Cursor {
        epoch: row.get("epoch")?,
        seq: row.get("seq")?,
    })
}

/// # Errors
/// When the database does not answer.
pub async fn epoch(db: &Db) -> Result<String, Fault> {
    head(db).await.map(|head| head.epoch)
}

/// At most `limit` entries after `seq`, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn after(db: &Db, seq: i64, limit: i64) -> Result<Vec<Entry>, Fault> {
    Ok(raw_after(db, seq, limit)
        .await?
        .into_iter()
        .map(|raw| raw.entry)
        .collect())
}

/// At most `limit` entries of one entity after `seq`, oldest first: its timeline.
///
/// # Errors
/// When the database does not answer.
pub async fn of_entity(db: &Db, entity: &str, seq: i64, limit: i64) -> Result<Vec<Entry>, Fault> {
    let rows = db
        .read()
        .fetch_all(OF_ENTITY, args![entity, seq, limit])
        .await?;
    rows.iter()
        .map(|row| parse(row).map(|raw| raw.entry))
        .collect()
}

pub(super) async fn raw_after(db: &Db, seq: i64, limit: i64) -> Result<Vec<Raw>, Fault> {
    db.read()
        .fetch_all(AFTER, args![seq, limit])
        .await?
        .iter()
        .map(parse)
        .collect()
}

fn parse(row: &Row) -> Result<Raw, Fault> {
    let (topics, payload): (String, String) = (row.get("topics")?, row.get("payload")?);
    let entry = Entry {
        epoch: row.get("epoch")?,
        seq: row.get("seq")?,
        at: crate::platform::Millis(row.get("at")?),
        actor: row.get("actor")?,
        jurisdiction: row.get("jurisdiction")?,
        // An altered text must not stop the verifier from naming it.
        topics: serde_json::from_str(&topics).unwrap_or_default(),
        kind: row.get("kind")?,
        entity: row.get("entity")?,
        entity_version: row.get("entity_version")?,
        payload: serde_json::from_str(&payload).unwrap_or_default(),
        prev_hash: row.get("prev_hash")?,
        hash: row.get("hash")?,
    };
    Ok(Raw {
        entry,
        topics,
        payload,
    })
}
