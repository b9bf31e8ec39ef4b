//! Conferences and their seats.

use std::collections::BTreeMap;

use super::{optional_word, venues, word};
use crate::conference::meeting::{Meeting, Phase, Seat};
use crate::conference::microphone::{ClosedBy, Microphone};
use crate::conference::model::{Conference, ConferenceId, Kind, VenueKind};
use crate::conference::roster::{Connection, Reason};
use crate::identity::VenueId;
use crate::platform::{
    Db, Fault, Millis,
    db::{Row, Tx, args},
};
use crate::region::DivisionCode;

const INSERT: &str = "
    INSERT INTO conferences (conference_id, title, kind, division, incident_id, phase, active_main, standby_main
                           , self_open_ok, closed_on_entry, people, created_by, convener, reason, created_at, started_at
                           , ended_at, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 1)
    ON CONFLICT (conference_id) DO NOTHING
";
/// Takes the row for this transaction, so that commands on one conference queue up on PostgreSQL too.
const LOCK: &str = "
       UPDATE conferences
          SET version = version
        WHERE conference_id = $1
    RETURNING conference_id, title, kind, division, incident_id, phase, active_main, standby_main, self_open_ok
            , closed_on_entry, people, created_by, convener, reason, created_at, started_at, ended_at, version
";
const SAVE: &str = "
    UPDATE conferences
       SET phase = $2, active_main = $3, standby_main = $4, started_at = $5, ended_at = $6, version = $7
     WHERE conference_id = $1
";
const BY_ID: &str = "
    SELECT conference_id, title, kind, division, incident_id, phase, active_main, standby_main, self_open_ok
         , closed_on_entry, people, created_by, convener, reason, created_at, started_at, ended_at, version
      FROM conferences
     WHERE conference_id = $1
";
const LIST: &str = "
      SELECT conference_id
        FROM conferences
       WHERE conference_id < $1
         AND ($2 = '' OR phase = $2)
         AND ($3 = '' OR incident_id = $3)
    ORDER BY conference_id DESC
       LIMIT $4
";
const OPEN: &str = "SELECT conference_id FROM conferences WHERE phase <> 'ended'";
const RUNNING_CONSULTATIONS: &str = "
    SELECT conference_id, incident_id
      FROM conferences
     WHERE phase = 'running'
       AND incident_id IS NOT NULL
";
const OF_VENUE: &str = "
      SELECT c.conference_id
        FROM conferences c
        JOIN conference_seats s ON s.conference_id = c.conference_id
       WHERE s.venue_id = $1
         AND c.phase <> 'ended'
    ORDER BY c.conference_id DESC
";
const SEATS: &str = "
      SELECT s.venue_id AS venue_id, s.kind AS seat_kind, s.remote_open_ok AS seat_remote_open_ok, s.position, s.connection
           , s.connection_since_at, s.redials, s.failed_reason, s.mic_closed_by, s.speaker_closed
           , v.name, v.short_name, v.division, v.level, v.kind, v.remote_open_ok, v.answer_rule, v.personal, v.version
        FROM conference_seats s
        JOIN venues v ON v.venue_id = s.venue_id
       WHERE s.conference_id = $1
    ORDER BY s.position
";
const PUT_SEAT: &str = "
    INSERT INTO conference_seats (conference_id, venue_id, kind, remote_open_ok, position, connection, connection_since_at
                                , redials, failed_reason, mic_closed_by, speaker_closed)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (conference_id, venue_id) DO UPDATE
       SET kind = excluded.kind, remote_open_ok = excluded.remote_open_ok, position = excluded.position
         , connection = excluded.connection, connection_since_at = excluded.connection_since_at
         , redials = excluded.redials, failed_reason = excluded.failed_reason
         , mic_closed_by = excluded.mic_closed_by, speaker_closed = excluded.speaker_closed
