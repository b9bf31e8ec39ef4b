//! Imports step by step: take the file, look into it, try the plan, run, take back.

use axum::body::Body;

use super::{
    jobs::{
        file::{self, Look},
        run as job, undo,
    },
    model::{Import, ImportId, Progress, State},
    plan::Plan,
    reading::{self, Outcome, Problem, Reading},
    store,
};
use crate::{
    identity::{Action, Actor, policy},
    incident::{
        intake,
        model::{Incident, IncidentId},
        proposal::{self, Group},
        refusal::No,
        store as incidents,
    },
    platform::{Ctx, Failure, Fault, Kind, Refusal, db::settled, tasks, text::Encoding},
};

/// Problems shown in a preview; the rest is counted.
const PROBLEMS_SHOWN: usize = 500;
const LISTED: i64 = 100;
/// Incidents named when an undo is refused.
const NAMED: i64 = 20;

/// What a plan would make of a file.
#[derive(Debug, Clone, Default)]
pub struct Preview {
    pub rows: Vec<Outcome>,
    pub progress: Progress,
    pub problems: Vec<Problem>,
    pub middle: Option<crate::incident::model::Point>,
}

/// A page of groups that belong together, with the incidents in them.
#[derive(Debug, Clone)]
pub struct Proposals {
    /// Groups altogether.
    pub total: usize,
    /// Reports in them beside the one each keeps.
    pub members: usize,
    pub groups: Vec<(Group, Vec<Incident>)>,
}

/// Takes a file. Nothing else happens yet.
///
/// # Errors
/// When it is empty, too large or broken off.
#[tracing::instrument(name = "call_import.upload", skip_all)]
pub async fn upload(
    ctx: &Ctx,
    who: &Actor,
    file_name: &str,
    body: Body,
) -> Result<(Import, Look), Failure> {
    policy::may_somewhere(who, Action::ImportCalls)?;
    let now = ctx.clock.now();
    let id = ImportId::new(now);
    let received = file::receive(ctx, &id, body).await?;
    let import = Import {
        id,
        serial: 0,
        file_name: file_name.trim().chars().take(200).collect(),
        bytes: received.bytes,
        sha256: received.sha256,
        division: who.division.clone(),
        state: State::Uploaded,
        plan: None,
        progress: Progress::default(),
        failure: None,
        created_by: who.account_id.to_string(),
        created_at: now,
        started_at: None,
        finished_at: None,
        undone_at: None,
        version: 1,
    };
    let look = looked(ctx, &import.id, None, None).await?;
    let serial = settled(|| numbered(ctx, &import)).await?;
    Ok((Import { serial, ..import }, look))
}

/// Writes the import down under the next serial number.
async fn numbered(ctx: &Ctx, import: &Import) -> Result<i64, Failure> {
    let mut tx = ctx.db.begin().await?;
    let serial = store::insert(&mut tx, import).await?;
    tx.commit().await?;
    Ok(serial)
}

async fn looked(
    ctx: &Ctx,
    id: &ImportId,
    encoding: Option<Encoding>,
    delimiter: Option<char>,
) -> Result<Look, Failure> {
    let path = file::path(ctx, id);
    let look = blocking(move || file::look(&path, encoding, delimiter)).await??;
    Ok(look)
}

/// Reading a file never holds up the server.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<Result<T, Failure>, Fault> {
    let done = tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Fault::new("reading a file of calls", error))?;
    Ok(done.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Refusal::new(
            Kind::Conflict,
            "call_import.file_gone",
            "上传的文件已不在服务器上，请重新上传。",
            "The uploaded file is no longer on the server; upload it again.",
        )
        .into(),
        std::io::ErrorKind::InvalidData => Refusal::new(
            Kind::Invalid,
            "call_import.unreadable",
            format!("文件无法按 CSV 读取：{error}"),
            format!("The file cannot be read as CSV: {error}"),
        )
        .into(),
        _ => Fault::new("reading a file of calls", error).into(),
    }))
}

/// # Errors
/// When there is no such import in the actor's reach.
pub async fn by_id(ctx: &Ctx, who: &Actor, id: &ImportId) -> Result<Import, Failure> {
    let import = store::by_id(&ctx.db, id).await?.ok_or(No::ImportMissing)?;
    policy::may(who, Action::ImportCalls, &import.division)?;
    Ok(import)
}

