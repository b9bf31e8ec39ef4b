//! Looking: lists, one incident with all that belongs to it, its timeline, its possible duplicates.

use std::collections::BTreeMap;

use serde_json::json;

use crate::{
    identity::{Action, Actor, policy},
    incident::{
        duplicate::{self, Score, Sighting},
        figures::{self, Figure, FigureKey},
        intake, level,
        lifecycle::Status,
        model::{Call, CallId, Incident, IncidentId},
        refusal::No,
        store, wire,
    },
    platform::{Ctx, Failure, journal},
};

/// Timeline entries answered at once.
const TIMELINE_MAX: i64 = 1_000;
/// Candidates shown: more than a person reads while a caller speaks.
const CANDIDATES_SHOWN: usize = 8;

/// One incident with everything that belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Looked {
    pub incident: Incident,
    pub series: Vec<Figure>,
    pub calls: Vec<Call>,
    pub merged: Vec<Incident>,
    pub proposal: level::Proposal,
}

/// # Errors
/// When the database does not answer.
pub async fn list(
    ctx: &Ctx,
    who: &Actor,
    mut filter: store::Filter,
) -> Result<Vec<Incident>, Failure> {
    policy::may_somewhere(who, Action::ReadIncidents)?;
    if filter.division.is_empty() {
        filter.division = who.division.as_str().to_owned();
    } else {
        let asked = intake::division(&filter.division)?;
        policy::may(who, Action::ReadIncidents, &asked)?;
        filter.division = asked.as_str().to_owned();
    }
    Ok(store::list(&ctx.db, &filter).await?)
}

/// One incident the actor may read.
///
/// # Errors
/// When there is no such incident in the actor's reach.
pub async fn readable(ctx: &Ctx, who: &Actor, id: &IncidentId) -> Result<Incident, Failure> {
    let incident = store::by_id(&ctx.db, id)
        .await?
        .ok_or_else(|| No::IncidentMissing { id: id.clone() })?;
    policy::may(who, Action::ReadIncidents, &incident.division)?;
    Ok(incident)
}

/// # Errors
/// When there is no such incident in the actor's reach.
pub async fn detail(ctx: &Ctx, who: &Actor, id: &IncidentId) -> Result<Looked, Failure> {
    let incident = readable(ctx, who, id).await?;
    let family = store::family(&ctx.db, id).await?;
    let ids: Vec<IncidentId> = family.iter().map(|incident| incident.id.clone()).collect();
    let calls = store::of_incidents(&ctx.db, &ctx.seal, &ids).await?;
    let series = store::figures_of(&ctx.db, id).await?;
    let known = figures::newest(&series)
        .into_iter()
        .map(|(key, figure)| (key, figure.value))
        .collect();
    let proposal = level::propose(incident.category, &known, &incident.sensitive);
    let merged = family
        .into_iter()
        .filter(|child| child.id != incident.id)
        .collect();
    Ok(Looked {
        incident,
        series,
        calls,
        merged,
        proposal,
    })
}

/// The caller's number in full. Every look is recorded.
///
/// # Errors
/// When there is no such call of this incident, or the actor may not see numbers there.
#[tracing::instrument(name = "incident.reveal", skip_all, fields(incident.id = %id, call.id = %call))]
pub async fn reveal(
    ctx: &Ctx,
    who: &Actor,
    id: &IncidentId,
    call: &CallId,
) -> Result<String, Failure> {
    let incident = readable(ctx, who, id).await?;
    policy::may(who, Action::ReadCallerPhones, &incident.division)?;
    let call = store::call_by_id(&ctx.db, &ctx.seal, call)
        .await?
        .ok_or(No::CallMissing)?;
    // The detail of an incident shows the calls of those merged into it too.
    let family = store::family(&ctx.db, id).await?;
    if !family.iter().any(|member| member.id == call.incident_id) {
        return Err(No::CallMissing.into());
    }
    let looked = journal::Draft::look(
        "incident.phone_read",
        call.id.to_string(),
        incident.division.as_str(),
        who.account_id.to_string(),
        json!({ "incident_id": id, "number": incident.number }),
    );
    let mut tx = ctx.db.begin().await?;
    tx.append(looked, ctx.clock.now()).await?;
    tx.commit().await?;
    Ok(call.phone)
}

