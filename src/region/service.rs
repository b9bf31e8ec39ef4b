//! Imports of division lists and boundaries, all or nothing, and keeping the atlas true.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Value, json};

use super::atlas::{Atlas, Sheet};
use super::model::Division;
use super::plan::{self, Edition};
use super::refusal::No;
use super::report::Report;
use super::survey::{self, Declared};
use super::{list, store};
use crate::identity::Actor;
use crate::identity::policy::{self, Action};
use crate::platform::Ctx;
use crate::platform::failure::{Failure, Fault};
use crate::platform::journal::Draft;

/// Reads the atlas anew from the database.
///
/// # Errors
/// When the database does not answer.
pub async fn load(ctx: &Ctx, atlas: &Atlas) -> Result<(), Fault> {
    let divisions = store::divisions(ctx.db.read()).await?;
    let boundaries = store::boundaries(ctx.db.read()).await?;
    let boundaries = boundaries
        .into_iter()
        .map(|(boundary, _)| boundary)
        .collect();
    let sheet = heavy(move || Sheet::new(divisions, boundaries)).await?;
    atlas.replace(sheet);
    Ok(())
}

/// Keeps the atlas true when another server of the tower imports something; ends with the relay.
pub async fn follow(ctx: Ctx, atlas: Atlas) {
    let Ok(head) = ctx.relay.head().await else {
        return;
    };
    let mut entries = ctx.relay.follow(head.seq);
    loop {
        match entries.next().await {
            Ok(entry) if entry.topics.first().is_some_and(|topic| topic == "region") => {
                if let Err(fault) = load(&ctx, &atlas).await {
                    tracing::warn!(%fault, "the divisions could not be read anew");
                }
            }
            Ok(_) => {}
            Err(fault) => {
                tracing::debug!(%fault, "the atlas stops following the journal");
                return;
            }
        }
    }
}

/// Imports a division list. With `preview` nothing is written and the report says what would be.
///
/// # Errors
/// Refused: role, not a division list, any wrong line (the report is in the refusal).
#[tracing::instrument(name = "region.import_divisions", skip_all)]
pub async fn import_divisions(
    ctx: &Ctx,
    atlas: &Atlas,
    who: &Actor,
    file: Vec<u8>,
    edition: Edition,
    preview: bool,
) -> Result<Report, Failure> {
    policy::may(who, Action::ImportDivisions, &who.division)?;
    let _alone = atlas.import_turn().ok_or(No::Busy)?;
    let known = by_code(store::divisions(ctx.db.read()).await?);
    let rows = heavy(move || list::read(&file)).await?.map_err(No::List)?;
    let plan = heavy(move || plan::plan(&rows, &known, edition)).await?;
    let mut report = plan.report;
    if report.refused > 0 {
        return Err(No::Lines(Box::new(report)).into());
    }
    if preview || report.is_noop() {
        return Ok(report);
    }
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    store::save_divisions(&mut tx, &plan.save).await?;
    let payload =
        json!({ "added": report.added, "changed": report.changed, "ended": report.ended });
    tx.append(imported("region.divisions_imported", who, payload), now)
        .await?;
    tx.commit().await?;
    load(ctx, atlas).await?;
    report.applied = true;
    Ok(report)
}

/// Imports boundaries. With `preview` nothing is written and the report says what would be.
///
/// # Errors
/// Refused: role, not GeoJSON, any feature that cannot be used (the report is in the refusal).
#[tracing::instrument(name = "region.import_boundaries", skip_all)]
pub async fn import_boundaries(
    ctx: &Ctx,
    atlas: &Atlas,
    who: &Actor,
    file: Vec<u8>,
    declared: Declared,
    preview: bool,
) -> Result<Report, Failure> {
    policy::may(who, Action::ImportDivisions, &who.division)?;
    let _alone = atlas.import_turn().ok_or(No::Busy)?;
    let divisions = by_code(store::divisions(ctx.db.read()).await?);
    let stored = store::boundaries(ctx.db.read()).await?;
    let source = declared.source.clone();
    let survey = heavy(move || {
        let stored = stored
            .into_iter()
            .map(|(one, text)| ((one.code, one.from), text))
            .collect();
        let text = String::from_utf8_lossy(file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&file))
            .into_owned();
        survey::survey(&text, &declared, &divisions, &stored)
    })
    .await?
    .map_err(|why| No::NotFeatures { why })?;
    let mut report = survey.report;
    if report.refused > 0 {
        return Err(No::Lines(Box::new(report)).into());
    }
    if preview || report.is_noop() {
        return Ok(report);
    }
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    store::save_divisions(&mut tx, &survey.divisions).await?;
    for boundary in &survey.boundaries {
        store::save_boundary(&mut tx, boundary, now).await?;
    }
    let codes: Vec<&str> = survey
        .boundaries
        .iter()
        .map(|boundary| boundary.code.as_str())
        .collect();
    let payload = json!({ "boundaries": codes, "repaired": report.repaired, "source": source });
    tx.append(imported("region.boundaries_imported", who, payload), now)
        .await?;
    tx.commit().await?;
    load(ctx, atlas).await?;
    report.applied = true;
    Ok(report)
}

/// The day in Shanghai at this moment: what "today" means to the offices.
pub fn today(ctx: &Ctx) -> Date {
    /// China keeps one time all year.
    const SHANGHAI: jiff::tz::Offset = jiff::tz::Offset::constant(8);
    let now =
        jiff::Timestamp::from_millisecond(ctx.clock.now().0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    SHANGHAI.to_datetime(now).date()
}

fn imported(kind: &'static str, who: &Actor, payload: Value) -> Draft {
    Draft {
        kind,
        entity: "divisions".to_owned(),
        entity_version: 1,
        jurisdiction: who.division.to_string(),
        topics: vec!["region".to_owned()],
        actor: who.into(),
        payload,
    }
}

fn by_code(divisions: Vec<Division>) -> BTreeMap<super::DivisionCode, Division> {
    divisions
        .into_iter()
        .map(|one| (one.code.clone(), one))
        .collect()
}

/// Work of seconds, off the threads that answer requests.
async fn heavy<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|why| Fault::new("reading an import", why))
}
