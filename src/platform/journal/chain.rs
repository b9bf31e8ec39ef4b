//! The hash chain: what makes an altered or missing entry visible.

use serde::Serialize;
use sm3::{Digest as _, Sm3};

use super::{Entry, read};
use crate::platform::{db::Db, failure::Fault};

/// Stands before the first entry.
pub(super) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

const PAGE: i64 = 2_000;

/// SM3 (GB/T 32905) over the length-prefixed fields in their order of declaration, texts as stored.
pub(super) fn hash(entry: &Entry, topics: &str, payload: &str) -> String {
    let mut sm3 = Sm3::new();
    let mut field = |bytes: &[u8]| {
        sm3.update((bytes.len() as u64).to_be_bytes());
        sm3.update(bytes);
    };
    field(entry.epoch.as_bytes());
    field(&entry.seq.to_be_bytes());
    field(&entry.at.0.to_be_bytes());
    field(entry.actor.as_bytes());
    field(entry.jurisdiction.as_bytes());
    field(topics.as_bytes());
    field(entry.kind.as_bytes());
    field(entry.entity.as_bytes());
    field(&entry.entity_version.to_be_bytes());
    field(payload.as_bytes());
    field(entry.prev_hash.as_bytes());
    hex::encode(sm3.finalize())
}

/// What `fenghuotai journal verify` found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Verdict {
    pub entries: i64,
    /// The first entry that is not as it was written, and what is wrong with it.
    pub first_bad: Option<(i64, String)>,
}

/// Walks the whole chain.
///
/// # Errors
/// When the database does not answer.
pub async fn verify(db: &Db) -> Result<Verdict, Fault> {
    let (mut prev, mut seq) = (GENESIS.to_owned(), 0);
    loop {
        let page = read::raw_after(db, seq, PAGE).await?;
        let last_page = (page.len() as i64) < PAGE;
        for raw in page {
            seq += 1;
            let found = &raw.entry;
            let wrong = if found.seq != seq {
                Some(format!("entry {seq} is missing"))
            } else if found.prev_hash != prev {
                Some("it does not follow the entry before it".to_owned())
            } else if found.hash != hash(found, &raw.topics, &raw.payload) {
                Some("its content was altered".to_owned())
            } else {
                None
            };
            if let Some(reason) = wrong {
                return Ok(Verdict {
                    entries: seq - 1,
                    first_bad: Some((seq, reason)),
                });
            }
            prev = raw.entry.hash;
        }
        if last_page {
            break;
        }
    }
    let head = read::head(db).await?;
    let first_bad = (head.seq != seq).then(|| {
        (
            seq + 1,
            format!("the journal ends early: its head is {}", head.seq),
        )
    });
    Ok(Verdict {
        entries: seq,
        first_bad,
    })
}
