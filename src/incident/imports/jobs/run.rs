//! Runs an import: reads on a thread of its own, writes batch by batch, each batch whole or not at all.

use std::{collections::BTreeMap, fs::File, io};

use serde_json::json;
use tokio::sync::mpsc;

use super::file;
use crate::{
    incident::{
        imports::{
            model::{Import, ImportId, Progress, State},
            plan::Plan,
            reading::{self, Outcome, Reading},
            store, wire,
        },
        lifecycle::Lifecycle,
        model::{Call, CallId, Incident, IncidentId, Origin, Source, TITLE_MAX},
        service, store as incidents,
    },
    platform::{Ctx, Fault, Millis, db::Tx, journal::Draft},
};

/// Rows written at once. The desk waits at most for one batch; larger ones are hardly faster.
const BATCH: usize = 500;
/// Batches read ahead.
const AHEAD: usize = 2;

/// Runs until the file is imported. What went wrong stands in the import afterwards.
pub async fn run(ctx: Ctx, id: ImportId) {
    let started = ctx.clock.now();
    let outcome = import(&ctx, &id).await;
    let duration_ms = ctx.clock.now().since(started);
    match outcome {
        Ok(()) => tracing::info!(import.id = %id, duration_ms, "a file of calls was imported"),
        Err(fault) => {
            tracing::warn!(import.id = %id, %fault, "an import of calls failed; starting it again goes on");
            if let Err(fault) = finish(&ctx, &id, State::Failed, Some(fault.to_string())).await {
                tracing::warn!(import.id = %id, %fault, "the failure of an import could not be written down");
            }
        }
    }
}

async fn import(ctx: &Ctx, id: &ImportId) -> Result<(), Fault> {
    let gone = || Fault::new("importing calls", "the import is gone");
    let import = store::by_id(&ctx.db, id).await?.ok_or_else(gone)?;
    let plan = import
        .plan
        .ok_or_else(|| Fault::new("importing calls", "the import has no plan"))?;
    let path = file::path(ctx, id);

    let (batches, mut read) = mpsc::channel(AHEAD);
    let (told, mut total) = mpsc::channel(1);
    let reader = tokio::task::spawn_blocking({
        let plan = plan.clone();
        move || -> io::Result<()> {
            let (bounds, rows) = reading::survey(File::open(&path)?, &plan)?;
            let _ = told.blocking_send(rows);
            let mut batch = Vec::with_capacity(BATCH);
            for outcome in Reading::new(File::open(&path)?, &plan, bounds)? {
                batch.push(outcome?);
                if batch.len() == BATCH
                    && batches.blocking_send(std::mem::take(&mut batch)).is_err()
                {
                    return Ok(());
                }
            }
            let _ = batches.blocking_send(batch);
            Ok(())
        }
    });

    let rows = total.recv().await.unwrap_or_default();
    reset(ctx, id, rows).await?;
    while let Some(batch) = read.recv().await {
        write(ctx, id, &plan, batch).await?;
    }
    let unreadable = |error: Box<dyn std::error::Error + Send + Sync>| {
        Fault::new("reading the file of calls", error)
    };
    reader
        .await
        .map_err(|error| unreadable(error.into()))?
        .map_err(|error| unreadable(error.into()))?;
    finish(ctx, id, State::Done, None).await
}

/// Counts start at zero, also when a broken run starts again: what is here already counts as added.
async fn reset(ctx: &Ctx, id: &ImportId, rows: u64) -> Result<(), Fault> {
    let mut tx = ctx.db.begin().await?;
    let mut import = locked(&mut tx, id).await?;
    import.progress = Progress {
        total: i64::try_from(rows).unwrap_or(i64::MAX),
        ..Default::default()
    };
    store::forget_problems(&mut tx, id).await?;
    save_and_tell(ctx, &mut tx, &import, "call_import.started", vec![]).await?;
    tx.commit().await
}

