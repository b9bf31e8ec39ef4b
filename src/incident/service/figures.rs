//! Writing figures down and reading their series.

use serde_json::json;

use super::{entry_by, locked};
use crate::{
    identity::{Action, Actor, policy},
    incident::{
        figures::{self, Figure},
        model::{FigureId, IncidentId},
        refusal::No,
        store, wire,
    },
    platform::{Ctx, Failure, Millis, Refusal, db::settled},
};

/// Figures as given, checked, with the names of who writes them.
///
/// # Errors
/// When one of them cannot be.
pub(super) fn checked(
    who: &Actor,
    given: &[wire::FigureIn],
    now: Millis,
) -> Result<Vec<Figure>, Refusal> {
    let each = given.iter().map(|figure| {
        let as_of = figure.as_of.unwrap_or(now);
        figures::check(figure.key, figure.value, &figure.source, as_of, now)?;
        Ok(Figure {
            id: figure.id.clone().unwrap_or_else(|| FigureId::new(now)),
            key: figure.key,
            value: figure.value,
            as_of,
            source: figure.source.trim().to_owned(),
            recorded_by: who.account_id.to_string(),
            recorded_by_name: who.name.clone(),
            recorded_at: now,
        })
    });
    each.collect()
}

/// Adds a figure to the series. The same id again changes nothing.
///
/// # Errors
/// When the figure cannot be, or the incident is not the actor's.
#[tracing::instrument(name = "incident.record_figure", skip_all, fields(incident.id = %id))]
pub async fn record(
    ctx: &Ctx,
    who: &Actor,
    id: &IncidentId,
    given: wire::FigureIn,
) -> Result<Figure, Failure> {
    settled(|| recorded(ctx, who, id, &given)).await
}

async fn recorded(
    ctx: &Ctx,
    who: &Actor,
    id: &IncidentId,
    given: &wire::FigureIn,
) -> Result<Figure, Failure> {
    let now = ctx.clock.now();
    let figure = checked(who, std::slice::from_ref(given), now)?.remove(0);
    let mut tx = ctx.db.begin().await?;
    let incident = locked(&mut tx, who, Action::ChangeIncident, id, None).await?;
    match store::figure_by_id(&mut tx, &figure.id).await? {
        Some((of, known)) if of == *id => return Ok(known),
        Some(_) => return Err(No::IdTaken.into()),
        None => {}
    }
    store::insert_figure(&mut tx, id, &figure).await?;
    let facts = json!({ "figure": wire::FigureOut::from(&figure) });
    tx.append_all(
        vec![entry_by("incident.figure_recorded", &incident, who, facts)],
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(figure)
}

/// The whole series of an incident.
///
/// # Errors
/// When there is no such incident in the actor's reach.
pub async fn series(ctx: &Ctx, who: &Actor, id: &IncidentId) -> Result<Vec<Figure>, Failure> {
    let incident = store::by_id(&ctx.db, id)
        .await?
        .ok_or_else(|| No::IncidentMissing { id: id.clone() })?;
    policy::may(who, Action::ReadIncidents, &incident.division)?;
    Ok(store::figures_of(&ctx.db, id).await?)
}
