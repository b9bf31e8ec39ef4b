//! Assets in the database.

use crate::platform::{
    Fault, Millis,
    db::{Reader, Row, Tx, Value, args},
    sealing::Seal,
    spelling, word,
};

use super::{
    kind::Kind,
    model::{Asset, AssetId},
};

/// What the sealed column is bound to.
const SEALED: &str = "assets.contacts";

const BY_ID: &str = "SELECT * FROM assets WHERE asset_id = $1";
const BY_SOURCE: &str = "SELECT * FROM assets WHERE source = $1";
/// Moves with every change: how the drawing in memory knows that it is old.
const STAMP: &str = "SELECT CAST(COALESCE(SUM(version), 0) AS BIGINT) AS stamp FROM assets";
const DRAWN: &str = "
    SELECT asset_id, kind, division, status, geometry
      FROM assets
     WHERE geometry IS NOT NULL
       AND status <> 'removed'
  ORDER BY asset_id
";
const COUNTS: &str = "
      SELECT kind, COUNT(*) AS total
           , SUM(CASE WHEN geometry IS NULL THEN 1 ELSE 0 END) AS placeless
           , SUM(CASE WHEN verified_at IS NULL OR verified_at < $2 THEN 1 ELSE 0 END) AS unverified
        FROM assets
       WHERE division LIKE $1
         AND status <> 'removed'
    GROUP BY kind
    ORDER BY kind
";
const PUT: &str = "
    INSERT INTO assets (asset_id, kind, name, division, address, geometry, datum_in, org, contacts, status, details,
              source, source_id, verified_at, search, updated_at, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
    ON CONFLICT (asset_id) DO UPDATE
       SET kind = $2, name = $3, division = $4, address = $5, geometry = $6, datum_in = $7, org = $8, contacts = $9
         , status = $10, details = $11, verified_at = $14, search = $15, updated_at = $16, version = $17
";

pub const STATEMENTS: &[&str] = &[BY_ID, BY_SOURCE, STAMP, DRAWN, COUNTS, PUT];

pub async fn by_id(tx: &mut Tx, seal: &Seal, id: &AssetId) -> Result<Option<Asset>, Fault> {
    tx.fetch_optional(BY_ID, args![id])
        .await?
        .map(|row| asset(&row, seal))
        .transpose()
}

pub async fn read_by_id(
    reader: Reader<'_>,
    seal: &Seal,
    id: &AssetId,
) -> Result<Option<Asset>, Fault> {
    reader
        .fetch_optional(BY_ID, args![id])
        .await?
        .map(|row| asset(&row, seal))
        .transpose()
}

pub async fn by_source(tx: &mut Tx, seal: &Seal, source: &str) -> Result<Vec<Asset>, Fault> {
    tx.fetch_all(BY_SOURCE, args![source])
        .await?
        .iter()
        .map(|row| asset(row, seal))
        .collect()
}

pub async fn stamp(reader: Reader<'_>) -> Result<i64, Fault> {
    reader.fetch_one(STAMP, args![]).await?.get("stamp")
}

/// What the drawing in memory is made of: id, kind, division, in use, geometry.
pub async fn drawn(
    reader: Reader<'_>,
) -> Result<Vec<(AssetId, &'static Kind, String, bool, serde_json::Value)>, Fault> {
    let rows = reader.fetch_all(DRAWN, args![]).await?;
    rows.iter()
        .map(|row| {
            let status: String = row.get("status")?;
            Ok((
                id(row)?,
                kind(row)?,
                row.get("division")?,
                status == "in_use",
                row.json("geometry")?,
            ))
        })
        .collect()
}

/// How complete one kind is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    pub kind: String,
    pub total: i64,
    pub placeless: i64,
    pub unverified: i64,
}

pub async fn counts(
    reader: Reader<'_>,
    division: &str,
    verified_after: Millis,
) -> Result<Vec<Count>, Fault> {
    let rows = reader
        .fetch_all(COUNTS, args![format!("{division}%"), verified_after])
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Count {
                kind: row.get("kind")?,
                total: row.get("total")?,
                placeless: row.get("placeless")?,
                unverified: row.get("unverified")?,
            })
        })
        .collect()
}

