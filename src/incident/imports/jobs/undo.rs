//! Takes an import back: everything it made disappears, everything else is as it was.

use serde_json::json;

use super::run::{finish, locked, save_and_tell};
use crate::{
    incident::{
        imports::{
            model::{ImportId, Progress, State},
            store,
        },
        lifecycle::Command,
        model::IncidentId,
        service, store as incidents,
    },
    platform::{Ctx, Fault, db::Tx, journal::Draft},
};

/// Incidents deleted at once.
const BATCH: i64 = 1_000;

/// Runs until nothing of the import is left. Interrupted, it goes on at the next start.
pub async fn run(ctx: Ctx, id: ImportId) {
    if let Err(fault) = undo(&ctx, &id).await {
        tracing::warn!(import.id = %id, %fault, "an import could not be undone; undoing it again goes on");
        if let Err(fault) = finish(&ctx, &id, State::Failed, Some(fault.to_string())).await {
            tracing::warn!(import.id = %id, %fault, "the failure of an undo could not be written down");
        }
    }
}

async fn undo(ctx: &Ctx, id: &ImportId) -> Result<(), Fault> {
    release(ctx, id).await?;
    while withdraw(ctx, id).await? {}
    finish(ctx, id, State::Undone, None).await
}

/// Lets go of merges over the border of the import.
async fn release(ctx: &Ctx, id: &ImportId) -> Result<(), Fault> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let import = locked(&mut tx, id).await?;
    let mut entries = Vec::new();
    for other in store::merged_from_outside(&mut tx, id).await? {
        entries.extend(unmerged(&mut tx, &other, &import.created_by).await?);
    }
    store::untie(&mut tx, id).await?;
    tx.append_all(entries, now).await?;
    tx.commit().await
}

async fn unmerged(tx: &mut Tx, id: &IncidentId, actor: &str) -> Result<Option<Draft>, Fault> {
    let Some(mut incident) = incidents::locked(tx, id).await? else {
        return Ok(None);
    };
    let events = incident
        .lifecycle
        .decide(id, Command::Unmerge)
        .unwrap_or_default();
    events
        .iter()
        .for_each(|event| incident.lifecycle.apply(event));
    incidents::save(tx, &mut incident).await?;
    Ok(Some(service::entry(
        "incident.unmerged",
        &incident,
        actor,
        "",
        json!({ "import_undone": true }),
    )))
}

/// Deletes one batch; `false` when nothing was left.
async fn withdraw(ctx: &Ctx, id: &ImportId) -> Result<bool, Fault> {
    let mut tx = ctx.db.begin().await?;
    let mut import = locked(&mut tx, id).await?;
    let some = store::some_of(&mut tx, id, BATCH).await?;
    if some.is_empty() {
        import.progress = Progress {
            total: import.progress.total,
            ..Progress::default()
        };
        store::forget_problems(&mut tx, id).await?;
        store::save(&mut tx, &import).await?;
        tx.commit().await?;
        return Ok(false);
    }
    let entries = some
        .iter()
        .map(|(incident, version, division)| Draft {
            kind: "incident.withdrawn",
            entity: incident.to_string(),
            entity_version: version + 1,
            jurisdiction: division.clone(),
            topics: vec!["incident".to_owned(), format!("incident/{incident}")],
            actor: import.created_by.clone(),
            payload: json!({ "import_id": id, "id": incident }),
        })
        .collect();
    let ids: Vec<IncidentId> = some.into_iter().map(|(incident, ..)| incident).collect();
    store::delete(&mut tx, &ids).await?;
    import.progress.added =
        (import.progress.added - i64::try_from(ids.len()).unwrap_or_default()).max(0);
    save_and_tell(ctx, &mut tx, &import, "call_import.progressed", entries).await?;
    tx.commit().await?;
    Ok(true)
}
