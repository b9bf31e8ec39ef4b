//! Invitations: only hashes of their secrets are kept.

use super::word;
use crate::conference::invitation::Invitation;
use crate::conference::model::{ConferenceId, LinkId};
use crate::identity::VenueId;
use crate::platform::{
    Db, Fault, Millis,
    db::{Row, Tx, args},
};

const INSERT: &str = "
    INSERT INTO join_links (link_id, token_hash, conference_id, venue_id, reference, name, created_by, created_at
                          , expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
";
const BY_TOKEN: &str = "
    SELECT link_id, conference_id, venue_id, reference, name, created_at, expires_at, used_at, revoked_at, key_hash
      FROM join_links
     WHERE token_hash = $1
";
const BY_KEY: &str = "
    SELECT link_id, conference_id, venue_id, reference, name, created_at, expires_at, used_at, revoked_at, key_hash
      FROM join_links
     WHERE key_hash = $1
";
const OF_CONFERENCE: &str = "
      SELECT link_id, conference_id, venue_id, reference, name, created_at, expires_at, used_at, revoked_at, key_hash
        FROM join_links
       WHERE conference_id = $1
    ORDER BY link_id DESC
";
/// The first of two who open the same link gets the row.
const USE: &str = "
    UPDATE join_links
       SET used_at = $2, key_hash = $3
     WHERE link_id = $1
       AND used_at IS NULL
       AND revoked_at IS NULL
";
const REVOKE: &str = "
    UPDATE join_links
       SET revoked_at = $2
     WHERE link_id = $1
       AND revoked_at IS NULL
";

pub const STATEMENTS: &[&str] = &[INSERT, BY_TOKEN, BY_KEY, OF_CONFERENCE, USE, REVOKE];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub id: LinkId,
    pub conference: ConferenceId,
    /// The person's seat.
    pub venue: VenueId,
    /// Where the person is registered.
    pub reference: String,
    pub name: String,
    pub created_at: Millis,
    pub invitation: Invitation,
    pub key_hash: Option<String>,
}

pub async fn insert(
    tx: &mut Tx,
    link: &Link,
    token_hash: &str,
    created_by: &str,
) -> Result<(), Fault> {
    let fields = args![
        &link.id,
        token_hash,
        &link.conference,
        &link.venue,
        &link.reference,
        &link.name,
        created_by,
        link.created_at,
        link.invitation.expires_at
    ];
    tx.execute(INSERT, fields).await.map(drop)
}

pub async fn by_token(tx: &mut Tx, hash: &str) -> Result<Option<Link>, Fault> {
    let row = tx.fetch_optional(BY_TOKEN, args![hash]).await?;
    row.as_ref().map(link).transpose()
}

pub async fn by_key(db: &Db, hash: &str) -> Result<Option<Link>, Fault> {
    let row = db.read().fetch_optional(BY_KEY, args![hash]).await?;
    row.as_ref().map(link).transpose()
}

/// Newest first.
pub async fn of_conference(db: &Db, id: &ConferenceId) -> Result<Vec<Link>, Fault> {
    let rows = db.read().fetch_all(OF_CONFERENCE, args![id]).await?;
    rows.iter().map(link).collect()
}

/// Newest first, inside a transaction.
pub async fn locked(tx: &mut Tx, id: &ConferenceId) -> Result<Vec<Link>, Fault> {
    let rows = tx.fetch_all(OF_CONFERENCE, args![id]).await?;
    rows.iter().map(link).collect()
}

/// False when somebody else was faster.
pub async fn use_up(tx: &mut Tx, id: &LinkId, now: Millis, key_hash: &str) -> Result<bool, Fault> {
    Ok(tx.execute(USE, args![id, now, key_hash]).await? == 1)
}

pub async fn revoke(tx: &mut Tx, id: &LinkId, now: Millis) -> Result<bool, Fault> {
    Ok(tx.execute(REVOKE, args![id, now]).await? == 1)
}

fn link(row: &Row) -> Result<Link, Fault> {
    Ok(Link {
        id: word(row, "link_id", LinkId::parse)?,
        conference: word(row, "conference_id", ConferenceId::parse)?,
        venue: word(row, "venue_id", VenueId::parse)?,
        reference: row.get("reference")?,
        name: row.get("name")?,
        created_at: Millis(row.get("created_at")?),
        invitation: Invitation {
            expires_at: Millis(row.get("expires_at")?),
            used_at: row.get::<Option<i64>>("used_at")?.map(Millis),
            revoked_at: row.get::<Option<i64>>("revoked_at")?.map(Millis),
        },
        key_hash: row.get("key_hash")?,
    })
}
