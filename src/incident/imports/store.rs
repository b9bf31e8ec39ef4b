//! Rows of `call_imports` and `call_import_problems`, and the imported calls as a set.

use super::{
    model::{Import, ImportId, Progress, State},
    reading::{Problem, ProblemCode},
};
use crate::{
    incident::{duplicate::Sighting, model::IncidentId, store::sighting},
    platform::{
        Fault, Millis,
        db::{Db, Row, Tx, Value, args},
    },
    region::DivisionCode,
};

const NEXT_SERIAL: &str = "SELECT COALESCE(MAX(serial), 0) + 1 AS serial FROM call_imports";
const INSERT: &str = "
    INSERT INTO call_imports (
        import_id, serial, file_name, bytes, sha256, division, state, total_rows, done_rows, added, known, refused,
        without_place, problems, created_by, created_at
    ) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, 0, 0, 0, 0, $8, $9)
";
const BY_ID: &str = "SELECT * FROM call_imports WHERE import_id = $1";
const LOCKED: &str = "
       UPDATE call_imports
          SET version = version + 1
        WHERE import_id = $1
    RETURNING *
";
const LIST: &str = "
      SELECT *
        FROM call_imports
       WHERE division LIKE $1 || '%'
    ORDER BY serial DESC
       LIMIT $2
";
const IN_STATE: &str = "SELECT * FROM call_imports WHERE state = $1 ORDER BY serial";
const SAVE: &str = "
    UPDATE call_imports
       SET state = $2
         , plan = $3
         , total_rows = $4
         , done_rows = $5
         , added = $6
         , known = $7
         , refused = $8
         , without_place = $9
         , problems = $10
         , failure = $11
         , started_at = $12
         , finished_at = $13
         , undone_at = $14
         , division = $15
     WHERE import_id = $1
";
const FORGET_PROBLEMS: &str = "DELETE FROM call_import_problems WHERE import_id = $1";
const INSERT_PROBLEMS: &str =
    "INSERT INTO call_import_problems (import_id, line, ordinal, code, column_name, found) VALUES ";
const PROBLEM_COLUMNS: usize = 6;
const PROBLEMS: &str = "
      SELECT line, ordinal, code, column_name, found
        FROM call_import_problems
       WHERE import_id = $1
         AND (line > $2 OR line = $2 AND ordinal > $3)
    ORDER BY line, ordinal
       LIMIT $4
";
const SIGHTINGS: &str = "
      SELECT calls.*
           , incidents.category
        FROM calls
        JOIN incidents ON incidents.incident_id = calls.incident_id
       WHERE calls.import_id = $1
         AND incidents.status NOT IN ('duplicate', 'dismissed', 'transferred')
    ORDER BY calls.received_at, calls.line
";
/// Somebody has worked on it: its row, its figures or further callers would be lost with it.
const WORKED_ON: &str = "
      SELECT number
        FROM incidents
       WHERE import_id = $1
         AND (
                updated_at <> recorded_at
             OR EXISTS (SELECT 1 FROM incident_figures WHERE incident_figures.incident_id = incidents.incident_id)
             OR EXISTS (
                    SELECT 1
                      FROM calls
                     WHERE calls.incident_id = incidents.incident_id
                       AND (calls.import_id IS NULL OR calls.import_id <> $1)
                )
             )
    ORDER BY number
       LIMIT $2
";
const MERGED_FROM_OUTSIDE: &str = "
      SELECT other.incident_id
        FROM incidents other
        JOIN incidents own ON own.incident_id = other.duplicate_of
       WHERE own.import_id = $1
         AND (other.import_id IS NULL OR other.import_id <> $1)
    ORDER BY other.incident_id
";
const UNTIE: &str =
    "UPDATE incidents SET duplicate_of = NULL WHERE import_id = $1 AND duplicate_of IS NOT NULL";
const SOME_OF: &str = "
      SELECT incident_id, version, division
        FROM incidents
       WHERE import_id = $1
    ORDER BY incident_id
       LIMIT $2
";
/// Closed by a list of keys and the source.
const KNOWN: &str = "SELECT source_id, import_id FROM calls WHERE source_id IN ";
const DELETE_CALLS: &str = "DELETE FROM calls WHERE incident_id IN ";
const DELETE_INCIDENTS: &str = "DELETE FROM incidents WHERE incident_id IN ";

