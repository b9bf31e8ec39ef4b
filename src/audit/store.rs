//! SQL of the audit: the journal, newest first.

use super::model::{Filter, Record};
use crate::platform::clock::Millis;
use crate::platform::db::{Reader, Row, args};
use crate::platform::failure::Fault;

pub const STATEMENTS: &[&str] = &[LIST];

const LIST: &str = "
      SELECT seq, at, actor, kind, entity, entity_version, jurisdiction, payload, hash
        FROM journal
       WHERE seq < $1
         AND ($2 = '' OR actor = $2)
         AND kind LIKE $3
         AND ($4 = '' OR entity = $4)
         AND at >= $5
         AND at < $6
    ORDER BY seq DESC
       LIMIT $7
";

/// # Errors
/// When the database does not answer.
pub async fn list(reader: Reader<'_>, filter: &Filter, limit: i64) -> Result<Vec<Record>, Fault> {
    let kind: String = filter
        .kind
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'))
        .collect();
    let rows = reader
        .fetch_all(
            LIST,
            args![
                filter.before,
                &filter.actor,
                format!("{kind}%"),
                &filter.entity,
                filter.from,
                filter.until,
                limit
            ],
        )
        .await?;
    rows.iter().map(record).collect()
}

fn record(row: &Row) -> Result<Record, Fault> {
    Ok(Record {
        seq: row.get("seq")?,
        at: Millis(row.get("at")?),
        actor: row.get("actor")?,
        kind: row.get("kind")?,
        entity: row.get("entity")?,
        entity_version: row.get("entity_version")?,
        jurisdiction: row.get("jurisdiction")?,
        payload: row.json("payload")?,
        hash: row.get("hash")?,
    })
}
