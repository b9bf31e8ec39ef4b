//! What stands where, as the live map shows it: no contacts, nothing to unseal.

use serde_json::{Value, json};

use crate::platform::{Ctx, Fault, db::args};

const PLACED: &str = "
    SELECT asset_id, kind, name, division, status, geometry
      FROM assets
     WHERE geometry IS NOT NULL
       AND status <> 'removed'
  ORDER BY asset_id
";

/// One asset with a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    pub id: String,
    pub division: String,
    /// The payload that the journal's entries of assets have too: kind, name, status, geometry.
    pub row: Value,
}

/// Every asset that has a place and was not removed.
///
/// # Errors
/// When the database does not answer.
pub async fn placed(ctx: &Ctx) -> Result<Vec<Placed>, Fault> {
    let rows = ctx.db.read().fetch_all(PLACED, args![]).await?;
    rows.iter()
        .map(|row| {
            let (kind, name): (String, String) = (row.get("kind")?, row.get("name")?);
            let status: String = row.get("status")?;
            let geometry: Value = row.json("geometry")?;
            Ok(Placed {
                id: row.get("asset_id")?,
                division: row.get("division")?,
                row: json!({ "kind": kind, "name": name, "status": status, "geometry": geometry }),
            })
        })
        .collect()
}
