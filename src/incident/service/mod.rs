//! The steps of each use case: load, decide, save, publish. No rule is here.

mod change;
mod figures;
mod look;
mod merge;
mod report;
mod sealing;

pub use change::{act, change};
pub use figures::{record as record_figure, series};
pub use look::{categories, detail, duplicates, list, propose, readable, reveal, timeline};
pub use merge::{merge, unmerge};
pub use report::{add_call, report};
pub use sealing::seal_phones;

use serde_json::{Map, Value, json};

use super::{
    model::{Incident, IncidentId},
    refusal::No,
    store, wire,
};
use crate::{
    identity::{Action, Actor, policy},
    platform::{Failure, Millis, db::Tx, journal::Draft},
};

/// The row as JSON, as everybody sees it.
pub(super) fn json_of(incident: &Incident) -> Value {
    serde_json::to_value(wire::Incident::from(incident)).expect("plain data becomes JSON")
}

/// The incident, locked, if the actor may do this to it and has seen its present version.
async fn locked(
    tx: &mut Tx,
    who: &Actor,
    action: Action,
    id: &IncidentId,
    seen: Option<i64>,
) -> Result<Incident, Failure> {
    let incident = store::locked(tx, id)
        .await?
        .ok_or_else(|| No::IncidentMissing { id: id.clone() })?;
    policy::may(who, action, &incident.division)?;
    if seen.is_some_and(|seen| seen != incident.version) {
        return Err(No::VersionConflict {
            current: json_of(&incident),
        }
        .into());
    }
    Ok(incident)
}

/// A journal entry about an incident: its row as it is now, who did it, and what was special.
/// Never a caller's name or number: journal readers are many.
pub(super) fn entry(
    kind: &'static str,
    incident: &Incident,
    actor: &str,
    by: &str,
    facts: Value,
) -> Draft {
    let mut payload = Map::new();
    payload.insert("by".to_owned(), json!(by));
    payload.insert("incident".to_owned(), json_of(incident));
    if let Value::Object(facts) = facts {
        payload.extend(facts);
    }
    Draft {
        kind,
        entity: incident.id.to_string(),
        entity_version: incident.version,
        jurisdiction: incident.division.as_str().to_owned(),
        topics: vec!["incident".to_owned(), format!("incident/{}", incident.id)],
        actor: actor.to_owned(),
        payload: Value::Object(payload),
    }
}

fn entry_by(kind: &'static str, incident: &Incident, who: &Actor, facts: Value) -> Draft {
    entry(kind, incident, who.account_id.as_str(), &who.name, facts)
}

/// Saves an incident and tells what happened to it, in one go.
async fn save_and_tell(
    tx: &mut Tx,
    who: &Actor,
    incident: &mut Incident,
    kinds: Vec<(&'static str, Value)>,
    now: Millis,
) -> Result<(), Failure> {
    store::save(tx, incident).await?;
    let drafts = kinds
        .into_iter()
        .map(|(kind, facts)| entry_by(kind, incident, who, facts))
        .collect();
    tx.append_all(drafts, now).await?;
    Ok(())
}
