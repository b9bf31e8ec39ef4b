//! The steps of keeping experts and of finding those who fit.

use serde_json::json;

use super::{
    imports,
    matching::{self, Need},
    model::{Contact, Draft, Expert, ExpertId},
    refusal::Refusal,
    store::{self, Filter},
    wire::{ExpertMatch, ExpertSeen},
};
use crate::{
    identity::{Action, Actor, policy},
    platform::{
        Ctx, Failure, Millis,
        db::settled,
        import::{Line, List, Report, Sorted, Writing},
        journal,
        tabular::Table,
    },
};

/// Proposals in one answer.
const MATCHES_MAX: usize = 50;
/// Source of what is written by hand.
const BY_HAND: &str = "manual";

#[tracing::instrument(name = "expert.list", skip_all)]
pub async fn list(
    ctx: &Ctx,
    actor: &Actor,
    mut filter: Filter,
) -> Result<Vec<ExpertSeen>, Failure> {
    policy::may_somewhere(actor, Action::ReadExperts)?;
    // Whatever is asked for, the answer stays inside the actor's jurisdiction.
    if !filter.division.starts_with(actor.division.as_str()) {
        filter.division = actor.division.as_str().to_owned();
    }
    let experts = store::list(ctx.db.read(), &ctx.seal, &filter).await?;
    Ok(experts.into_iter().map(ExpertSeen::from).collect())
}

#[tracing::instrument(name = "expert.read", skip_all, fields(expert.id = %id))]
pub async fn read(ctx: &Ctx, actor: &Actor, id: &ExpertId) -> Result<ExpertSeen, Failure> {
    readable(ctx, actor, id).await.map(ExpertSeen::from)
}

/// Contacts in full. Every look is recorded.
#[tracing::instrument(name = "expert.reveal", skip_all, fields(expert.id = %id))]
pub async fn reveal(ctx: &Ctx, actor: &Actor, id: &ExpertId) -> Result<Vec<Contact>, Failure> {
    let expert = readable(ctx, actor, id).await?;
    policy::may(actor, Action::ReadExpertContacts, &expert.division)?;
    let looked = journal::Draft::look(
        "expert.contacts_read",
        id.to_string(),
        expert.division.as_str(),
        actor.account_id.to_string(),
        json!({ "name": expert.name }),
    );
    let mut tx = ctx.db.begin().await?;
    tx.append(looked, ctx.clock.now()).await?;
    tx.commit().await?;
    Ok(expert.contacts)
}

async fn readable(ctx: &Ctx, actor: &Actor, id: &ExpertId) -> Result<Expert, Failure> {
    let expert = store::read_by_id(ctx.db.read(), &ctx.seal, id)
        .await?
        .ok_or(Refusal::Missing)?;
    policy::may(actor, Action::ReadExperts, &expert.division)?;
    Ok(expert)
}

/// Adds an expert; the same id again answers the same expert.
#[tracing::instrument(name = "expert.add", skip_all)]
pub async fn add(
    ctx: &Ctx,
    actor: &Actor,
    id: Option<ExpertId>,
    draft: Draft,
) -> Result<ExpertSeen, Failure> {
    policy::may(actor, Action::EditExperts, &draft.division)?;
    valid(&draft, ctx.clock.now())?;
    settled(|| added(ctx, actor, id.clone(), draft.clone())).await
}

async fn added(
    ctx: &Ctx,
    actor: &Actor,
    id: Option<ExpertId>,
    draft: Draft,
) -> Result<ExpertSeen, Failure> {
    let now = ctx.clock.now();
    let id = id.unwrap_or_else(|| ExpertId::new(now));
    let mut tx = ctx.db.begin().await?;
    if let Some(known) = store::held(&mut tx, &ctx.seal, &id).await? {
        policy::may(actor, Action::ReadExperts, &known.division)?;
        return Ok(known.into());
    }
    let source_id = id.to_string();
    let expert = expert(id, BY_HAND, source_id, draft, now, 1);
    store::put(&mut tx, &ctx.seal, &expert).await?;
    tx.append(written(&expert, actor), now).await?;
    tx.commit().await?;
    Ok(expert.into())
}

#[tracing::instrument(name = "expert.change", skip_all, fields(expert.id = %id))]
pub async fn change(
    ctx: &Ctx,
    actor: &Actor,
    id: &ExpertId,
    version: i64,
    mut draft: Draft,
) -> Result<ExpertSeen, Failure> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let known = store::held(&mut tx, &ctx.seal, id)
        .await?
        .ok_or(Refusal::Missing)?;
    policy::may(actor, Action::EditExperts, &known.division)?;
    policy::may(actor, Action::EditExperts, &draft.division)?;
    valid(&draft, now)?;
    if known.version != version {
        let current = json!(ExpertSeen::from(known));
        return Err(Refusal::VersionConflict { current }.into());
    }
    draft.keep_masked(&known.contacts);
    let expert = expert(
        known.id,
        &known.source,
        known.source_id,
        draft,
        now,
        version + 1,
    );
    store::put(&mut tx, &ctx.seal, &expert).await?;
    tx.append(written(&expert, actor), now).await?;
    tx.commit().await?;
    Ok(ExpertSeen::from(expert))
}

