//! SQL of divisions and their boundaries.

use jiff::civil::Date;

use super::code::DivisionCode;
use super::link;
use super::model::{Boundary, Division, DivisionKind, Validity};
use crate::platform::clock::Millis;
use crate::platform::db::{Reader, Row, Tx, Value, args};
use crate::platform::failure::Fault;

pub const STATEMENTS: &[&str] = &[DIVISIONS, BOUNDARIES, SAVE_BOUNDARY];

/// Rows of one statement.
const ROWS_AT_ONCE: usize = 500;
const COLUMNS: usize = 10;

const DIVISIONS: &str = "
      SELECT code, name, kind, pinyin, valid_from, valid_until, successor, seat_lon, seat_lat, version
        FROM divisions
    ORDER BY code
";

/// # Errors
/// When the database does not answer.
pub async fn divisions(reader: Reader<'_>) -> Result<Vec<Division>, Fault> {
    reader
        .fetch_all(DIVISIONS, args![])
        .await?
        .iter()
        .map(division)
        .collect()
}

const SAVE_DIVISIONS: &str = "
    INSERT INTO divisions (code, name, kind, pinyin, valid_from, valid_until, successor, seat_lon, seat_lat, version)
    VALUES ";
const OR_REPLACE: &str = "
    ON CONFLICT (code)
    DO UPDATE SET name = excluded.name
                , kind = excluded.kind
                , pinyin = excluded.pinyin
                , valid_from = excluded.valid_from
                , valid_until = excluded.valid_until
                , successor = excluded.successor
                , seat_lon = excluded.seat_lon
                , seat_lat = excluded.seat_lat
                , version = excluded.version
";

/// Writes divisions, new or known.
///
/// # Errors
/// When the database does not answer.
pub async fn save_divisions(tx: &mut Tx, divisions: &[Division]) -> Result<(), Fault> {
    for some in divisions.chunks(ROWS_AT_ONCE) {
        let values = tx.rows_of(COLUMNS, some.len());
        let parameters: Vec<Value> = some.iter().flat_map(parameters).collect();
        tx.execute(format!("{SAVE_DIVISIONS}{values}{OR_REPLACE}"), parameters)
            .await?;
    }
    Ok(())
}

fn parameters(division: &Division) -> Vec<Value> {
    args![
        division.code.as_str(),
        &division.name,
        division.kind.as_str(),
        &division.pinyin,
        division.valid.from.map(|day| day.to_string()),
        division.valid.until.map(|day| day.to_string()),
        division
            .successor
            .as_ref()
            .map(|code| code.as_str().to_owned()),
        division.seat.map(|[lon, _]| lon),
        division.seat.map(|[_, lat]| lat),
        division.version
    ]
}

const BOUNDARIES: &str = "
      SELECT code, valid_from, area, datum_in, source, repaired
        FROM division_boundaries
    ORDER BY code, valid_from
";

/// Boundaries with the text they are stored as.
///
/// # Errors
/// When the database does not answer or a stored area cannot be read.
pub async fn boundaries(reader: Reader<'_>) -> Result<Vec<(Boundary, String)>, Fault> {
    reader
        .fetch_all(BOUNDARIES, args![])
        .await?
        .iter()
        .map(boundary)
        .collect()
}

const SAVE_BOUNDARY: &str = "
    INSERT INTO division_boundaries (code, valid_from, area, datum_in, source, repaired, imported_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (code, valid_from)
    DO UPDATE SET area = excluded.area
                , datum_in = excluded.datum_in
                , source = excluded.source
                , repaired = excluded.repaired
                , imported_at = excluded.imported_at
";

/// # Errors
/// When the database does not answer.
pub async fn save_boundary(tx: &mut Tx, boundary: &Boundary, now: Millis) -> Result<(), Fault> {
    tx.execute(
        SAVE_BOUNDARY,
        args![
            boundary.code.as_str(),
            boundary.from.map(|day| day.to_string()).unwrap_or_default(),
            link::to_text(&boundary.area),
            &boundary.datum_in,
            &boundary.source,
            boundary.repaired.clone(),
            now
        ],
    )
    .await
    .map(drop)
}

fn division(row: &Row) -> Result<Division, Fault> {
    let kind: String = row.get("kind")?;
    let seat = row
        .get::<Option<f64>>("seat_lon")?
        .zip(row.get::<Option<f64>>("seat_lat")?);
    Ok(Division {
        code: code(&row.get::<String>("code")?)?,
        name: row.get("name")?,
        kind: DivisionKind::parse(&kind)
            .ok_or_else(|| Fault::new("reading a division", format!("kind {kind}")))?,
        pinyin: row.get("pinyin")?,
        valid: Validity {
            from: day(row, "valid_from")?,
            until: day(row, "valid_until")?,
        },
        successor: row
            .get::<Option<String>>("successor")?
            .as_deref()
            .map(code)
            .transpose()?,
        seat: seat.map(|(lon, lat)| [lon, lat]),
        version: row.get("version")?,
    })
}

fn boundary(row: &Row) -> Result<(Boundary, String), Fault> {
    let text: String = row.get("area")?;
    let boundary = Boundary {
        code: code(&row.get::<String>("code")?)?,
        from: day(row, "valid_from")?,
        area: link::from_text(&text)
            .ok_or_else(|| Fault::new("reading a boundary", "its area is no polygon"))?,
        datum_in: row.get("datum_in")?,
        source: row.get("source")?,
        repaired: row.get("repaired")?,
    };
    Ok((boundary, text))
}

fn code(text: &str) -> Result<DivisionCode, Fault> {
    DivisionCode::parse(text)
        .map_err(|why| Fault::new(format!("reading division code {text}"), why))
}

/// An absent or empty day is an open one.
fn day(row: &Row, column: &str) -> Result<Option<Date>, Fault> {
    let text = row.get::<Option<String>>(column)?.unwrap_or_default();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|why| Fault::new(format!("reading day {text}"), why))
}
