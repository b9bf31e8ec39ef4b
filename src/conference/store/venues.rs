//! The registry of venues.

use super::word;
use crate::conference::incoming::AnswerRule;
use crate::conference::model::{Level, Venue, VenueKind};
use crate::identity::VenueId;
use crate::platform::{
    Db, Fault, Millis,
    db::{Row, Tx, args},
};
use crate::region::DivisionCode;

const INSERT: &str = "
    INSERT INTO venues (venue_id, name, short_name, division, level, kind, remote_open_ok, created_at, updated_at
                      , answer_rule, personal)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10)
    ON CONFLICT (venue_id) DO NOTHING
";
/// Takes the row for this transaction, so that a venue sits down in one conference at a time.
const LOCK: &str = "UPDATE venues SET version = version WHERE venue_id = $1";
const CHANGE: &str = "
    UPDATE venues
       SET name = $3, short_name = $4, division = $5, level = $6, kind = $7, remote_open_ok = $8, updated_at = $9
         , answer_rule = $10
         , version = version + 1
     WHERE venue_id = $1
       AND version = $2
       AND retired_at IS NULL
";
const RETIRE: &str = "
    UPDATE venues
       SET retired_at = $2, updated_at = $2, version = version + 1
     WHERE venue_id = $1
       AND retired_at IS NULL
";
const BY_ID: &str = "
    SELECT venue_id, name, short_name, division, level, kind, remote_open_ok, answer_rule, personal, version
      FROM venues
     WHERE venue_id = $1
       AND retired_at IS NULL
";
const UNDER: &str = "
      SELECT venue_id, name, short_name, division, level, kind, remote_open_ok, answer_rule, personal, version
        FROM venues
       WHERE division LIKE $1
         AND NOT personal
         AND retired_at IS NULL
    ORDER BY division, venue_id
       LIMIT $2
";
const BUSY: &str = "
    SELECT c.title
      FROM conference_seats s
      JOIN conferences c ON c.conference_id = s.conference_id
     WHERE s.venue_id = $1
       AND c.phase <> 'ended'
     LIMIT 1
";

pub const STATEMENTS: &[&str] = &[INSERT, LOCK, CHANGE, RETIRE, BY_ID, UNDER, BUSY];

/// False when the id is already taken.
pub async fn insert(tx: &mut Tx, venue: &Venue, now: Millis) -> Result<bool, Fault> {
    let fields = args![
        &venue.id,
        &venue.name,
        &venue.short_name,
        venue.division.as_str(),
        venue.level.word(),
        equipment(venue.kind).word(),
        venue.remote_open_ok,
        now,
        venue.answer_rule.word(),
        venue.kind == VenueKind::Person
    ];
    Ok(tx.execute(INSERT, fields).await? == 1)
}

/// False when the row is gone or has another version than `venue`.
pub async fn change(tx: &mut Tx, venue: &Venue, now: Millis) -> Result<bool, Fault> {
    let fields = args![
        &venue.id,
        venue.version,
        &venue.name,
        &venue.short_name,
        venue.division.as_str(),
        venue.level.word(),
        venue.kind.word(),
        venue.remote_open_ok,
        now,
        venue.answer_rule.word()
    ];
    Ok(tx.execute(CHANGE, fields).await? == 1)
}

pub async fn lock(tx: &mut Tx, id: &VenueId) -> Result<(), Fault> {
    tx.execute(LOCK, args![id]).await.map(drop)
}

pub async fn retire(tx: &mut Tx, id: &VenueId, now: Millis) -> Result<bool, Fault> {
    Ok(tx.execute(RETIRE, args![id, now]).await? == 1)
}

pub async fn by_id(tx: &mut Tx, id: &VenueId) -> Result<Option<Venue>, Fault> {
    tx.fetch_optional(BY_ID, args![id])
        .await?
        .as_ref()
        .map(venue)
        .transpose()
}

pub async fn read(db: &Db, id: &VenueId) -> Result<Option<Venue>, Fault> {
    db.read()
        .fetch_optional(BY_ID, args![id])
        .await?
        .as_ref()
        .map(venue)
        .transpose()
}

/// Venues of a division and everything under it.
pub async fn under(db: &Db, division: &str, most: i64) -> Result<Vec<Venue>, Fault> {
    db.read()
        .fetch_all(UNDER, args![format!("{division}%"), most])
        .await?
        .iter()
        .map(venue)
        .collect()
}

/// Title of a conference that has not ended and has this venue on its roster.
pub async fn busy_with(tx: &mut Tx, id: &VenueId) -> Result<Option<String>, Fault> {
    tx.fetch_optional(BUSY, args![id])
        .await?
        .map(|row| row.get("title"))
        .transpose()
}

/// What stands there: a person's is a camera and a microphone like any other.
fn equipment(kind: VenueKind) -> VenueKind {
    match kind {
        VenueKind::Person => VenueKind::Av,
        other => other,
    }
}

pub(super) fn venue(row: &Row) -> Result<Venue, Fault> {
    let kind = match row.get("personal")? {
        true => VenueKind::Person,
        false => word(row, "kind", VenueKind::from_word)?,
    };
    Ok(Venue {
        id: word(row, "venue_id", VenueId::parse)?,
        name: row.get("name")?,
        short_name: row.get("short_name")?,
        division: word(row, "division", |text| DivisionCode::parse(text).ok())?,
        level: word(row, "level", Level::from_word)?,
        kind,
        remote_open_ok: row.get("remote_open_ok")?,
        answer_rule: word(row, "answer_rule", AnswerRule::from_word)?,
        version: row.get("version")?,
    })
}
