//! Rows of `calls`, and the calls that may tell of the same incident.

use super::incidents::place;
use crate::{
    incident::{
        category::Category,
        duplicate::{self, Sighting},
        model::{Call, CallId, IncidentId, Origin, Point},
    },
    platform::{
        Fault, Millis,
        db::{Db, Row, Tx, Value, args},
        sealing::Seal,
    },
};

/// What the sealed column is bound to.
const SEALED: &str = "calls.phone";
const COLUMNS: usize = 20;
/// Rows of one statement.
const ROWS: usize = 100;
/// More candidates than this are never compared: the nearest in time are.
const CANDIDATES_MAX: i64 = 400;
/// Counting stops here: a crowd is a crowd.
const CROWD_COUNTED: i64 = 20;

/// A call known by its source and key is left as it is.
const INSERT: &str = "
    INSERT INTO calls (
        call_id, incident_id, source, source_id, import_id, line, service, caller, phone, phone_mark, subject,
        body, received_at, occurred_at, place_text, lon, lat, accuracy_m, datum_in, recorded_at
    ) VALUES ";

const BY_ID: &str = "SELECT * FROM calls WHERE call_id = $1";
const TOLD_OF: &str = "SELECT incident_id FROM calls WHERE call_id = $1";

/// Closed by a list of incident ids.
const OF_INCIDENTS: &str = "SELECT * FROM calls WHERE incident_id IN ";
/// Ids asked for at once.
const IDS: usize = 200;

const UNSEALED: &str = "
      SELECT call_id, phone
        FROM calls
       WHERE phone_mark IS NULL
    ORDER BY call_id
       LIMIT $1
";
/// Two servers that start at once must not seal a number twice.
const SEAL: &str =
    "UPDATE calls SET phone = $2, phone_mark = $3 WHERE call_id = $1 AND phone_mark IS NULL";

const CROWD_AT: &str = "
    SELECT COUNT(*) AS crowd
      FROM (
        SELECT 1 AS one
          FROM calls
         WHERE lon = $1
           AND lat = $2
           AND (received_at < $3 OR received_at > $4)
         LIMIT $5
      ) AS counted
";

/// Calls near in time and not provably far away, with the incident each now belongs to.
const NEAR_IN_TIME: &str = "
      SELECT calls.*
           , incidents.category
           , COALESCE(incidents.duplicate_of, incidents.incident_id) AS told_of
        FROM calls
        JOIN incidents ON incidents.incident_id = calls.incident_id
       WHERE calls.received_at BETWEEN $1 AND $2
         AND incidents.status IN ('reported', 'verifying', 'confirmed', 'responding', 'controlled', 'closed', 'duplicate')
         AND (calls.lat IS NULL OR $3 = 0 OR calls.lat BETWEEN $4 AND $5 AND calls.lon BETWEEN $6 AND $7)
    ORDER BY ABS(calls.received_at - $8)
       LIMIT $9
";

pub(super) const STATEMENTS: &[&str] = &[BY_ID, TOLD_OF, UNSEALED, SEAL, CROWD_AT, NEAR_IN_TIME];

/// # Errors
/// When the database does not answer, or a call of this source with this key is already there.
pub async fn insert_calls(tx: &mut Tx, seal: &Seal, calls: &[Call]) -> Result<(), Fault> {
    for calls in calls.chunks(ROWS) {
        let values = calls.iter().flat_map(|call| values(seal, call)).collect();
        let rows = tx.rows_of(COLUMNS, calls.len());
        tx.execute(format!("{INSERT}{rows}"), values).await?;
    }
    Ok(())
}

/// # Errors
/// When the database does not answer.
pub async fn call_by_id(db: &Db, seal: &Seal, id: &CallId) -> Result<Option<Call>, Fault> {
    let row = db.read().fetch_optional(BY_ID, args![id]).await?;
    row.map(|row| read(&row, seal)).transpose()
}

/// The incident a call tells of, if there is such a call.
///
/// # Errors
/// When the database does not answer.
pub async fn told_of(tx: &mut Tx, id: &CallId) -> Result<Option<IncidentId>, Fault> {
    let row = tx.fetch_optional(TOLD_OF, args![id]).await?;
    row.map(|row| row.parsed("incident_id", IncidentId::parse))
        .transpose()
}

/// The calls of several incidents in order of time.
///
/// # Errors
/// When the database does not answer.
pub async fn of_incidents(db: &Db, seal: &Seal, ids: &[IncidentId]) -> Result<Vec<Call>, Fault> {
    let mut calls = Vec::new();
    for ids in ids.chunks(IDS) {
        let sql = format!("{OF_INCIDENTS}{}", db.read().rows_of(ids.len(), 1));
        let rows = db
            .read()
            .fetch_all(sql, ids.iter().map(Value::from).collect())
            .await?;
        for row in &rows {
            calls.push(read(row, seal)?);
        }
    }
    calls.sort_by(|a, b| (a.received_at, &a.id).cmp(&(b.received_at, &b.id)));
    Ok(calls)
}