async fn write(ctx: &Ctx, id: &ImportId, plan: &Plan, batch: Vec<Outcome>) -> Result<(), Fault> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let mut import = locked(&mut tx, id).await?;
    let progress = &mut import.progress;
    progress.done += i64::try_from(batch.len()).unwrap_or_default();

    let mut problems = Vec::new();
    let mut fresh: BTreeMap<String, reading::ReadCall> = BTreeMap::new();
    for outcome in batch {
        problems.extend(outcome.problems);
        match outcome.call {
            // The sender's own key twice in one file is one call.
            Some(call) if fresh.contains_key(&call.source_id) => progress.known += 1,
            Some(call) => drop(fresh.insert(call.source_id.clone(), call)),
            None => progress.refused += 1,
        }
    }
    let source = plan.source.trim();
    for (source_id, by) in
        store::known(&mut tx, source, fresh.keys().map(String::as_str).collect()).await?
    {
        let call = fresh.remove(&source_id);
        if by.as_deref() == Some(id.as_str()) {
            progress.added += 1;
            progress.without_place +=
                i64::from(call.is_some_and(|call| call.place.point.is_none()));
        } else {
            progress.known += 1;
        }
    }
    let mut fresh: Vec<_> = fresh.into_values().collect();
    fresh.sort_by_key(|call| call.line);
    progress.added += i64::try_from(fresh.len()).unwrap_or_default();
    progress.without_place += i64::try_from(
        fresh
            .iter()
            .filter(|call| call.place.point.is_none())
            .count(),
    )
    .unwrap_or_default();
    progress.problems += i64::try_from(problems.len()).unwrap_or_default();

    let made: Vec<(Incident, Call)> = fresh
        .into_iter()
        .map(|call| made(&import, plan, call, now))
        .collect();
    let (rows, calls): (Vec<Incident>, Vec<Call>) = made.into_iter().unzip();
    incidents::insert_many(&mut tx, &rows).await?;
    incidents::insert_calls(&mut tx, &ctx.seal, &calls).await?;
    store::insert_problems(&mut tx, id, &problems).await?;
    let entries = rows
        .iter()
        .map(|incident| {
            service::entry(
                "incident.imported",
                incident,
                &import.created_by,
                "",
                json!({}),
            )
        })
        .collect();
    save_and_tell(ctx, &mut tx, &import, "call_import.progressed", entries).await?;
    tx.commit().await
}

/// The incident and the call a row becomes.
fn made(import: &Import, plan: &Plan, read: reading::ReadCall, now: Millis) -> (Incident, Call) {
    let id = IncidentId::new(now);
    let place: String = read.place.text.chars().take(80).collect();
    let about = if read.subject.is_empty() {
        read.category.entry().zh
    } else {
        &read.subject
    };
    let title: String = format!("{about} {place}")
        .trim()
        .chars()
        .take(TITLE_MAX)
        .collect();
    let line = i64::try_from(read.line).ok();
    let incident = Incident {
        id: id.clone(),
        number: format!("I{:04}-{:06}", import.serial, read.line),
        title,
        category: read.category,
        level: None,
        level_basis: None,
        lifecycle: Lifecycle::born(plan.status),
        division: import.division.clone(),
        place: read.place.clone(),
        description: read.text.clone(),
        sensitive: vec![],
        exercise: plan.exercise,
        source: Source::Import,
        occurred_at: read.occurred_at,
        received_at: read.received_at,
        recorded_at: now,
        updated_at: now,
        recorded_by: import.created_by.clone(),
        import_id: Some(import.id.to_string()),
        version: 1,
    };
    let call = Call {
        id: CallId::new(now),
        incident_id: id,
        service: read.service,
        caller: read.caller,
        phone: read.phone,
        received_at: read.received_at,
        occurred_at: read.occurred_at,
        place: read.place,
        text: read.text,
        subject: read.subject,
        origin: Origin {
            source: plan.source.trim().to_owned(),
            source_id: read.source_id,
            import_id: Some(import.id.to_string()),
            line,
        },
        recorded_at: now,
    };
    (incident, call)
}

pub(super) async fn locked(tx: &mut Tx, id: &ImportId) -> Result<Import, Fault> {
    store::locked(tx, id)
        .await?
        .ok_or_else(|| Fault::new("importing calls", "the import is gone"))
}

/// Saves the import and tells those who watch it, after the entries given.
pub(super) async fn save_and_tell(
    ctx: &Ctx,
    tx: &mut Tx,
    import: &Import,
    kind: &'static str,
    mut entries: Vec<Draft>,
) -> Result<(), Fault> {
    store::save(tx, import).await?;
    entries.push(Draft {
        kind,
        entity: import.id.to_string(),
        entity_version: import.version,
        jurisdiction: import.division.as_str().to_owned(),
        topics: vec![format!("incident/{}", import.id)],
        actor: import.created_by.clone(),
        payload: json!({ "import": wire::Import::from(import) }),
    });
    tx.append_all(entries, ctx.clock.now()).await.map(drop)
}

pub(super) async fn finish(
    ctx: &Ctx,
    id: &ImportId,
    state: State,
    failure: Option<String>,
) -> Result<(), Fault> {
    let mut tx = ctx.db.begin().await?;
    let mut import = locked(&mut tx, id).await?;
    import.state = state;
    import.failure = failure;
    let now = Some(ctx.clock.now());
    let kind = match state {
        State::Undone => {
            import.undone_at = now;
            "call_import.undone"
        }
        State::Failed => "call_import.failed",
        _ => {
            import.finished_at = now;
            "call_import.finished"
        }
    };
    save_and_tell(ctx, &mut tx, &import, kind, vec![]).await?;
    tx.commit().await
}