";
const SEATED: &str = "
    SELECT c.conference_id
      FROM conferences c
      JOIN conference_seats s ON s.conference_id = c.conference_id
     WHERE s.venue_id = $1
       AND s.connection IN ('joined', 'reconnecting')
       AND c.phase <> 'ended'
";
const DELETE_SEAT: &str = "DELETE FROM conference_seats WHERE conference_id = $1 AND venue_id = $2";

pub const STATEMENTS: &[&str] = &[
    INSERT,
    LOCK,
    SAVE,
    BY_ID,
    LIST,
    OPEN,
    RUNNING_CONSULTATIONS,
    OF_VENUE,
    SEATS,
    PUT_SEAT,
    DELETE_SEAT,
    SEATED,
];

/// Each running consultation with the id of its incident.
pub async fn running_consultations(db: &Db) -> Result<Vec<(ConferenceId, String)>, Fault> {
    let rows = db.read().fetch_all(RUNNING_CONSULTATIONS, args![]).await?;
    rows.iter()
        .map(|row| {
            Ok((
                row.parsed("conference_id", ConferenceId::parse)?,
                row.get("incident_id")?,
            ))
        })
        .collect()
}

/// False when the id is already taken.
pub async fn insert(tx: &mut Tx, conference: &Conference) -> Result<bool, Fault> {
    let meeting = &conference.meeting;
    let people = serde_json::to_string(&conference.people).expect("names are JSON");
    let fields = args![
        &conference.id,
        &conference.title,
        conference.kind.word(),
        conference.division.as_str(),
        conference.incident_id.clone(),
        meeting.phase.word(),
        &meeting.active_main,
        meeting.standby_main.clone(),
        meeting.self_open_ok,
        meeting.closed_on_entry,
        people,
        &conference.created_by,
        &conference.convener,
        &conference.reason,
        conference.created_at,
        conference.started_at,
        conference.ended_at
    ];
    let inserted = tx.execute(INSERT, fields).await? == 1;
    if inserted {
        for (venue, seat) in &meeting.seats {
            put_seat(tx, &conference.id, venue, seat).await?;
        }
    }
    Ok(inserted)
}

/// The conference, held against other commands until the transaction ends.
pub async fn lock(tx: &mut Tx, id: &ConferenceId) -> Result<Option<Conference>, Fault> {
    let Some(row) = tx.fetch_optional(LOCK, args![id]).await? else {
        return Ok(None);
    };
    let seats = tx.fetch_all(SEATS, args![id]).await?;
    conference(&row, &seats).map(Some)
}

pub async fn by_id(db: &Db, id: &ConferenceId) -> Result<Option<Conference>, Fault> {
    let Some(row) = db.read().fetch_optional(BY_ID, args![id]).await? else {
        return Ok(None);
    };
    let seats = db.read().fetch_all(SEATS, args![id]).await?;
    conference(&row, &seats).map(Some)
}

/// Writes what changed between `before` and `after`.
pub async fn save(tx: &mut Tx, before: &Meeting, after: &Conference) -> Result<(), Fault> {
    let meeting = &after.meeting;
    let fields = args![
        &after.id,
        meeting.phase.word(),
        &meeting.active_main,
        meeting.standby_main.clone(),
        after.started_at,
        after.ended_at,
        after.version
    ];
    tx.execute(SAVE, fields).await?;
    for (venue, seat) in meeting
        .seats
        .iter()
        .filter(|(venue, seat)| before.seats.get(venue) != Some(*seat))
    {
        put_seat(tx, &after.id, venue, seat).await?;
    }
    for venue in before
        .seats
        .keys()
        .filter(|venue| !meeting.seats.contains_key(*venue))
    {
        tx.execute(DELETE_SEAT, args![&after.id, venue]).await?;
    }
    Ok(())
}

/// Ids before `before` (newest first), of one phase and one incident unless empty.
pub async fn list(
    db: &Db,
    before: &str,
    phase: &str,
    incident: &str,
    most: i64,
) -> Result<Vec<ConferenceId>, Fault> {
    ids(&db
        .read()
        .fetch_all(LIST, args![before, phase, incident, most])
        .await?)
}