/// # Errors
/// When the database does not answer.
pub async fn list(ctx: &Ctx, who: &Actor) -> Result<Vec<Import>, Failure> {
    policy::may_somewhere(who, Action::ImportCalls)?;
    Ok(store::list(&ctx.db, &who.division, LISTED).await?)
}

/// Looks into the file again, with another encoding or delimiter.
///
/// # Errors
/// When there is no such import or file.
pub async fn look(
    ctx: &Ctx,
    who: &Actor,
    id: &ImportId,
    encoding: Option<Encoding>,
    delimiter: Option<char>,
) -> Result<(Import, Look), Failure> {
    let import = by_id(ctx, who, id).await?;
    let look = looked(ctx, id, encoding, delimiter).await?;
    Ok((import, look))
}

/// Reads the whole file by the plan and writes nothing.
///
/// # Errors
/// When the plan does not fit the file.
pub async fn preview(
    ctx: &Ctx,
    who: &Actor,
    id: &ImportId,
    plan: Plan,
) -> Result<Preview, Failure> {
    let import = by_id(ctx, who, id).await?;
    let plan = checked(ctx, who, &import, plan).await?;
    let path = file::path(ctx, id);
    let preview = blocking(move || {
        let (bounds, rows) = reading::survey(std::fs::File::open(&path)?, &plan)?;
        let mut preview = Preview {
            middle: bounds.middle(),
            ..Preview::default()
        };
        preview.progress.total = i64::try_from(rows).unwrap_or(i64::MAX);
        for outcome in Reading::new(std::fs::File::open(&path)?, &plan, bounds)? {
            let outcome = outcome?;
            preview.count(&outcome);
            let room = PROBLEMS_SHOWN - preview.problems.len();
            preview
                .problems
                .extend(outcome.problems.iter().take(room).cloned());
            if preview.rows.len() < file::ROWS_SHOWN {
                preview.rows.push(outcome);
            }
        }
        Ok(preview)
    });
    preview.await?
}

impl Preview {
    fn count(&mut self, outcome: &Outcome) {
        let progress = &mut self.progress;
        progress.done += 1;
        progress.problems += i64::try_from(outcome.problems.len()).unwrap_or_default();
        match &outcome.call {
            Some(call) => {
                progress.added += 1;
                progress.without_place += i64::from(call.place.point.is_none());
            }
            None => progress.refused += 1,
        }
    }
}

/// The plan, checked against the file's header, with its division made certain.
async fn checked(ctx: &Ctx, who: &Actor, import: &Import, mut plan: Plan) -> Result<Plan, Failure> {
    let look = looked(ctx, &import.id, Some(plan.encoding), Some(plan.delimiter)).await?;
    plan.check(&look.header)?;
    let division = match plan.division.trim() {
        "" => who.division.clone(),
        code => intake::division(code)?,
    };
    policy::may(who, Action::ImportCalls, &division)?;
    plan.division = division.as_str().to_owned();
    Ok(plan)
}

/// Starts the import. Started again after a failure or an undo, it does what is missing.
///
/// # Errors
/// When the plan does not fit, or the import is running.
#[tracing::instrument(name = "call_import.start", skip_all, fields(import.id = %id))]
pub async fn start(ctx: &Ctx, who: &Actor, id: &ImportId, plan: Plan) -> Result<Import, Failure> {
    let import = by_id(ctx, who, id).await?;
    let plan = checked(ctx, who, &import, plan).await?;
    let mut tx = ctx.db.begin().await?;
    let mut import = store::locked(&mut tx, id).await?.ok_or(No::ImportMissing)?;
    if matches!(import.state, State::Running | State::Undoing | State::Done) {
        return Err(not_now(&import).into());
    }
    import.state = State::Running;
    import.failure = None;
    import.division = intake::division(&plan.division)?;
    import.plan = Some(plan);
    import.started_at = Some(ctx.clock.now());
    (import.finished_at, import.undone_at) = (None, None);
    store::save(&mut tx, &import).await?;
    tx.commit().await?;
    tasks::spawn("call_import.run", job::run(ctx.clone(), id.clone()));
    Ok(import)
}