/// What happened to the incident and to all merged into it, in the order it was written.
///
/// # Errors
/// When there is no such incident in the actor's reach.
pub async fn timeline(
    ctx: &Ctx,
    who: &Actor,
    id: &IncidentId,
) -> Result<Vec<journal::Entry>, Failure> {
    readable(ctx, who, id).await?;
    let mut entries = Vec::new();
    for incident in store::family(&ctx.db, id).await? {
        entries.extend(journal::of_entity(&ctx.db, incident.id.as_str(), 0, TIMELINE_MAX).await?);
    }
    entries.sort_by_key(|entry| entry.seq);
    Ok(entries)
}

/// Which level the facts propose.
///
/// # Errors
/// When the category is unknown.
pub fn propose(facts: &wire::Facts) -> Result<level::Proposal, Failure> {
    let category = intake::category(&facts.category)?;
    let known: BTreeMap<FigureKey, i64> = facts.figures.clone();
    Ok(level::propose(category, &known, &facts.sensitive))
}

/// The table of categories.
#[must_use]
pub fn categories() -> wire::Categories {
    wire::categories()
}

/// Incidents that what is being typed may tell of, best first.
///
/// # Errors
/// When a field is unusable.
pub async fn duplicates(
    ctx: &Ctx,
    who: &Actor,
    typed: &wire::DuplicateQuery,
) -> Result<Vec<(Incident, Score)>, Failure> {
    policy::may_somewhere(who, Action::ReadIncidents)?;
    let place = intake::place(
        &typed.place_text,
        typed.lon,
        typed.lat,
        typed.accuracy_m,
        typed.datum,
    )?;
    let at = typed.received_at.unwrap_or_else(|| ctx.clock.now());
    let crowd = match place.point {
        Some(point) => store::crowd_at(&ctx.db, point, at).await?,
        None => 0,
    };
    let probe = Sighting {
        category: super::super::category::Category::parse(&typed.category),
        point: place.point,
        accuracy_m: place.accuracy_m,
        address: place.text,
        subject: typed.subject.trim().to_owned(),
        service: typed.service.trim().to_owned(),
        phones: store::phone_mark(&ctx.seal, &typed.phone)
            .into_iter()
            .collect(),
        at,
        crowd,
    };
    let mut best: BTreeMap<IncidentId, Score> = BTreeMap::new();
    for (told_of, known) in store::near_in_time(&ctx.db, at, place.point).await? {
        let Some(score) = duplicate::compare(&probe, &known) else {
            continue;
        };
        let head = best.entry(told_of).or_insert_with(|| score.clone());
        if score.total > head.total {
            *head = score;
        }
    }
    let mut found = Vec::new();
    for (id, score) in best {
        let Some(incident) = root(ctx, id).await? else {
            continue;
        };
        let shown = typed.except.as_ref() != Some(&incident.id);
        if shown && policy::may(who, Action::ReadIncidents, &incident.division).is_ok() {
            found.push((incident, score));
        }
    }
    found.sort_by(|(a, x), (b, y)| {
        y.total
            .cmp(&x.total)
            .then_with(|| a.received_at.cmp(&b.received_at))
    });
    found.dedup_by(|(a, _), (b, _)| a.id == b.id);
    found.truncate(CANDIDATES_SHOWN);
    Ok(found)
}

/// The incident at the end of a chain of merges.
async fn root(ctx: &Ctx, id: IncidentId) -> Result<Option<Incident>, Failure> {
    let mut current = store::by_id(&ctx.db, &id).await?;
    while let Some(incident) = &current {
        match (&incident.lifecycle.merged, incident.lifecycle.status) {
            (Some(merged), Status::Duplicate) => {
                current = store::by_id(&ctx.db, &merged.into).await?
            }
            _ => break,
        }
    }
    Ok(current)
}
