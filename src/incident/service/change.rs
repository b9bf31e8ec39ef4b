//! Changing what is known, and moving an incident through its life.

use serde_json::{Value, json};

use super::{locked, save_and_tell};
use crate::{
    identity::{Action, Actor, policy},
    incident::{
        figures, intake, level,
        level::Level,
        lifecycle::{Command, Event},
        model::{Incident, IncidentId},
        refusal::No,
        store, wire,
    },
    platform::{Ctx, Failure},
};

/// Changes fields of an incident. Nothing changed means nothing written.
///
/// # Errors
/// When a field is unusable, the version is stale or the incident is not the actor's.
#[tracing::instrument(name = "incident.change", skip_all, fields(incident.id = %id))]
pub async fn change(
    ctx: &Ctx,
    who: &Actor,
    id: &IncidentId,
    change: wire::Change,
) -> Result<Incident, Failure> {
    let now = ctx.clock.now();
    let series = store::figures_of(&ctx.db, id).await?;
    let mut tx = ctx.db.begin().await?;
    let mut incident = locked(
        &mut tx,
        who,
        Action::ChangeIncident,
        id,
        Some(change.version),
    )
    .await?;
    let before = incident.clone();

    if let Some(title) = &change.title {
        let title = intake::title(title)?;
        if !title.is_empty() {
            incident.title = title;
        }
    }
    if let Some(slug) = &change.category {
        incident.category = intake::category(slug)?;
        if !incident.category.has_levels() {
            (incident.level, incident.level_basis) = (None, None);
        }
    }
    if let Some(code) = &change.division {
        incident.division = intake::division(code)?;
        policy::may(who, Action::ChangeIncident, &incident.division)?;
    }
    move_place(&mut incident, &change)?;
    if let Some(text) = &change.description {
        incident.description = intake::description(text)?;
    }
    if let Some(flags) = &change.sensitive {
        incident.sensitive = flags.clone();
        incident.sensitive.sort_unstable();
        incident.sensitive.dedup();
    }
    if let Some(at) = change.occurred_at {
        incident.occurred_at = at
            .map(|at| intake::past("occurred_at", at, now))
            .transpose()?;
    }
    if let Some(level) = change.level {
        set_level(
            &mut incident,
            level,
            change.level_basis.as_deref().unwrap_or(""),
            &series,
        )?;
    }

    if incident == before {
        return Ok(before);
    }
    let changed = differences(&before, &incident);
    incident.updated_at = now;
    let kinds = vec![("incident.changed", json!({ "changed": changed }))];
    save_and_tell(&mut tx, who, &mut incident, kinds, now).await?;
    tx.commit().await?;
    Ok(incident)
}

fn move_place(incident: &mut Incident, change: &wire::Change) -> Result<(), No> {
    if let Some(words) = &change.place_text {
        incident.place.text =
            intake::text("place_text", words, crate::incident::model::PLACE_TEXT_MAX)?;
    }
    if change.lon.is_some() || change.lat.is_some() {
        let (lon, lat) = (change.lon.flatten(), change.lat.flatten());
        let accuracy_m = change.accuracy_m.flatten();
        let moved = intake::place(&incident.place.text, lon, lat, accuracy_m, change.datum)?;
        incident.place = moved;
    } else if let Some(accuracy_m) = change.accuracy_m {
        intake::place("", None, None, accuracy_m, change.datum)?;
        incident.place.accuracy_m = accuracy_m;
    }
    Ok(())
}

/// A person sets the level; when the rules propose the same, the rule is the basis.
fn set_level(
    incident: &mut Incident,
    level: Option<Level>,
    basis: &str,
    series: &[figures::Figure],
) -> Result<(), No> {
    let Some(level) = level else {
        (incident.level, incident.level_basis) = (None, None);
        return Ok(());
    };
    if !incident.category.has_levels() {
        return Err(No::LevelUndefined);
    }
    let known = figures::newest(series)
        .into_iter()
        .map(|(key, figure)| (key, figure.value))
        .collect();
    let proposal = level::propose(incident.category, &known, &incident.sensitive);
    let rule = proposal
        .fired
        .first()
        .filter(|_| proposal.level == Some(level))
        .map(|fired| fired.rule.id);
    let basis = match (basis.trim(), rule) {
        ("", Some(rule)) => rule.to_owned(),
        ("", None) => return Err(No::LevelBasisMissing),
        (given, _) => intake::text("level_basis", given, 500)?,
    };
    incident.level = Some(level);
    incident.level_basis = Some(basis);
    Ok(())
}

/// `{ field: [before, after] }` of the fields as everybody sees them.
fn differences(before: &Incident, after: &Incident) -> Value {
    let (Value::Object(before), Value::Object(after)) =
        (super::json_of(before), super::json_of(after))
    else {
        return Value::Null;
    };
    let changed = after.into_iter().filter_map(|(field, now)| {
        let was = before.get(&field).cloned().unwrap_or(Value::Null);
        (was != now).then(|| (field, json!([was, now])))
    });
    Value::Object(changed.collect())
}

/// Carries out a verb of the life cycle. A verb that is true already changes nothing.
///
/// # Errors
/// When the verb does not fit the state, the version is stale or the actor may not.
#[tracing::instrument(name = "incident.act", skip_all, fields(incident.id = %id))]
pub async fn act(
    ctx: &Ctx,
    who: &Actor,
    action: Action,
    id: &IncidentId,
    seen: Option<i64>,
    command: Command,
) -> Result<Incident, Failure> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let mut incident = locked(&mut tx, who, action, id, seen).await?;
    let events = incident.lifecycle.decide(&incident.id, command)?;
    if events.is_empty() {
        return Ok(incident);
    }
    events
        .iter()
        .for_each(|event| incident.lifecycle.apply(event));
    incident.updated_at = now;
    let kinds = events
        .iter()
        .map(|event| (event.kind(), facts(event)))
        .collect();
    save_and_tell(&mut tx, who, &mut incident, kinds, now).await?;
    tx.commit().await?;
    Ok(incident)
}

/// What a journal entry says beside the row itself.
pub(super) fn facts(event: &Event) -> Value {
    match event {
        Event::Dismissed { reason } => json!({ "reason": reason }),
        Event::Transferred { to, reason } => json!({ "to": to, "reason": reason }),
        Event::Merged { into } => json!({ "into": into }),
        Event::Unmerged { from } => json!({ "from": from }),
        Event::Reopened { reason, .. } => json!({ "reason": reason }),
        _ => json!({}),
    }
}
