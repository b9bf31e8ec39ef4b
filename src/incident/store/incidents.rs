//! Rows of `incidents`.

use crate::{
    incident::{
        category::Category,
        level::Level,
        lifecycle::{Lifecycle, Merged, Status},
        model::{Datum, Incident, IncidentId, Place, Point, Sensitivity, Source},
    },
    platform::{
        Fault, Millis,
        db::{Db, Row, Tx, Value, args},
    },
    region::DivisionCode,
};

const COLUMNS: usize = 28;
/// Rows of one statement.
const ROWS: usize = 100;

const INSERT: &str = "
    INSERT INTO incidents (
        incident_id, number, title, category, level, level_basis, status, status_reason, transferred_to, duplicate_of,
        status_before_merge, division, place_text, lon, lat, accuracy_m, datum_in, description, sensitive, exercise,
        source, occurred_at, received_at, recorded_at, updated_at, recorded_by, import_id, version
    ) VALUES ";

const BY_ID: &str = "SELECT * FROM incidents WHERE incident_id = $1";

/// SQLite has one writer anyway; PostgreSQL holds the row until the commit.
const LOCKED: &str = "
       UPDATE incidents
          SET version = version
        WHERE incident_id = $1
    RETURNING *
";

const SAVE: &str = "
    UPDATE incidents
       SET title = $3
         , category = $4
         , level = $5
         , level_basis = $6
         , status = $7
         , status_reason = $8
         , transferred_to = $9
         , duplicate_of = $10
         , status_before_merge = $11
         , division = $12
         , place_text = $13
         , lon = $14
         , lat = $15
         , accuracy_m = $16
         , datum_in = $17
         , description = $18
         , sensitive = $19
         , occurred_at = $20
         , updated_at = $21
         , version = version + 1
     WHERE incident_id = $1
       AND version = $2
";

/// An incident with everything merged into it, however deep.
const FAMILY: &str = "
    WITH RECURSIVE family (incident_id) AS (
        SELECT incident_id FROM incidents WHERE incident_id = $1
         UNION
        SELECT child.incident_id
          FROM incidents child
          JOIN family ON child.duplicate_of = family.incident_id
    )
      SELECT incidents.*
        FROM incidents
        JOIN family ON family.incident_id = incidents.incident_id
    ORDER BY incidents.received_at, incidents.incident_id
";

const NEXT_NUMBER: &str = "
    INSERT INTO incident_numbers (division, day, last)
    VALUES ($1, $2, 1)
    ON CONFLICT (division, day) DO UPDATE SET last = incident_numbers.last + 1
    RETURNING last
";

/// Keyset page, newest first. An empty filter is an absent one.
const LIST: &str = "
      SELECT *
        FROM incidents
       WHERE division LIKE $1 || '%'
         AND (received_at < $2 OR received_at = $2 AND incident_id < $3)
         AND ($4 = '' OR ',' || $4 || ',' LIKE '%,' || status || ',%')
         AND ($5 = '' OR level = $5)
         AND ($6 = '' OR category = $6 OR category LIKE $6 || '.%')
         AND ($7 = '' OR LOWER(title) LIKE $7 ESCAPE '!' OR LOWER(place_text) LIKE $7 ESCAPE '!' OR LOWER(number) LIKE $7 ESCAPE '!')
         AND ($8 = '' OR import_id = $8)
    ORDER BY received_at DESC, incident_id DESC
       LIMIT $9
";

pub(super) const STATEMENTS: &[&str] = &[BY_ID, LOCKED, SAVE, FAMILY, NEXT_NUMBER, LIST];

/// What a list is asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// Only this division and what lies under it.
    pub division: String,
    pub statuses: Vec<Status>,
    pub level: Option<Level>,
    /// The category or anything below it.
    pub category: Option<Category>,
    /// Part of the title, the place or the number.
    pub text: String,
    pub import_id: Option<String>,
    /// Newer than this are left out: received, id.
    pub before: Option<(Millis, IncidentId)>,
    pub limit: usize,
}