pub(in crate::incident) const STATEMENTS: &[&str] = &[
    NEXT_SERIAL,
    INSERT,
    BY_ID,
    LOCKED,
    LIST,
    IN_STATE,
    SAVE,
    FORGET_PROBLEMS,
    PROBLEMS,
    SIGHTINGS,
    WORKED_ON,
    MERGED_FROM_OUTSIDE,
    UNTIE,
    SOME_OF,
];

/// Writes the import down and answers the serial number it got.
pub async fn insert(tx: &mut Tx, import: &Import) -> Result<i64, Fault> {
    let serial: i64 = tx.fetch_one(NEXT_SERIAL, args![]).await?.get("serial")?;
    let values = args![
        &import.id,
        serial,
        &import.file_name,
        import.bytes,
        &import.sha256,
        import.division.as_str(),
        import.state.as_str(),
        &import.created_by,
        import.created_at,
    ];
    tx.execute(INSERT, values).await?;
    Ok(serial)
}

pub async fn by_id(db: &Db, id: &ImportId) -> Result<Option<Import>, Fault> {
    db.read()
        .fetch_optional(BY_ID, args![id])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// The import as it will stay until the transaction ends; its version moves on.
pub async fn locked(tx: &mut Tx, id: &ImportId) -> Result<Option<Import>, Fault> {
    tx.fetch_optional(LOCKED, args![id])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Newest first.
pub async fn list(db: &Db, division: &DivisionCode, limit: i64) -> Result<Vec<Import>, Fault> {
    db.read()
        .fetch_all(LIST, args![division.as_str(), limit])
        .await?
        .iter()
        .map(read)
        .collect()
}

pub async fn in_state(db: &Db, state: State) -> Result<Vec<Import>, Fault> {
    db.read()
        .fetch_all(IN_STATE, args![state.as_str()])
        .await?
        .iter()
        .map(read)
        .collect()
}

pub async fn save(tx: &mut Tx, import: &Import) -> Result<(), Fault> {
    let progress = &import.progress;
    let plan = import
        .plan
        .as_ref()
        .map(|plan| serde_json::to_string(plan).expect("plain data becomes JSON"));
    let values = args![
        &import.id,
        import.state.as_str(),
        plan,
        progress.total,
        progress.done,
        progress.added,
        progress.known,
        progress.refused,
        progress.without_place,
        progress.problems,
        import.failure.clone(),
        import.started_at,
        import.finished_at,
        import.undone_at,
        import.division.as_str(),
    ];
    tx.execute(SAVE, values).await.map(drop)
}

pub async fn forget_problems(tx: &mut Tx, id: &ImportId) -> Result<(), Fault> {
    tx.execute(FORGET_PROBLEMS, args![id]).await.map(drop)
}

/// Problems of one batch; those of one line are numbered.
pub async fn insert_problems(
    tx: &mut Tx,
    id: &ImportId,
    problems: &[Problem],
) -> Result<(), Fault> {
    let mut last = (0, 0);
    let mut rows: Vec<Vec<Value>> = Vec::with_capacity(problems.len());
    for problem in problems {
        let line = i64::try_from(problem.line).unwrap_or(i64::MAX);
        last = if last.0 == line {
            (line, last.1 + 1)
        } else {
            (line, 0)
        };
        rows.push(args![
            id,
            line,
            last.1,
            problem.code.as_str(),
            &problem.column,
            &problem.value
        ]);
    }
    for rows in rows.chunks(100) {
        let text = format!(
            "{INSERT_PROBLEMS}{}",
            tx.rows_of(PROBLEM_COLUMNS, rows.len())
        );
        tx.execute(text, rows.concat()).await?;
    }
    Ok(())
}

/// Problems in order of lines, after a line's ordinal.
pub async fn problems(
    db: &Db,
    id: &ImportId,
    after: (i64, i64),
    limit: i64,
) -> Result<Vec<(i64, Problem)>, Fault> {
    let rows = db
        .read()
        .fetch_all(PROBLEMS, args![id, after.0, after.1, limit])
        .await?;
    let each = rows.iter().map(|row| {
        let code: String = row.get("code")?;
        let problem = Problem {
            line: row.get::<i64>("line")?.unsigned_abs(),
            code: ProblemCode::parse(&code).ok_or_else(|| Fault::new("reading a problem", code))?,
            column: row.get("column_name")?,
            value: row.get("found")?,
        };
        Ok((row.get("ordinal")?, problem))
    });
    each.collect()
}

/// Which of these calls are here already, and by which import.
pub async fn known(
    tx: &mut Tx,
    source: &str,
    source_ids: Vec<&str>,
) -> Result<Vec<(String, Option<String>)>, Fault> {
    if source_ids.is_empty() {
        return Ok(vec![]);
    }
    let keys = tx.rows_of(source_ids.len(), 1);
    let sql = format!("{KNOWN}{keys} AND source = ${}", source_ids.len() + 1);
    let mut values: Vec<Value> = source_ids.into_iter().map(Value::from).collect();
    values.push(source.into());
    let rows = tx.fetch_all(sql, values).await?;
    rows.iter()
        .map(|row| Ok((row.get("source_id")?, row.get("import_id")?)))
        .collect()
}

/// What the import's calls say, in order of time, as far as they are not merged yet.
pub async fn sightings(db: &Db, id: &ImportId) -> Result<Vec<(IncidentId, Sighting)>, Fault> {
    let rows = db.read().fetch_all(SIGHTINGS, args![id]).await?;
    rows.iter()
        .map(|row| Ok((incident_id(row)?, sighting(row)?)))
        .collect()
}

/// Numbers of imported incidents that somebody has worked on, a few.
pub async fn worked_on(tx: &mut Tx, id: &ImportId, limit: i64) -> Result<Vec<String>, Fault> {
    tx.fetch_all(WORKED_ON, args![id, limit])
        .await?
        .iter()
        .map(|row| row.get("number"))
        .collect()
}

/// Incidents of other origin that were merged into imported ones.
pub async fn merged_from_outside(tx: &mut Tx, id: &ImportId) -> Result<Vec<IncidentId>, Fault> {
    tx.fetch_all(MERGED_FROM_OUTSIDE, args![id])
        .await?
        .iter()
        .map(incident_id)
        .collect()
}

/// Lets go of the merges among imported incidents, so that they can be deleted in any order.
pub async fn untie(tx: &mut Tx, id: &ImportId) -> Result<(), Fault> {
    tx.execute(UNTIE, args![id]).await.map(drop)
}

/// Some imported incidents with version and division.
pub async fn some_of(
    tx: &mut Tx,
    id: &ImportId,
    limit: i64,
) -> Result<Vec<(IncidentId, i64, String)>, Fault> {
    let rows = tx.fetch_all(SOME_OF, args![id, limit]).await?;
    rows.iter()
        .map(|row| Ok((incident_id(row)?, row.get("version")?, row.get("division")?)))
        .collect()
}

/// Deletes incidents with their calls.
pub async fn delete(tx: &mut Tx, ids: &[IncidentId]) -> Result<(), Fault> {
    let slots = tx.rows_of(ids.len(), 1);
    for statement in [DELETE_CALLS, DELETE_INCIDENTS] {
        tx.execute(
            format!("{statement}{slots}"),
            ids.iter().map(Value::from).collect(),
        )
        .await?;
    }
    Ok(())
}

fn incident_id(row: &Row) -> Result<IncidentId, Fault> {
    row.parsed("incident_id", IncidentId::parse)
}

fn read(row: &Row) -> Result<Import, Fault> {
    let plan: Option<String> = row.get("plan")?;
    let plan = plan.map(|text| serde_json::from_str(&text)).transpose();
    Ok(Import {
        id: row.parsed("import_id", ImportId::parse)?,
        serial: row.get("serial")?,
        file_name: row.get("file_name")?,
        bytes: row.get("bytes")?,
        sha256: row.get("sha256")?,
        division: row.parsed("division", |text| DivisionCode::parse(text).ok())?,
        state: row.parsed("state", State::parse)?,
        plan: plan.map_err(|error| Fault::new("reading an import's plan", error))?,
        progress: Progress {
            total: row.get("total_rows")?,
            done: row.get("done_rows")?,
            added: row.get("added")?,
            known: row.get("known")?,
            refused: row.get("refused")?,
            without_place: row.get("without_place")?,
            problems: row.get("problems")?,
        },
        failure: row.get("failure")?,
        created_by: row.get("created_by")?,
        created_at: Millis(row.get("created_at")?),
        started_at: row.get::<Option<i64>>("started_at")?.map(Millis),
        finished_at: row.get::<Option<i64>>("finished_at")?.map(Millis),
        undone_at: row.get::<Option<i64>>("undone_at")?.map(Millis),
        version: row.get("version")?,
    })
}
