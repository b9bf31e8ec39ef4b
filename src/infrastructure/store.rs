//! Assets in the database.

use std::collections::BTreeMap;

use crate::platform::{
    Fault, Millis,
    db::{Reader, Row, Tx, Value, args},
    http::ByName,
    sealing::Seal,
    spelling, word,
};

use crate::region::DivisionCode;

use super::{
    kind::Kind,
    model::{Asset, AssetId, Status},
};

/// What the sealed column is bound to.
const SEALED: &str = "assets.contacts";

const BY_ID: &str = "SELECT * FROM assets WHERE asset_id = $1";
/// Closed by a list of ids.
const BY_IDS: &str = "SELECT * FROM assets WHERE asset_id IN ";
/// Ids asked for at once.
const IDS: usize = 200;
const OF_SOURCE: &str = "SELECT * FROM assets WHERE source = $1";
/// Moves with every change: how the drawing in memory knows that it is old.
const STAMP: &str = "SELECT CAST(COALESCE(SUM(version), 0) AS BIGINT) AS stamp FROM assets";
const PLACED: &str = "
    SELECT asset_id, kind, name, division, status, geometry
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
const INSERT: &str = "
    INSERT INTO assets (asset_id, kind, name, division, address, geometry, datum_in, org, contacts, status, details,
              source, source_id, verified_at, search, updated_at, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
";
const UPDATE: &str = "
    UPDATE assets
       SET kind = $2, name = $3, division = $4, address = $5, geometry = $6, datum_in = $7, org = $8, contacts = $9
         , status = $10, details = $11, verified_at = $14, search = $15, updated_at = $16, version = $17
         , source = $12, source_id = $13
     WHERE asset_id = $1
";

pub const STATEMENTS: &[&str] = &[BY_ID, OF_SOURCE, STAMP, PLACED, COUNTS, INSERT, UPDATE];

/// The asset as it will stay until the transaction ends.
pub async fn held(tx: &mut Tx, seal: &Seal, id: &AssetId) -> Result<Option<Asset>, Fault> {
    tx.fetch_optional(tx.hold(BY_ID), args![id])
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

/// The assets with these ids; one that is not there is left out.
pub async fn by_ids(
    reader: Reader<'_>,
    seal: &Seal,
    ids: &[&AssetId],
) -> Result<BTreeMap<AssetId, Asset>, Fault> {
    let mut assets = BTreeMap::new();
    for ids in ids.chunks(IDS) {
        let values = ids.iter().map(|id| Value::from(*id)).collect();
        let sql = format!("{BY_IDS}{}", reader.rows_of(ids.len(), 1));
        for row in reader.fetch_all(sql, values).await? {
            let asset = asset(&row, seal)?;
            assets.insert(asset.id.clone(), asset);
        }
    }
    Ok(assets)
}

/// Every asset of one list by its key in it, as they will stay until the transaction ends.
pub async fn of_source(
    tx: &mut Tx,
    seal: &Seal,
    source: &str,
) -> Result<BTreeMap<String, Asset>, Fault> {
    let rows = tx.fetch_all(tx.hold(OF_SOURCE), args![source]).await?;
    rows.iter()
        .map(|row| asset(row, seal).map(|asset| (asset.source_id.clone(), asset)))
        .collect()
}

pub async fn stamp(reader: Reader<'_>) -> Result<i64, Fault> {
    reader.fetch_one(STAMP, args![]).await?.get("stamp")
}

/// An asset that stands somewhere: what maps and spatial questions need, and no contact.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    pub id: AssetId,
    pub kind: &'static Kind,
    pub name: String,
    pub division: DivisionCode,
    pub status: Status,
    /// GeoJSON geometry, WGS-84.
    pub geometry: serde_json::Value,
}

/// Everything that has a place and was not removed.
pub async fn placed(reader: Reader<'_>) -> Result<Vec<Placed>, Fault> {
    let rows = reader.fetch_all(PLACED, args![]).await?;
    rows.iter()
        .map(|row| {
            Ok(Placed {
                id: id(row)?,
                kind: kind(row)?,
                name: row.get("name")?,
                division: row.word("division")?,
                status: row.word("status")?,
                geometry: row.json("geometry")?,
            })
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
    pub after: Option<ByName>,
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
    if let Some(ByName { name, id }) = &filter.after {
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

/// Writes a new asset, or one that is held.
pub async fn put(tx: &mut Tx, seal: &Seal, asset: &Asset) -> Result<(), Fault> {
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
        seal.seal_json(SEALED, &asset.contacts),
        word(&asset.status),
        serde_json::Value::Object(asset.details.clone()),
        &asset.source,
        &asset.source_id,
        asset.verified_at,
        spelling::index(words.into_iter().chain(details)),
        asset.updated_at,
        asset.version,
    ];
    let statement = if asset.version == 1 { INSERT } else { UPDATE };
    tx.execute(statement, values).await.map(drop)
}

fn id(row: &Row) -> Result<AssetId, Fault> {
    row.parsed("asset_id", AssetId::parse)
}

fn kind(row: &Row) -> Result<&'static Kind, Fault> {
    row.parsed("kind", Kind::parse)
}

fn asset(row: &Row, seal: &Seal) -> Result<Asset, Fault> {
    let geometry: Option<String> = row.get("geometry")?;
    Ok(Asset {
        id: id(row)?,
        kind: kind(row)?,
        name: row.get("name")?,
        division: row.word("division")?,
        address: row.get("address")?,
        geometry: geometry
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|error| Fault::new("reading a geometry", error))?,
        datum_in: row.word("datum_in")?,
        org: row.get("org")?,
        contacts: seal.open_json(SEALED, &row.get::<String>("contacts")?)?,
        status: row.word("status")?,
        details: row.json("details")?,
        source: row.get("source")?,
        source_id: row.get("source_id")?,
        verified_at: row.get::<Option<i64>>("verified_at")?.map(Millis),
        updated_at: Millis(row.get("updated_at")?),
        version: row.get("version")?,
    })
}
