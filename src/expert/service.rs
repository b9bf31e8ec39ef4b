//! The steps of keeping experts and of finding those who fit.

use serde_json::json;

use super::{
    imports,
    matching::{self, Need},
    model::{Draft, Expert, ExpertId},
    refusal::Refusal,
    store::{self, Filter},
    wire::{ExpertMatch, ExpertSeen},
};
use crate::{
    identity::{Action, Actor, policy},
    platform::{
        Ctx, Failure, Millis,
        import::{LineProblem, OnProblem, Report},
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
    // A list never shows numbers in full; that takes a deliberate look at one person.
    Ok(experts.into_iter().map(ExpertSeen::masked).collect())
}

/// One expert. Contacts are shown to who may call him, and that look is recorded.
#[tracing::instrument(name = "expert.read", skip_all, fields(expert.id = %id))]
pub async fn read(ctx: &Ctx, actor: &Actor, id: &ExpertId) -> Result<ExpertSeen, Failure> {
    let expert = store::read_by_id(ctx.db.read(), &ctx.seal, id)
        .await?
        .ok_or(Refusal::Missing)?;
    policy::may(actor, Action::ReadExperts, &expert.division)?;
    if policy::may(actor, Action::ReadExpertContacts, &expert.division).is_err()
        || expert.contacts.is_empty()
    {
        return Ok(ExpertSeen::masked(expert));
    }
    let mut tx = ctx.db.begin().await?;
    let looked = journal::Draft {
        kind: "expert.contacts_read",
        entity: id.to_string(),
        entity_version: expert.version,
        jurisdiction: expert.division.as_str().to_owned(),
        topics: vec!["audit".into()],
        actor: actor.account_id.to_string(),
        payload: json!({ "name": expert.name }),
    };
    tx.append(looked, ctx.clock.now()).await?;
    tx.commit().await?;
    Ok(ExpertSeen::whole(expert))
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
    let now = ctx.clock.now();
    valid(&draft, now)?;
    let id = id.unwrap_or_else(|| ExpertId::new(now));
    let mut tx = ctx.db.begin().await?;
    if let Some(known) = store::by_id(&mut tx, &ctx.seal, &id).await? {
        policy::may(actor, Action::ReadExperts, &known.division)?;
        return Ok(ExpertSeen::masked(known));
    }
    let source_id = id.to_string();
    let expert = expert(id, BY_HAND, source_id, draft, now, 1);
    store::put(&mut tx, &ctx.seal, &expert).await?;
    tx.append(happened("expert.added", &expert, actor), now)
        .await?;
    tx.commit().await?;
    Ok(ExpertSeen::whole(expert))
}

#[tracing::instrument(name = "expert.change", skip_all, fields(expert.id = %id))]
pub async fn change(
    ctx: &Ctx,
    actor: &Actor,
    id: &ExpertId,
    version: i64,
    draft: Draft,
) -> Result<ExpertSeen, Failure> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let known = store::by_id(&mut tx, &ctx.seal, id)
        .await?
        .ok_or(Refusal::Missing)?;
    policy::may(actor, Action::EditExperts, &known.division)?;
    policy::may(actor, Action::EditExperts, &draft.division)?;
    valid(&draft, now)?;
    if known.version != version {
        let current = json!(ExpertSeen::masked(known));
        return Err(Refusal::VersionConflict { current }.into());
    }
    let expert = expert(
        known.id,
        &known.source,
        known.source_id,
        draft,
        now,
        version + 1,
    );
    store::put(&mut tx, &ctx.seal, &expert).await?;
    tx.append(happened("expert.changed", &expert, actor), now)
        .await?;
    tx.commit().await?;
    Ok(ExpertSeen::whole(expert))
}

/// Imports a list, or shows what importing it would do. All lines are one transaction.
#[tracing::instrument(name = "expert.import", skip_all, fields(source))]
pub async fn import(
    ctx: &Ctx,
    actor: &Actor,
    source: &str,
    bytes: &[u8],
    preview: bool,
    on_problem: OnProblem,
) -> Result<Report, Failure> {
    policy::may_somewhere(actor, Action::EditExperts)?;
    let now = ctx.clock.now();
    let table = Table::read(bytes).map_err(Refusal::NotATable)?;
    let missing = imports::missing_columns(&table);
    if !missing.is_empty() {
        return Err(Refusal::ColumnsMissing(missing).into());
    }
    let (mut lines, mut problems) = imports::read(&table, year(now));
    lines.retain(|line| {
        let own = policy::may(actor, Action::EditExperts, &line.draft.division).is_ok();
        if !own {
            let division = line.draft.division.as_str();
            problems.push(LineProblem::new(
                line.line,
                "division",
                "foreign_division",
                division,
            ));
        }
        own
    });
    problems.sort_by_key(|problem| problem.line);

    let mut tx = ctx.db.begin().await?;
    let known = store::by_source(&mut tx, &ctx.seal, source).await?;
    let known: std::collections::BTreeMap<_, _> = known
        .into_iter()
        .map(|expert| (expert.source_id.clone(), expert))
        .collect();
    let mut report = Report {
        rows: table.rows.len(),
        ..Report::default()
    };
    let write = !preview && (problems.is_empty() || on_problem == OnProblem::Skip);
    report.found(problems);
    let mut events = Vec::new();
    for line in lines {
        let before = known.get(&line.source_id);
        let (id, version) = match before {
            Some(before)
                if *before
                    == expert(
                        before.id.clone(),
                        source,
                        line.source_id.clone(),
                        line.draft.clone(),
                        before.updated_at,
                        before.version,
                    ) =>
            {
                report.same += 1;
                continue;
            }
            Some(before) => {
                report.changed += 1;
                (before.id.clone(), before.version + 1)
            }
            None => {
                report.new += 1;
                (ExpertId::new(now), 1)
            }
        };
        if write {
            let kind = if version == 1 {
                "expert.added"
            } else {
                "expert.changed"
            };
            let expert = expert(id, source, line.source_id, line.draft, now, version);
            store::put(&mut tx, &ctx.seal, &expert).await?;
            events.push(happened(kind, &expert, actor));
        }
    }
    report.applied = write;
    if write {
        tx.append_all(events, now).await?;
        tx.commit().await?;
    }
    Ok(report)
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
fn happened(kind: &'static str, expert: &Expert, actor: &Actor) -> journal::Draft {
    journal::Draft {
        kind,
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
