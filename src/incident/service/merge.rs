//! Merging incidents and taking it back. A merge only points: calls, figures and logs stay with their own
//! incident and are read together, so that nothing has to be put back.

use serde_json::json;

use super::{change::facts, entry_by, locked, save_and_tell};
use crate::{
    identity::{Action, Actor, policy},
    incident::{
        lifecycle::{Command, Status},
        model::{Incident, IncidentId},
        refusal::No,
        store,
    },
    platform::{Ctx, Failure},
};

/// Merges one incident into another: it becomes a duplicate, its callers count for the other.
///
/// # Errors
/// When either does not allow it, or the actor may not.
#[tracing::instrument(name = "incident.merge", skip_all, fields(incident.id = %id, into = %into))]
pub async fn merge(
    ctx: &Ctx,
    who: &Actor,
    id: &IncidentId,
    into: &IncidentId,
    seen: Option<i64>,
) -> Result<Incident, Failure> {
    let now = ctx.clock.now();
    let below: Vec<IncidentId> = store::family(&ctx.db, id)
        .await?
        .into_iter()
        .map(|incident| incident.id)
        .filter(|child| child != id)
        .collect();
    let mut tx = ctx.db.begin().await?;
    // Always in the same order, so that two merges of the same pair wait instead of blocking each other.
    let (first, second) = if id < into { (id, into) } else { (into, id) };
    store::locked(&mut tx, first)
        .await?
        .ok_or_else(|| No::IncidentMissing { id: first.clone() })?;
    store::locked(&mut tx, second)
        .await?
        .ok_or_else(|| No::IncidentMissing { id: second.clone() })?;
    let mut incident = locked(&mut tx, who, Action::MergeIncident, id, seen).await?;
    let target = locked(&mut tx, who, Action::MergeIncident, into, None).await?;

    let events = incident
        .lifecycle
        .decide(id, Command::Merge { into: into.clone() })?;
    if events.is_empty() {
        return Ok(incident);
    }
    if below.contains(into) {
        return Err(No::MergeIntoClosedCircle.into());
    }
    let status = target.lifecycle.status;
    if matches!(
        status,
        Status::Draft | Status::Dismissed | Status::Transferred | Status::Duplicate
    ) {
        return Err(No::MergeTargetUnusable {
            status: status.as_str(),
        }
        .into());
    }
    events
        .iter()
        .for_each(|event| incident.lifecycle.apply(event));
    let kinds = events
        .iter()
        .map(|event| (event.kind(), facts(event)))
        .collect();
    save_and_tell(&mut tx, who, &mut incident, kinds, now).await?;
    let absorbed =
        json!({ "merged": incident.id, "number": incident.number, "title": incident.title });
    tx.append_all(
        vec![entry_by("incident.absorbed", &target, who, absorbed)],
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(incident)
}

/// Takes a merge back: both incidents are as they were before it.
///
/// # Errors
/// When it is not merged, or the actor may not.
#[tracing::instrument(name = "incident.unmerge", skip_all, fields(incident.id = %id))]
pub async fn unmerge(
    ctx: &Ctx,
    who: &Actor,
    id: &IncidentId,
    seen: Option<i64>,
) -> Result<Incident, Failure> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let mut incident = locked(&mut tx, who, Action::MergeIncident, id, seen).await?;
    let merged = incident.lifecycle.merged.clone();
    let events = incident.lifecycle.decide(id, Command::Unmerge)?;
    events
        .iter()
        .for_each(|event| incident.lifecycle.apply(event));
    let kinds = events
        .iter()
        .map(|event| (event.kind(), facts(event)))
        .collect();
    save_and_tell(&mut tx, who, &mut incident, kinds, now).await?;
    if let Some(merged) = merged
        && let Some(target) = store::locked(&mut tx, &merged.into).await?
    {
        policy::may(who, Action::MergeIncident, &target.division)?;
        let released =
            json!({ "unmerged": incident.id, "number": incident.number, "title": incident.title });
        tx.append_all(
            vec![entry_by("incident.released", &target, who, released)],
            now,
        )
        .await?;
    }
    tx.commit().await?;
    Ok(incident)
}