/// Takes the import back, unless somebody has worked on what it made.
///
/// # Errors
/// When it is running, or incidents of it were worked on.
#[tracing::instrument(name = "call_import.undo", skip_all, fields(import.id = %id))]
pub async fn undo(ctx: &Ctx, who: &Actor, id: &ImportId) -> Result<Import, Failure> {
    by_id(ctx, who, id).await?;
    let mut tx = ctx.db.begin().await?;
    let mut import = store::locked(&mut tx, id).await?.ok_or(No::ImportMissing)?;
    match import.state {
        State::Undone => return Ok(import),
        State::Done | State::Failed => {}
        _ => return Err(not_now(&import).into()),
    }
    let worked_on = store::worked_on(&mut tx, id, NAMED).await?;
    if !worked_on.is_empty() {
        return Err(Refusal::new(
            Kind::Conflict,
            "call_import.worked_on",
            "导入的部分事件已有人处理，撤销会丢失这些工作；请先处理下列事件。",
            "Some imported incidents have been worked on and undoing would lose that; look at those named first.",
        )
        .with("incidents", worked_on)
        .into());
    }
    import.state = State::Undoing;
    store::save(&mut tx, &import).await?;
    tx.commit().await?;
    tasks::spawn("call_import.undo", undo::run(ctx.clone(), id.clone()));
    Ok(import)
}

fn not_now(import: &Import) -> Refusal {
    Refusal::new(
        Kind::Conflict,
        "call_import.not_now",
        "该批次当前状态不允许此操作，请等待其完成或查看进度。",
        "The import is in a state that does not allow this; wait until it is finished.",
    )
    .with("state", import.state.as_str())
}

/// Problems by line, after a line's ordinal.
///
/// # Errors
/// When there is no such import in the actor's reach.
pub async fn problems(
    ctx: &Ctx,
    who: &Actor,
    id: &ImportId,
    after: (i64, i64),
    limit: usize,
) -> Result<Vec<(i64, Problem)>, Failure> {
    by_id(ctx, who, id).await?;
    Ok(store::problems(&ctx.db, id, after, i64::try_from(limit).unwrap_or(i64::MAX)).await?)
}

/// Which imported reports tell of one incident.
///
/// # Errors
/// When there is no such import in the actor's reach.
pub async fn proposals(
    ctx: &Ctx,
    who: &Actor,
    id: &ImportId,
    skip: usize,
    limit: usize,
) -> Result<Proposals, Failure> {
    by_id(ctx, who, id).await?;
    let mut reports = store::sightings(&ctx.db, id).await?;
    let groups = tokio::task::spawn_blocking(move || {
        proposal::count_crowds(&mut reports);
        proposal::groups(&reports)
    });
    let groups = groups
        .await
        .map_err(|error| Fault::new("grouping calls", error))?;
    let mut found = Proposals {
        total: groups.len(),
        members: groups.iter().map(|group| group.others.len()).sum(),
        groups: vec![],
    };
    for group in groups.into_iter().skip(skip).take(limit) {
        let ids: Vec<&IncidentId> = std::iter::once(&group.keep)
            .chain(group.others.iter().map(|member| &member.id))
            .collect();
        let mut rows = Vec::with_capacity(ids.len());
        for id in ids {
            rows.extend(incidents::by_id(&ctx.db, id).await?);
        }
        found.groups.push((group, rows));
    }
    Ok(found)
}

/// Goes on with what a stop of the server interrupted. Called once at start.
///
/// # Errors
/// When the database does not answer.
pub async fn resume(ctx: &Ctx) -> Result<(), Fault> {
    for import in store::in_state(&ctx.db, State::Running).await? {
        tracing::info!(import.id = %import.id, "an interrupted import goes on");
        tasks::spawn("call_import.run", job::run(ctx.clone(), import.id));
    }
    for import in store::in_state(&ctx.db, State::Undoing).await? {
        tracing::info!(import.id = %import.id, "an interrupted undo goes on");
        tasks::spawn("call_import.undo", undo::run(ctx.clone(), import.id));
    }
    Ok(())
}
