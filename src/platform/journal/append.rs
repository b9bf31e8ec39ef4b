//! Writes entries at the journal's head.

use rand::Rng as _;

use super::{Draft, Entry, chain};
use crate::platform::{
    clock::Millis,
    db::{Tx, Value, args},
    failure::Fault,
};

const LOCK_HEAD: &str = "
       UPDATE journal_head
          SET seq = seq
    RETURNING epoch, seq, hash
";
const MOVE_HEAD: &str = "UPDATE journal_head SET seq = $1, hash = $2";
const CREATE_HEAD: &str = "
    INSERT INTO journal_head (one, epoch, seq, hash)
    VALUES (1, $1, 0, $2)
    ON CONFLICT (one) DO NOTHING
";
const RENEW: &str = "UPDATE journal_head SET epoch = $1";
const INSERT: &str = "
    INSERT INTO journal (epoch, seq, at, actor, jurisdiction, topics, kind, entity, entity_version, payload, prev_hash, hash)
    VALUES ";
const COLUMNS: usize = 12;
/// SQLite looks each numbered parameter up among all of its statement: few rows a statement are much faster.
const ROWS_PER_INSERT: usize = 32;

/// Draws the epoch of a fresh database.
///
/// # Errors
/// When the database does not answer.
pub async fn ensure_epoch(tx: &mut Tx) -> Result<(), Fault> {
    tx.execute(CREATE_HEAD, args![draw_epoch(), chain::GENESIS])
        .await
        .map(drop)
}

/// Draws a new epoch: whoever read this journal before must begin anew.
///
/// # Errors
/// When the database does not answer.
pub async fn renew_epoch(tx: &mut Tx) -> Result<String, Fault> {
    let epoch = draw_epoch();
    tx.execute(RENEW, args![&epoch]).await?;
    Ok(epoch)
}

fn draw_epoch() -> String {
    hex::encode(rand::rng().random::<[u8; 8]>())
}

pub(super) async fn append_all(tx: &mut Tx, drafts: Vec<Draft>, now: Millis) -> Result<i64, Fault> {
    let head = tx.fetch_one(LOCK_HEAD, args![]).await?;
    let epoch: String = head.get("epoch")?;
    let mut seq: i64 = head.get("seq")?;
    let mut hash: String = head.get("hash")?;
    if drafts.is_empty() {
        return Ok(seq);
    }

    let mut drafts = drafts.into_iter().peekable();
    while drafts.peek().is_some() {
        let mut values: Vec<Value> = Vec::with_capacity(ROWS_PER_INSERT * COLUMNS);
        let mut rows = 0;
        for draft in drafts.by_ref().take(ROWS_PER_INSERT) {
            seq += 1;
            let mut entry = Entry {
                epoch: epoch.clone(),
                seq,
                at: now,
                actor: draft.actor,
                jurisdiction: draft.jurisdiction,
                topics: draft.topics,
                kind: draft.kind.to_owned(),
                entity: draft.entity,
                entity_version: draft.entity_version,
                payload: draft.payload,
                prev_hash: hash,
                hash: String::new(),
            };
            let topics = serde_json::to_string(&entry.topics).expect("strings are JSON");
            let payload = entry.payload.to_string();
            entry.hash = chain::hash(&entry, &topics, &payload);
            hash = entry.hash.clone();
            values.extend(args![
                entry.epoch,
                entry.seq,
                entry.at,
                entry.actor,
                entry.jurisdiction,
                topics,
                entry.kind,
                entry.entity,
                entry.entity_version,
                payload,
                entry.prev_hash,
                entry.hash
            ]);
            rows += 1;
        }
        tx.execute(format!("{INSERT}{}", placeholders(rows, COLUMNS)), values)
            .await?;
    }
    tx.execute(MOVE_HEAD, args![seq, hash]).await?;
    tx.journaled = true;
    Ok(seq)
}

/// `($1, $2), ($3, $4)` for two rows of two columns.
#[must_use]
pub fn placeholders(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let cells: Vec<String> = (1..=columns)
            .map(|column| format!("${}", row * columns + column))
            .collect();
        format!("({})", cells.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}