/// Imports a list, or shows what importing it would do. All lines are one transaction.
#[tracing::instrument(name = "expert.import", skip_all, fields(source))]
pub async fn import(
    ctx: &Ctx,
    actor: &Actor,
    source: &str,
    bytes: &[u8],
    writing: Writing,
) -> Result<Report, Failure> {
    policy::may_somewhere(actor, Action::EditExperts)?;
    let table = Table::read(bytes).map_err(Refusal::NotATable)?;
    let missing = imports::missing_columns(&table);
    if !missing.is_empty() {
        return Err(Refusal::ColumnsMissing(missing).into());
    }
    let mut list = imports::read(&table, year(ctx.clock.now()));
    list.refuse(|draft| {
        let foreign = policy::may(actor, Action::EditExperts, &draft.division).is_err();
        foreign.then(|| {
            let division = draft.division.as_str().to_owned();
            ("division", "foreign_division", division)
        })
    });
    settled(|| imported(ctx, actor, source, list.clone(), writing)).await
}

async fn imported(
    ctx: &Ctx,
    actor: &Actor,
    source: &str,
    list: List<Draft>,
    writing: Writing,
) -> Result<Report, Failure> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let known = store::of_source(&mut tx, &ctx.seal, source).await?;
    let made = |before: Option<&Expert>, line: Line<Draft>| {
        let (id, version) = before.map_or_else(
            || (ExpertId::new(now), 1),
            |before| (before.id.clone(), before.version + 1),
        );
        Ok::<_, Refusal>(expert(id, source, line.source_id, line.draft, now, version))
    };
    let Sorted { report, fresh } = list.sort(&known, writing, made, same)?;
    if report.applied {
        let mut events = Vec::with_capacity(fresh.len());
        for expert in &fresh {
            store::put(&mut tx, &ctx.seal, expert).await?;
            events.push(written(expert, actor));
        }
        tx.append_all(events, now).await?;
        tx.commit().await?;
    }
    Ok(report)
}

/// Equal but for the marks of this import.
fn same(before: &Expert, new: &Expert) -> bool {
    let unmarked = Expert {
        updated_at: before.updated_at,
        version: before.version,
        ..new.clone()
    };
    unmarked == *before
}

/// The experts that fit, best first, with the reasons.
///
/// # Errors
/// When the actor may not read experts, or the database does not answer.
#[tracing::instrument(name = "expert.matches", skip_all, fields(category = need.category))]
pub async fn matches(
    ctx: &Ctx,
    actor: &Actor,
    need: &Need,
    limit: usize,
) -> Result<Vec<ExpertMatch>, Failure> {
    policy::may_somewhere(actor, Action::ReadExperts)?;
    let listed = store::listed(ctx.db.read(), &ctx.seal).await?;
    // An expert of the whole city advises every county in it: his own division may lie above the actor's.
    let ranked = matching::rank(need, listed.iter().filter(|expert| reaches(actor, expert)));
    Ok(ranked
        .into_iter()
        .take(limit.min(MATCHES_MAX))
        .map(ExpertMatch::from)
        .collect())
}

/// Experts by id, in the order asked; unknown ids are told.
///
/// # Errors
/// When one is missing or lies outside the actor's reach.
pub async fn by_ids(ctx: &Ctx, actor: &Actor, ids: &[ExpertId]) -> Result<Vec<Expert>, Failure> {
    policy::may_somewhere(actor, Action::ReadExperts)?;
    let mut experts = Vec::with_capacity(ids.len());
    for id in ids {
        experts.push(
            store::read_by_id(ctx.db.read(), &ctx.seal, id)
                .await?
                .filter(|expert| reaches(actor, expert))
                .ok_or(Refusal::Missing)?,
        );
    }
    Ok(experts)
}

/// An expert of the actor's own divisions, or of one above them.
fn reaches(actor: &Actor, expert: &Expert) -> bool {
    expert.division.covers(&actor.division) || actor.division.covers(&expert.division)
}

fn valid(draft: &Draft, now: Millis) -> Result<(), Refusal> {
    let wrongs = draft.wrongs(year(now));
    if wrongs.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Invalid(wrongs))
    }
}

/// The year in Shanghai, close enough for a birth year.
fn year(now: Millis) -> i64 {
    jiff::Timestamp::from_millisecond(now.0).map_or(1970, |at| {
        i64::from(
            at.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)))
                .year(),
        )
    })
}

fn expert(
    id: ExpertId,
    source: &str,
    source_id: String,
    draft: Draft,
    now: Millis,
    version: i64,
) -> Expert {
    Expert {
        id,
        name: draft.name,
        sex: draft.sex,
        birth_year: draft.birth_year,
        org: draft.org,
        title: draft.title,
        groups: draft.groups,
        subjects: draft.subjects,
        specialty: draft.specialty,
        division: draft.division,
        place: draft.place,
        contacts: draft.contacts,
        video_capable: draft.video_capable,
        avoid_orgs: draft.avoid_orgs,
        state: draft.state,
        availability: draft.availability,
        source: source.to_owned(),
        source_id,
        updated_at: now,
        version,
    }
}

/// What the journal says; never a contact.
fn written(expert: &Expert, actor: &Actor) -> journal::Draft {
    journal::Draft {
        kind: if expert.version == 1 {
            "expert.added"
        } else {
            "expert.changed"
        },
        entity: expert.id.to_string(),
        entity_version: expert.version,
        jurisdiction: expert.division.as_str().to_owned(),
        topics: vec!["expert".into()],
        actor: actor.account_id.to_string(),
        payload: json!({
            "name": expert.name,
            "org": expert.org,
            "state": expert.state,
            "availability": expert.availability,
            "source": expert.source,
            "source_id": expert.source_id,
        }),
    }
}