/// Seals some of the numbers written before numbers were sealed; answers how many rows it looked at.
///
/// # Errors
/// When the database does not answer.
pub async fn seal_some(tx: &mut Tx, seal: &Seal, most: i64) -> Result<usize, Fault> {
    let rows = tx.fetch_all(UNSEALED, args![most]).await?;
    for row in &rows {
        let (id, phone): (String, String) = (row.get("call_id")?, row.get("phone")?);
        tx.execute(SEAL, args![id, sealed(seal, &phone), mark(seal, &phone)])
            .await?;
    }
    Ok(rows.len())
}

/// What equal numbers have in common, if this one can tell a caller at all.
#[must_use]
pub fn phone_mark(seal: &Seal, phone: &str) -> Option<String> {
    duplicate::digits(phone).map(|digits| seal.mark(SEALED, &digits))
}

fn mark(seal: &Seal, phone: &str) -> String {
    phone_mark(seal, phone).unwrap_or_default()
}

/// No number is no secret.
fn sealed(seal: &Seal, phone: &str) -> String {
    if phone.is_empty() {
        return String::new();
    }
    seal.seal(SEALED, phone)
}

fn opened(seal: &Seal, sealed: &str) -> Result<String, Fault> {
    if sealed.is_empty() {
        return Ok(String::new());
    }
    seal.open_text(SEALED, sealed)
}

/// How many calls at exactly this point lie outside the time window; counting stops at a crowd.
///
/// # Errors
/// When the database does not answer.
pub async fn crowd_at(db: &Db, point: Point, at: Millis) -> Result<usize, Fault> {
    let (from, to) = (
        at.plus(-duplicate::WINDOW_MS),
        at.plus(duplicate::WINDOW_MS),
    );
    let row = db
        .read()
        .fetch_one(
            CROWD_AT,
            args![point.lon, point.lat, from, to, CROWD_COUNTED],
        )
        .await?;
    Ok(usize::try_from(row.get::<i64>("crowd")?).unwrap_or_default())
}

/// Candidates for the same incident as a call at `at` near `point`: the incident and what its call says.
///
/// # Errors
/// When the database does not answer.
pub async fn near_in_time(
    db: &Db,
    at: Millis,
    point: Option<Point>,
) -> Result<Vec<(IncidentId, Sighting)>, Fault> {
    let around = point.unwrap_or(Point { lon: 0.0, lat: 0.0 });
    let north = duplicate::RADIUS_MAX_M / 111_000.0;
    let east = north / around.lat.to_radians().cos().max(0.01);
    let rows = db
        .read()
        .fetch_all(
            NEAR_IN_TIME,
            args![
                at.plus(-duplicate::WINDOW_MS),
                at.plus(duplicate::WINDOW_MS),
                i64::from(point.is_some()),
                around.lat - north,
                around.lat + north,
                around.lon - east,
                around.lon + east,
                at,
                CANDIDATES_MAX,
            ],
        )
        .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut seen = sighting(row)?;
        if let Some(point) = seen.point {
            seen.crowd = crowd_at(db, point, seen.at).await?;
        }
        found.push((row.parsed("told_of", IncidentId::parse)?, seen));
    }
    Ok(found)
}

/// What a call says, from a row that also has its incident's `category`.
pub(in crate::incident) fn sighting(row: &Row) -> Result<Sighting, Fault> {
    let place = place(row)?;
    let mark: Option<String> = row.get("phone_mark")?;
    Ok(Sighting {
        category: Some(row.parsed("category", Category::parse)?),
        point: place.point,
        accuracy_m: place.accuracy_m,
        address: place.text,
        subject: row.get("subject")?,
        service: row.get("service")?,
        phones: mark.into_iter().filter(|mark| !mark.is_empty()).collect(),
        at: Millis(row.get("received_at")?),
        crowd: 0,
    })
}

fn values(seal: &Seal, call: &Call) -> Vec<Value> {
    let place = &call.place;
    args![
        &call.id,
        &call.incident_id,
        &call.origin.source,
        &call.origin.source_id,
        call.origin.import_id.clone(),
        call.origin.line,
        &call.service,
        &call.caller,
        sealed(seal, &call.phone),
        mark(seal, &call.phone),
        &call.subject,
        &call.text,
        call.received_at,
        call.occurred_at,
        &place.text,
        place.point.map(|point| point.lon),
        place.point.map(|point| point.lat),
        place.accuracy_m,
        place.datum_in.as_str(),
        call.recorded_at,
    ]
}

fn read(row: &Row, seal: &Seal) -> Result<Call, Fault> {
    Ok(Call {
        id: row.parsed("call_id", CallId::parse)?,
        incident_id: row.parsed("incident_id", IncidentId::parse)?,
        service: row.get("service")?,
        caller: row.get("caller")?,
        phone: opened(seal, &row.get::<String>("phone")?)?,
        received_at: Millis(row.get("received_at")?),
        occurred_at: row.get::<Option<i64>>("occurred_at")?.map(Millis),
        place: place(row)?,
        text: row.get("body")?,
        subject: row.get("subject")?,
        origin: Origin {
            source: row.get("source")?,
            source_id: row.get("source_id")?,
            import_id: row.get("import_id")?,
            line: row.get("line")?,
        },
        recorded_at: Millis(row.get("recorded_at")?),
    })
}
