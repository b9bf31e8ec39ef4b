//! Experts in the database.

use std::collections::BTreeMap;

use crate::platform::{
    Fault, Millis,
    db::{Reader, Row, Tx, Value, args},
    http::ByName,
    sealing::Seal,
    word,
};

use super::model::{Expert, ExpertId};

/// What the sealed column is bound to.
const SEALED: &str = "experts.contacts";

const COLUMNS: &str = "expert_id, name, sex, birth_year, org, title, expert_groups, subjects, specialty, division, lon, lat,
              contacts, video_capable, avoid_orgs, state, availability, source, source_id, updated_at, version";

const BY_ID: &str = "SELECT * FROM experts WHERE expert_id = $1";
const OF_SOURCE: &str = "SELECT * FROM experts WHERE source = $1";
const ALL_LISTED: &str = "SELECT * FROM experts WHERE state = 'listed' ORDER BY expert_id";
const INSERT: &str = "
    INSERT INTO experts (expert_id, name, sex, birth_year, org, title, expert_groups, subjects, specialty, division, lon, lat,
              contacts, video_capable, avoid_orgs, state, availability, source, source_id, updated_at, version, search)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
";
const UPDATE: &str = "
    UPDATE experts
       SET name = $2, sex = $3, birth_year = $4, org = $5, title = $6, expert_groups = $7, subjects = $8, specialty = $9
         , division = $10, lon = $11, lat = $12, contacts = $13, video_capable = $14, avoid_orgs = $15, state = $16
         , availability = $17, updated_at = $20, version = $21, search = $22
         , source = $18, source_id = $19
     WHERE expert_id = $1
";

pub const STATEMENTS: &[&str] = &[BY_ID, OF_SOURCE, ALL_LISTED, INSERT, UPDATE];

/// The expert as he will stay until the transaction ends.
pub async fn held(tx: &mut Tx, seal: &Seal, id: &ExpertId) -> Result<Option<Expert>, Fault> {
    tx.fetch_optional(tx.hold(BY_ID), args![id])
        .await?
        .map(|row| expert(&row, seal))
        .transpose()
}

pub async fn read_by_id(
    reader: Reader<'_>,
    seal: &Seal,
    id: &ExpertId,
) -> Result<Option<Expert>, Fault> {
    reader
        .fetch_optional(BY_ID, args![id])
        .await?
        .map(|row| expert(&row, seal))
        .transpose()
}

/// Everybody of one list by his key in it, as they will stay until the transaction ends.
pub async fn of_source(
    tx: &mut Tx,
    seal: &Seal,
    source: &str,
) -> Result<BTreeMap<String, Expert>, Fault> {
    let rows = tx.fetch_all(tx.hold(OF_SOURCE), args![source]).await?;
    rows.iter()
        .map(|row| expert(row, seal).map(|expert| (expert.source_id.clone(), expert)))
        .collect()
}

/// Everybody who may be proposed.
pub async fn listed(reader: Reader<'_>, seal: &Seal) -> Result<Vec<Expert>, Fault> {
    reader
        .fetch_all(ALL_LISTED, args![])
        .await?
        .iter()
        .map(|row| expert(row, seal))
        .collect()
}

/// What a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub division: String,
    /// `LIKE` patterns over the search text, all must match.
    pub patterns: Vec<String>,
    pub group: Option<String>,
    pub state: Option<String>,
    pub after: Option<ByName>,
    pub limit: i64,
}

/// A page in the order of names.
pub async fn list(reader: Reader<'_>, seal: &Seal, filter: &Filter) -> Result<Vec<Expert>, Fault> {
    let mut values: Vec<Value> = vec![Value::from(format!("{}%", filter.division))];
    let mut sql = format!("SELECT {COLUMNS} FROM experts WHERE division LIKE $1");
    let mut also = |condition: &str, value: Value| {
        values.push(value);
        sql.push_str(&format!(
            " AND {}",
            condition.replace('?', &format!("${}", values.len()))
        ));
    };
    for pattern in &filter.patterns {
        also("search LIKE ? ESCAPE '\\'", pattern.into());
    }
    if let Some(group) = &filter.group {
        also("expert_groups LIKE ?", format!("%\"{group}\"%").into());
    }
    if let Some(state) = &filter.state {
        also("state = ?", state.into());
    }
    if let Some(ByName { name, id }) = &filter.after {
        also("name >= ?", name.into());
        values.push(name.into());
        values.push(id.into());
        sql.push_str(&format!(
            " AND (name > ${} OR expert_id > ${})",
            values.len() - 1,
            values.len()
        ));
    }
    values.push(filter.limit.into());
    sql.push_str(&format!(
        " ORDER BY name, expert_id LIMIT ${}",
        values.len()
    ));
    reader
        .fetch_all(sql, values)
        .await?
        .iter()
        .map(|row| expert(row, seal))
        .collect()
}

/// Writes a new expert, or one that is held.
pub async fn put(tx: &mut Tx, seal: &Seal, expert: &Expert) -> Result<(), Fault> {
    let json = |value: serde_json::Value| value.to_string();
    let subjects = expert
        .subjects
        .iter()
        .flat_map(|subject| [subject.name.as_str(), subject.code.as_str()]);
    let words = [
        expert.name.as_str(),
        &expert.org,
        &expert.title,
        &expert.specialty,
    ];
    let groups = expert.groups.iter().map(|group| group.zh());
    let search = crate::platform::spelling::index(words.into_iter().chain(subjects).chain(groups));
    let values = args![
        &expert.id,
        &expert.name,
        &expert.sex,
        expert.birth_year,
        &expert.org,
        &expert.title,
        json(serde_json::json!(expert.groups)),
        json(serde_json::json!(expert.subjects)),
        &expert.specialty,
        expert.division.as_str(),
        expert.place.map(|[lon, _]| lon),
        expert.place.map(|[_, lat]| lat),
        seal.seal_json(SEALED, &expert.contacts),
        expert.video_capable,
        json(serde_json::json!(expert.avoid_orgs)),
        word(&expert.state),
        word(&expert.availability),
        &expert.source,
        &expert.source_id,
        expert.updated_at,
        expert.version,
        search,
    ];
    let statement = if expert.version == 1 { INSERT } else { UPDATE };
    tx.execute(statement, values).await.map(drop)
}

fn expert(row: &Row, seal: &Seal) -> Result<Expert, Fault> {
    Ok(Expert {
        id: row.parsed("expert_id", ExpertId::parse)?,
        name: row.get("name")?,
        sex: row.get("sex")?,
        birth_year: row.get("birth_year")?,
        org: row.get("org")?,
        title: row.get("title")?,
        groups: row.json("expert_groups")?,
        subjects: row.json("subjects")?,
        specialty: row.get("specialty")?,
        division: row.word("division")?,
        place: row
            .get::<Option<f64>>("lon")?
            .zip(row.get("lat")?)
            .map(|(lon, lat)| [lon, lat]),
        contacts: seal.open_json(SEALED, &row.get::<String>("contacts")?)?,
        video_capable: row.get("video_capable")?,
        avoid_orgs: row.json("avoid_orgs")?,
        state: row.word("state")?,
        availability: row.word("availability")?,
        source: row.get("source")?,
        source_id: row.get("source_id")?,
        updated_at: Millis(row.get("updated_at")?),
        version: row.get("version")?,
    })
}
