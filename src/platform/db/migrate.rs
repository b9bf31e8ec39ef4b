//! Brings the database to the shape this program expects: each file once, in order, never edited afterwards.

use std::collections::BTreeMap;

use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};

use super::{Db, args};
use crate::platform::failure::Fault;

/// `migrations/{sqlite,postgres}/NNNN_name.sql`
#[derive(Debug, RustEmbed)]
#[folder = "migrations/"]
pub struct MigrationFiles;

const CREATE: &str = "
    CREATE TABLE IF NOT EXISTS migrations (
        name TEXT PRIMARY KEY,
        digest TEXT NOT NULL
    )
";
const APPLIED: &str = "SELECT name, digest FROM migrations";
const RECORD: &str = "INSERT INTO migrations (name, digest) VALUES ($1, $2)";

pub(super) async fn run(db: &Db) -> Result<(), Fault> {
    let mut tx = db.begin().await?;
    if tx.is_postgres() {
        // Two servers that start at once must not both migrate.
        tx.fetch_all(
            "SELECT pg_advisory_xact_lock(4246119)::text AS held",
            args![],
        )
        .await?;
    }
    tx.script(CREATE.into()).await?;
    let mut applied = BTreeMap::new();
    for row in tx.fetch_all(APPLIED, args![]).await? {
        applied.insert(row.get::<String>("name")?, row.get::<String>("digest")?);
    }
    for (name, sql) in files(db.name()) {
        let digest = hex::encode(Sha256::digest(sql.as_bytes()));
        match applied.get(&name) {
            Some(known) if *known == digest => {}
            Some(_) => {
                return Err(Fault::new(
                    format!("migrating: {name}"),
                    "an applied migration was edited",
                ));
            }
            None => {
                tx.script(sql.into())
                    .await
                    .map_err(|fault| Fault::new(format!("migrating: {name}"), fault.to_string()))?;
                tx.execute(RECORD, args![name, digest]).await?;
            }
        }
    }
    tx.commit().await
}

fn files(database: &str) -> BTreeMap<String, String> {
    MigrationFiles::iter()
        .filter_map(|path| {
            let name = path.strip_prefix(database)?.strip_prefix('/')?.to_owned();
            let file = MigrationFiles::get(&path)?;
            Some((name, String::from_utf8_lossy(&file.data).into_owned()))
        })
        .collect()
}
