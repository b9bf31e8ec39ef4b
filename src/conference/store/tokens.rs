//! Media tokens: only their hashes are kept.

use super::word;
use crate::conference::model::ConferenceId;
use crate::identity::VenueId;
use crate::platform::{
    Db, Fault, Millis,
    db::{Tx, args},
};

const INSERT: &str = "
    INSERT INTO media_tokens (token_hash, conference_id, venue_id, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5)
";
const FORGET_EXPIRED: &str = "DELETE FROM media_tokens WHERE expires_at <= $1";
const SCOPE: &str = "
    SELECT conference_id, venue_id
      FROM media_tokens
     WHERE token_hash = $1
       AND expires_at > $2
";

const FORGET: &str = "DELETE FROM media_tokens WHERE token_hash = $1";

pub const STATEMENTS: &[&str] = &[INSERT, FORGET_EXPIRED, SCOPE, FORGET];

pub async fn insert(
    tx: &mut Tx,
    hash: &str,
    conference: &ConferenceId,
    venue: &VenueId,
    now: Millis,
    expires_at: Millis,
) -> Result<(), Fault> {
    tx.execute(FORGET_EXPIRED, args![now]).await?;
    tx.execute(INSERT, args![hash, conference, venue, now, expires_at])
        .await
        .map(drop)
}

pub async fn forget(tx: &mut Tx, hash: &str) -> Result<(), Fault> {
    tx.execute(FORGET, args![hash]).await.map(drop)
}

/// The meeting and venue a live token speaks for.
pub async fn scope(
    db: &Db,
    hash: &str,
    now: Millis,
) -> Result<Option<(ConferenceId, VenueId)>, Fault> {
    let Some(row) = db.read().fetch_optional(SCOPE, args![hash, now]).await? else {
        return Ok(None);
    };
    Ok(Some((
        word(&row, "conference_id", ConferenceId::parse)?,
        word(&row, "venue_id", VenueId::parse)?,
    )))
}
