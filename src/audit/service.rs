//! Writing refused attempts down, and reading the audit.

use std::collections::BTreeMap;

use serde_json::json;

use super::attempt::Noted;
use super::model::{Filter, Record};
use super::store;
use crate::identity::{self, Action, Actor, policy};
use crate::platform::Ctx;
use crate::platform::failure::{Failure, Fault};
use crate::platform::http::Page;
use crate::platform::journal::{self, Draft, Verdict};

/// A request that gets an entry.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub noted: Noted,
    /// `POST /incidents/{id}/verify`.
    pub route: String,
    /// The address asked for, without its query.
    pub path: String,
    pub action: Option<Action>,
    /// Account and division of the one who asked.
    pub who: Option<(String, String)>,
    pub source: String,
    pub status: u16,
    pub code: Option<&'static str>,
    pub trace_id: String,
    /// Attempts of this source that were not written since the last entry.
    pub left_out: u64,
}

/// Writes the entry.
///
/// # Errors
/// When the database does not answer.
pub async fn record(ctx: &Ctx, attempt: Attempt) -> Result<(), Fault> {
    let (actor, jurisdiction) = attempt
        .who
        .unwrap_or_else(|| ("anonymous".to_owned(), String::new()));
    let draft = Draft {
        kind: attempt.noted.kind(),
        entity: attempt.path,
        entity_version: 0,
        jurisdiction,
        topics: vec!["audit".to_owned()],
        actor,
        payload: json!({
            "route": attempt.route,
            "action": attempt.action.map(Action::name),
            "source": attempt.source,
            "status": attempt.status,
            "code": attempt.code,
            "trace_id": attempt.trace_id,
            "left_out_before": attempt.left_out,
        }),
    };
    let mut tx = ctx.db.begin().await?;
    tx.append(draft, ctx.clock.now()).await?;
    tx.commit().await
}

/// A page of the audit, newest first, with the names of who acted.
///
/// # Errors
/// Refused: not the audit administrator.
pub async fn list(
    ctx: &Ctx,
    who: &Actor,
    filter: &Filter,
) -> Result<(Page<Record>, BTreeMap<String, String>), Failure> {
    policy::may_somewhere(who, Action::ReadAudit)?;
    let rows = store::list(ctx.db.read(), filter, filter.limit as i64 + 1).await?;
    let mut page = Page::of(rows, filter.limit, |record| record.seq.to_string());
    page.items = page.items.into_iter().map(Record::closed).collect();
    let names =
        identity::names_of(ctx, page.items.iter().map(|record| record.actor.as_str())).await?;
    Ok((page, names))
}

/// Walks the whole hash chain.
///
/// # Errors
/// Refused: not the audit administrator.
#[tracing::instrument(name = "audit.verify", skip_all)]
pub async fn verify(ctx: &Ctx, who: &Actor) -> Result<Verdict, Failure> {
    policy::may_somewhere(who, Action::ReadAudit)?;
    let verdict = journal::verify(&ctx.db).await?;
    let draft = Draft {
        kind: "audit.verified",
        entity: "journal".to_owned(),
        entity_version: 0,
        jurisdiction: who.division.to_string(),
        topics: vec!["audit".to_owned()],
        actor: who.into(),
        payload: json!({ "entries": verdict.entries, "first_bad": verdict.first_bad }),
    };
    let mut tx = ctx.db.begin().await?;
    tx.append(draft, ctx.clock.now()).await?;
    tx.commit().await?;
    Ok(verdict)
}
