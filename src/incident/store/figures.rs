//! Rows of `incident_figures`: only ever added to.

use crate::{
    incident::{
        figures::{Figure, FigureKey},
        model::{FigureId, IncidentId},
    },
    platform::{
        Fault, Millis,
        db::{Db, Row, Tx, args},
    },
};

const INSERT: &str = "
    INSERT INTO incident_figures (
        figure_id, incident_id, figure_key, figure, as_of, source, recorded_by, recorded_by_name, recorded_at
    ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
";
const BY_ID: &str = "SELECT * FROM incident_figures WHERE figure_id = $1";
const OF_INCIDENT: &str = "
      SELECT *
        FROM incident_figures
       WHERE incident_id = $1
    ORDER BY as_of, recorded_at, figure_id
";

pub(super) const STATEMENTS: &[&str] = &[INSERT, BY_ID, OF_INCIDENT];

/// # Errors
/// When the database does not answer.
pub async fn insert(tx: &mut Tx, incident: &IncidentId, figure: &Figure) -> Result<(), Fault> {
    let values = args![
        &figure.id,
        incident,
        figure.key.as_str(),
        figure.value,
        figure.as_of,
        &figure.source,
        &figure.recorded_by,
        &figure.recorded_by_name,
        figure.recorded_at,
    ];
    tx.execute(INSERT, values).await.map(drop)
}

/// The figure and the incident it belongs to.
///
/// # Errors
/// When the database does not answer.
pub async fn by_id(tx: &mut Tx, id: &FigureId) -> Result<Option<(IncidentId, Figure)>, Fault> {
    let row = tx.fetch_optional(BY_ID, args![id]).await?;
    row.map(|row| Ok((row.parsed("incident_id", IncidentId::parse)?, read(&row)?)))
        .transpose()
}

/// The whole series, oldest moment first.
///
/// # Errors
/// When the database does not answer.
pub async fn of_incident(db: &Db, incident: &IncidentId) -> Result<Vec<Figure>, Fault> {
    db.read()
        .fetch_all(OF_INCIDENT, args![incident])
        .await?
        .iter()
        .map(read)
        .collect()
}

fn read(row: &Row) -> Result<Figure, Fault> {
    Ok(Figure {
        id: row.parsed("figure_id", FigureId::parse)?,
        key: row.parsed("figure_key", FigureKey::parse)?,
        value: row.get("figure")?,
        as_of: Millis(row.get("as_of")?),
        source: row.get("source")?,
        recorded_by: row.get("recorded_by")?,
        recorded_by_name: row.get("recorded_by_name")?,
        recorded_at: Millis(row.get("recorded_at")?),
    })
}