/// What a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub division: String,
    pub patterns: Vec<String>,
    pub kind: Option<String>,
    pub after: Option<(String, String)>,
    pub limit: i64,
}

/// A page in the order of names.
pub async fn list(reader: Reader<'_>, seal: &Seal, filter: &Filter) -> Result<Vec<Asset>, Fault> {
    let mut values: Vec<Value> = vec![Value::from(format!("{}%", filter.division))];
    let mut sql = "SELECT * FROM assets WHERE division LIKE $1 AND status <> 'removed'".to_owned();
    for pattern in &filter.patterns {
        values.push(pattern.into());
        sql.push_str(&format!(" AND search LIKE ${} ESCAPE '\\'", values.len()));
    }
    if let Some(kind) = &filter.kind {
        values.push(kind.into());
        sql.push_str(&format!(" AND kind = ${}", values.len()));
    }
    if let Some((name, id)) = &filter.after {
        values.extend([Value::from(name), Value::from(id)]);
        let (n, i) = (values.len() - 1, values.len());
        sql.push_str(&format!(
            " AND name >= ${n} AND (name > ${n} OR asset_id > ${i})"
        ));
    }
    values.push(filter.limit.into());
    sql.push_str(&format!(" ORDER BY name, asset_id LIMIT ${}", values.len()));
    reader
        .fetch_all(sql, values)
        .await?
        .iter()
        .map(|row| asset(row, seal))
        .collect()
}

pub async fn put(tx: &mut Tx, seal: &Seal, asset: &Asset) -> Result<(), Fault> {
    let contacts = serde_json::json!(asset.contacts).to_string();
    let details = asset.details.values().filter_map(serde_json::Value::as_str);
    let words = [
        asset.name.as_str(),
        asset.kind.zh,
        &asset.address,
        &asset.org,
    ];
    let values = args![
        &asset.id,
        asset.kind.code,
        &asset.name,
        asset.division.as_str(),
        &asset.address,
        asset.geometry.as_ref().map(serde_json::Value::to_string),
        word(&asset.datum_in),
        &asset.org,
        seal.seal(SEALED, &contacts),
        word(&asset.status),
        serde_json::Value::Object(asset.details.clone()),
        &asset.source,
        &asset.source_id,
        asset.verified_at,
        spelling::index(words.into_iter().chain(details)),
        asset.updated_at,
        asset.version,
    ];
    tx.execute(PUT, values).await.map(drop)
}

fn id(row: &Row) -> Result<AssetId, Fault> {
    let text: String = row.get("asset_id")?;
    AssetId::parse(&text).ok_or_else(|| Fault::new("reading an asset", "its id is not a UUID"))
}

fn kind(row: &Row) -> Result<&'static Kind, Fault> {
    let code: String = row.get("kind")?;
    Kind::parse(&code)
        .ok_or_else(|| Fault::new("reading an asset", format!("no kind is called {code}")))
}

fn parse<T: serde::de::DeserializeOwned>(row: &Row, column: &str) -> Result<T, Fault> {
    let text: String = row.get(column)?;
    serde_json::from_value(serde_json::Value::String(text))
        .map_err(|error| Fault::new(format!("reading column {column}"), error))
}

fn asset(row: &Row, seal: &Seal) -> Result<Asset, Fault> {
    let contacts = seal.open_text(SEALED, &row.get::<String>("contacts")?)?;
    let geometry: Option<String> = row.get("geometry")?;
    Ok(Asset {
        id: id(row)?,
        kind: kind(row)?,
        name: row.get("name")?,
        division: parse(row, "division")?,
        address: row.get("address")?,
        geometry: geometry
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|error| Fault::new("reading a geometry", error))?,
        datum_in: parse(row, "datum_in")?,
        org: row.get("org")?,
        contacts: serde_json::from_str(&contacts)
            .map_err(|error| Fault::new("reading contacts", error))?,
        status: parse(row, "status")?,
        details: row.json("details")?,
        source: row.get("source")?,
        source_id: row.get("source_id")?,
        verified_at: row.get::<Option<i64>>("verified_at")?.map(Millis),
        updated_at: Millis(row.get("updated_at")?),
        version: row.get("version")?,
    })
}