/// Ids of everything that has not ended.
pub async fn open(db: &Db) -> Result<Vec<ConferenceId>, Fault> {
    ids(&db.read().fetch_all(OPEN, args![]).await?)
}

/// Ids of what has not ended and has this venue on its roster, newest first.
pub async fn of_venue(db: &Db, venue: &VenueId) -> Result<Vec<ConferenceId>, Fault> {
    ids(&db.read().fetch_all(OF_VENUE, args![venue]).await?)
}

/// Ids of what has not ended and where this venue sits or is expected back.
pub async fn seated(tx: &mut Tx, venue: &VenueId) -> Result<Vec<ConferenceId>, Fault> {
    ids(&tx.fetch_all(SEATED, args![venue]).await?)
}

async fn put_seat(
    tx: &mut Tx,
    id: &ConferenceId,
    venue: &VenueId,
    seat: &Seat,
) -> Result<(), Fault> {
    let fields = args![
        id,
        venue,
        seat.kind.word(),
        seat.remote_open_ok,
        seat.position,
        seat.connection.word(),
        seat.connection.since(),
        i64::from(seat.connection.redials()),
        seat.connection.reason().map(Reason::word),
        seat.microphone.closed_by().map(ClosedBy::word),
        seat.speaker_closed
    ];
    tx.execute(PUT_SEAT, fields).await.map(drop)
}

fn ids(rows: &[Row]) -> Result<Vec<ConferenceId>, Fault> {
    rows.iter()
        .map(|row| word(row, "conference_id", ConferenceId::parse))
        .collect()
}

fn conference(row: &Row, seat_rows: &[Row]) -> Result<Conference, Fault> {
    let mut seats = BTreeMap::new();
    let mut known = BTreeMap::new();
    for seat_row in seat_rows {
        let venue = venues::venue(seat_row)?;
        seats.insert(venue.id.clone(), seat(seat_row)?);
        known.insert(venue.id.clone(), venue);
    }
    let meeting = Meeting {
        phase: word(row, "phase", Phase::from_word)?,
        active_main: word(row, "active_main", VenueId::parse)?,
        standby_main: optional_word(row, "standby_main", VenueId::parse)?,
        self_open_ok: row.get("self_open_ok")?,
        closed_on_entry: row.get("closed_on_entry")?,
        seats,
    };
    Ok(Conference {
        id: word(row, "conference_id", ConferenceId::parse)?,
        title: row.get("title")?,
        kind: word(row, "kind", Kind::from_word)?,
        division: word(row, "division", |text| DivisionCode::parse(text).ok())?,
        incident_id: row.get("incident_id")?,
        meeting,
        venues: known,
        people: row.json("people")?,
        created_by: row.get("created_by")?,
        convener: row.get("convener")?,
        reason: row.get("reason")?,
        created_at: Millis(row.get("created_at")?),
        started_at: row.get::<Option<i64>>("started_at")?.map(Millis),
        ended_at: row.get::<Option<i64>>("ended_at")?.map(Millis),
        version: row.get("version")?,
    })
}

fn seat(row: &Row) -> Result<Seat, Fault> {
    let since = row.get::<Option<i64>>("connection_since_at")?.map(Millis);
    let redials = u8::try_from(row.get::<i64>("redials")?).unwrap_or(u8::MAX);
    let reason = optional_word(row, "failed_reason", Reason::from_word)?;
    Ok(Seat {
        kind: word(row, "seat_kind", VenueKind::from_word)?,
        remote_open_ok: row.get("seat_remote_open_ok")?,
        position: row.get("position")?,
        connection: word(row, "connection", |text| {
            Connection::from_words(text, since, redials, reason)
        })?,
        microphone: Microphone::of(optional_word(row, "mic_closed_by", ClosedBy::from_word)?),
        speaker_closed: row.get("speaker_closed")?,
    })
}