/// # Errors
/// When the database does not answer.
pub async fn by_id(db: &Db, id: &IncidentId) -> Result<Option<Incident>, Fault> {
    db.read()
        .fetch_optional(BY_ID, args![id])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// The incident as it will stay until the transaction ends.
///
/// # Errors
/// When the database does not answer.
pub async fn locked(tx: &mut Tx, id: &IncidentId) -> Result<Option<Incident>, Fault> {
    tx.fetch_optional(LOCKED, args![id])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// # Errors
/// When the database does not answer.
pub async fn insert(tx: &mut Tx, incident: &Incident) -> Result<(), Fault> {
    insert_many(tx, std::slice::from_ref(incident)).await
}

/// # Errors
/// When the database does not answer.
pub async fn insert_many(tx: &mut Tx, incidents: &[Incident]) -> Result<(), Fault> {
    for incidents in incidents.chunks(ROWS) {
        let values = incidents.iter().flat_map(values).collect();
        let rows = tx.rows_of(COLUMNS, incidents.len());
        tx.execute(format!("{INSERT}{rows}"), values).await?;
    }
    Ok(())
}

/// Writes the incident if it still has the version it was read with, and moves that on.
///
/// # Errors
/// When the database does not answer or the row was changed in between.
pub async fn save(tx: &mut Tx, incident: &mut Incident) -> Result<(), Fault> {
    let life = &incident.lifecycle;
    let place = &incident.place;
    let written = tx
        .execute(
            SAVE,
            args![
                &incident.id,
                incident.version,
                &incident.title,
                incident.category.slug(),
                incident.level.map(Level::as_str),
                incident.level_basis.clone(),
                life.status.as_str(),
                life.reason.clone(),
                life.transferred_to.clone(),
                life.merged.as_ref().map(|merged| merged.into.clone()),
                life.merged
                    .as_ref()
                    .map(|merged| merged.status_before.as_str()),
                incident.division.as_str(),
                &place.text,
                place.point.map(|point| point.lon),
                place.point.map(|point| point.lat),
                place.accuracy_m,
                place.datum_in.as_str(),
                &incident.description,
                sensitive(incident),
                incident.occurred_at,
                incident.updated_at,
            ],
        )
        .await?;
    if written != 1 {
        return Err(Fault::new(
            "saving an incident",
            "the row was changed although it was locked",
        ));
    }
    incident.version += 1;
    Ok(())
}

/// The incident itself and all merged into it, oldest report first.
///
/// # Errors
/// When the database does not answer.
pub async fn family(db: &Db, id: &IncidentId) -> Result<Vec<Incident>, Fault> {
    db.read()
        .fetch_all(FAMILY, args![id])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// The next number of a division's day, from 1.
///
/// # Errors
/// When the database does not answer.
pub async fn next_number(tx: &mut Tx, division: &DivisionCode, day: &str) -> Result<i64, Fault> {
    tx.fetch_one(NEXT_NUMBER, args![division.as_str(), day])
        .await?
        .get("last")
}

/// # Errors
/// When the database does not answer.
pub async fn list(db: &Db, filter: &Filter) -> Result<Vec<Incident>, Fault> {
    let statuses: Vec<&str> = filter
        .statuses
        .iter()
        .map(|status| status.as_str())
        .collect();
    let (at, id) = match &filter.before {
        Some((at, id)) => (*at, id.as_str().to_owned()),
        None => (Millis(i64::MAX), String::new()),
    };
    let rows = db
        .read()
        .fetch_all(
            LIST,
            args![
                &filter.division,
                at,
                id,
                statuses.join(","),
                filter.level.map_or("", Level::as_str),
                filter.category.map_or("", Category::slug),
                pattern(&filter.text),
                filter.import_id.clone().unwrap_or_default(),
                i64::try_from(filter.limit).unwrap_or(i64::MAX),
            ],
        )
        .await?;
    rows.iter().map(read).collect()
}

/// Text as it was typed, never as a pattern.
fn pattern(text: &str) -> String {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return text;
    }
    format!(
        "%{}%",
        text.replace('!', "!!")
            .replace('%', "!%")
            .replace('_', "!_")
    )
}

fn sensitive(incident: &Incident) -> String {
    serde_json::to_string(&incident.sensitive).expect("plain words are JSON")
}

fn values(incident: &Incident) -> Vec<Value> {
    let life = &incident.lifecycle;
    let place = &incident.place;
    args![
        &incident.id,
        &incident.number,
        &incident.title,
        incident.category.slug(),
        incident.level.map(Level::as_str),
        incident.level_basis.clone(),
        life.status.as_str(),
        life.reason.clone(),
        life.transferred_to.clone(),
        life.merged.as_ref().map(|merged| merged.into.clone()),
        life.merged
            .as_ref()
            .map(|merged| merged.status_before.as_str()),
        incident.division.as_str(),
        &place.text,
        place.point.map(|point| point.lon),
        place.point.map(|point| point.lat),
        place.accuracy_m,
        place.datum_in.as_str(),
        &incident.description,
        sensitive(incident),
        incident.exercise,
        incident.source.as_str(),
        incident.occurred_at,
        incident.received_at,
        incident.recorded_at,
        incident.updated_at,
        &incident.recorded_by,
        incident.import_id.clone(),
        incident.version,
    ]
}

fn read(row: &Row) -> Result<Incident, Fault> {
    let merged = match (
        row.get::<Option<String>>("duplicate_of")?,
        row.get::<Option<String>>("status_before_merge")?,
    ) {
        (Some(into), Some(before)) => Some(Merged {
            into: IncidentId::parse(&into).ok_or_else(|| odd("duplicate_of", &into))?,
            status_before: Status::parse(&before)
                .ok_or_else(|| odd("status_before_merge", &before))?,
        }),
        _ => None,
    };
    let level: Option<String> = row.get("level")?;
    Ok(Incident {
        id: row.parsed("incident_id", IncidentId::parse)?,
        number: row.get("number")?,
        title: row.get("title")?,
        category: row.parsed("category", Category::parse)?,
        level: level.as_deref().and_then(Level::parse),
        level_basis: row.get("level_basis")?,
        lifecycle: Lifecycle {
            status: row.parsed("status", Status::parse)?,
            reason: row.get("status_reason")?,
            transferred_to: row.get("transferred_to")?,
            merged,
        },
        division: row.parsed("division", |text| DivisionCode::parse(text).ok())?,
        place: place(row)?,
        description: row.get("description")?,
        sensitive: row.json::<Vec<Sensitivity>>("sensitive")?,
        exercise: row.get("exercise")?,
        source: row.parsed("source", Source::parse)?,
        occurred_at: row.get::<Option<i64>>("occurred_at")?.map(Millis),
        received_at: Millis(row.get("received_at")?),
        recorded_at: Millis(row.get("recorded_at")?),
        updated_at: Millis(row.get("updated_at")?),
        recorded_by: row.get("recorded_by")?,
        import_id: row.get("import_id")?,
        version: row.get("version")?,
    })
}

/// The place columns, which incidents and calls have alike.
pub(in crate::incident) fn place(row: &Row) -> Result<Place, Fault> {
    let point = row
        .get::<Option<f64>>("lon")?
        .zip(row.get::<Option<f64>>("lat")?)
        .and_then(|(lon, lat)| Point::new(lon, lat));
    Ok(Place {
        text: row.get("place_text")?,
        point,
        accuracy_m: row.get("accuracy_m")?,
        datum_in: row.parsed("datum_in", Datum::parse)?,
    })
}

fn odd(column: &str, text: &str) -> Fault {
    Fault::new(
        format!("reading column {column}"),
        format!("{text} is not known to this program"),
    )
}
