//! Addresses of incidents: extract, call the service, answer as JSON.

use axum::{Extension, Json, extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    category::Category,
    imports,
    lifecycle::{Command, Status},
    model::{CallId, IncidentId},
    refusal::No,
    service, store, wire,
};
use crate::{
    identity::{Action, Actor},
    platform::{
        Answer, Ctx, Failure, Millis,
        http::{Body, Page, Path, Query, page},
    },
    region::Atlas,
};

#[must_use]
pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(report, list))
        .routes(routes!(categories))
        .routes(routes!(duplicates))
        .routes(routes!(propose))
        .routes(routes!(detail, change))
        .routes(routes!(timeline))
        .routes(routes!(record_figure, figures))
        .routes(routes!(add_call))
        .routes(routes!(reveal))
        .routes(routes!(submit))
        .routes(routes!(verify))
        .routes(routes!(confirm))
        .routes(routes!(respond))
        .routes(routes!(control))
        .routes(routes!(close))
        .routes(routes!(archive))
        .routes(routes!(dismiss))
        .routes(routes!(transfer))
        .routes(routes!(reopen))
        .routes(routes!(merge))
        .routes(routes!(unmerge))
        .merge(imports::routes::routes())
}

/// Reports an incident. The same client-chosen id again answers 200 with the incident it made.
#[utoipa::path(post, path = "/incidents", tag = "incident", request_body = wire::Report,
    responses((status = 201, body = wire::Incident), (status = 200, body = wire::Incident)))]
async fn report(
    State(ctx): State<Ctx>,
    Extension(atlas): Extension<Atlas>,
    who: Actor,
    Body(report): Body<wire::Report>,
) -> Result<(StatusCode, Json<wire::Incident>), Failure> {
    let (incident, fresh) = service::report(&ctx, &atlas, &who, report).await?;
    let status = if fresh {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(wire::Incident::from(&incident))))
}

/// Incidents in reach, newest report first.
#[utoipa::path(get, path = "/incidents", tag = "incident", params(wire::ListQuery),
    responses((status = 200, body = Page<wire::Incident>)))]
async fn list(
    State(ctx): State<Ctx>,
    who: Actor,
    Query(query): Query<wire::ListQuery>,
) -> Answer<Page<wire::Incident>> {
    let limit = page::limit(query.limit);
    let filter = filter(query, limit)?;
    let incidents = service::list(&ctx, &who, filter).await?;
    let page = Page::of(incidents, limit, |last| {
        format!("{}.{}", last.received_at, last.id)
    });
    Ok(Json(Page {
        items: page.items.iter().map(wire::Incident::from).collect(),
        next: page.next,
    }))
}

fn filter(query: wire::ListQuery, limit: usize) -> Result<store::Filter, No> {
    let unusable = |field, en: &str| No::FieldUnusable {
        field,
        zh: "筛选条件无效。".to_owned(),
        en: en.to_owned(),
    };
    let statuses = query
        .status
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty());
    let statuses: Option<Vec<Status>> = statuses.map(Status::parse).collect();
    let category = match query.category.as_str() {
        "" => None,
        slug => Some(
            Category::parse(slug)
                .ok_or_else(|| unusable("category", "There is no such category."))?,
        ),
    };
    let before = match query.after.as_str() {
        "" => None,
        text => {
            let cursor = text
                .split_once('.')
                .and_then(|(at, id)| Some((Millis(at.parse().ok()?), IncidentId::parse(id)?)));
            Some(cursor.ok_or_else(|| unusable("after", "Take `after` from the page before."))?)
        }
    };
    Ok(store::Filter {
        division: query.division,
        statuses: statuses.ok_or_else(|| unusable("status", "There is no such status."))?,
        level: query.level,
        category,
        text: query.q,
        import_id: query.import_id,
        before,
        limit: limit + 1,
    })
}

/// The table of categories: the four kinds of the law, the plans' second level, our own third.
#[utoipa::path(get, path = "/incidents/categories", tag = "incident", responses((status = 200, body = wire::Categories)))]
async fn categories(_who: Actor) -> Json<wire::Categories> {
    Json(service::categories())
}

/// Incidents that what is being typed may tell of. A question, but with personal data: therefore in the body.
#[utoipa::path(post, path = "/incidents/duplicates", tag = "incident", request_body = wire::DuplicateQuery,
    responses((status = 200, body = wire::Candidates)))]
async fn duplicates(
    State(ctx): State<Ctx>,
    who: Actor,
    Body(typed): Body<wire::DuplicateQuery>,
) -> Answer<wire::Candidates> {
    let found = service::duplicates(&ctx, &who, &typed).await?;
    let items = found
        .into_iter()
        .map(|(incident, score)| wire::Candidate {
            incident: wire::Incident::from(&incident),
            proposed: score.proposes(),
            score: score.total,
            evidence: score.evidence,
        })
        .collect();
    Ok(Json(wire::Candidates { items }))
}

/// Which level the facts propose, and by which rule.
#[utoipa::path(post, path = "/incidents/levels/propose", tag = "incident", request_body = wire::Facts,
    responses((status = 200, body = wire::Proposal)))]
async fn propose(_who: Actor, Body(facts): Body<wire::Facts>) -> Answer<wire::Proposal> {
    Ok(Json(service::propose(&facts)?.into()))
}

/// One incident with its newest figures, all callers and what is merged into it.
#[utoipa::path(get, path = "/incidents/{id}", tag = "incident", params(("id" = String, Path)),
    responses((status = 200, body = wire::Detail)))]
async fn detail(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<IncidentId>,
) -> Answer<wire::Detail> {
    let looked = service::detail(&ctx, &who, &id).await?;
    Ok(Json(wire::Detail {
        incident: wire::Incident::from(&looked.incident),
        figures: wire::heads(&looked.series),
        calls: looked.calls.iter().map(wire::CallOut::from).collect(),
        merged: looked.merged.iter().map(wire::Incident::from).collect(),
        proposal: looked.proposal.into(),
    }))
}

/// Changes fields; a stale version is 409 with the row as it stands now.
#[utoipa::path(patch, path = "/incidents/{id}", tag = "incident", params(("id" = String, Path)), request_body = wire::Change,
    responses((status = 200, body = wire::Incident)))]
async fn change(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<IncidentId>,
    Body(change): Body<wire::Change>,
) -> Answer<wire::Incident> {
    let incident = service::change(&ctx, &who, &id, change).await?;
    Ok(Json(wire::Incident::from(&incident)))
}

/// What happened, from the journal.
#[utoipa::path(get, path = "/incidents/{id}/timeline", tag = "incident", params(("id" = String, Path)),
    responses((status = 200, body = wire::Timeline)))]
async fn timeline(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<IncidentId>,
) -> Answer<wire::Timeline> {
    let entries = service::timeline(&ctx, &who, &id).await?;
    Ok(Json(wire::Timeline {
        items: entries.into_iter().map(wire::TimelineItem::from).collect(),
    }))
}

/// Writes a figure down: who said how many, and when it was true.
#[utoipa::path(post, path = "/incidents/{id}/figures", tag = "incident", params(("id" = String, Path)),
    request_body = wire::FigureIn, responses((status = 201, body = wire::FigureOut)))]
async fn record_figure(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<IncidentId>,
    Body(figure): Body<wire::FigureIn>,
) -> Result<(StatusCode, Json<wire::FigureOut>), Failure> {
    let figure = service::record_figure(&ctx, &who, &id, figure).await?;
    Ok((StatusCode::CREATED, Json(wire::FigureOut::from(&figure))))
}

/// All figures ever given, and the newest of each key.
#[utoipa::path(get, path = "/incidents/{id}/figures", tag = "incident", params(("id" = String, Path)),
    responses((status = 200, body = wire::Series)))]
async fn figures(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<IncidentId>,
) -> Answer<wire::Series> {
    let series = service::series(&ctx, &who, &id).await?;
    Ok(Json(wire::Series {
        heads: wire::heads(&series),
        series: series.iter().map(wire::FigureOut::from).collect(),
    }))
}

/// One more caller tells of this incident.
#[utoipa::path(post, path = "/incidents/{id}/calls", tag = "incident", params(("id" = String, Path)),
    request_body = wire::FurtherCall, responses((status = 201, body = wire::Incident)))]
async fn add_call(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<IncidentId>,
    Body(told): Body<wire::FurtherCall>,
) -> Result<(StatusCode, Json<wire::Incident>), Failure> {
    let incident = service::add_call(&ctx, &who, &id, told).await?;
    Ok((StatusCode::CREATED, Json(wire::Incident::from(&incident))))
}

/// The caller's number in full; the look is recorded.
#[utoipa::path(post, path = "/incidents/{id}/calls/{call}/reveal", tag = "incident",
    params(("id" = String, Path), ("call" = String, Path)), responses((status = 200, body = wire::Revealed)))]
async fn reveal(
    State(ctx): State<Ctx>,
    who: Actor,
    Path((id, call)): Path<(IncidentId, CallId)>,
) -> Answer<wire::Revealed> {
    let phone = service::reveal(&ctx, &who, &id, &call).await?;
    Ok(Json(wire::Revealed { phone }))
}

/// A verb of the life cycle: address, name, permission and command are one line each.
macro_rules! verb {
    ($(#[$note:meta])* $name:ident, $path:literal, $action:ident, |$act:ident| $command:expr) => {
        $(#[$note])*
        #[utoipa::path(post, path = $path, tag = "incident", params(("id" = String, Path)), request_body = wire::Act,
            responses((status = 200, body = wire::Incident)))]
        async fn $name(
            State(ctx): State<Ctx>,
            who: Actor,
            Path(id): Path<IncidentId>,
            Body($act): Body<wire::Act>,
        ) -> Answer<wire::Incident> {
            let seen = $act.version;
            let incident = service::act(&ctx, &who, Action::$action, &id, seen, $command).await?;
            Ok(Json(wire::Incident::from(&incident)))
        }
    };
}

verb!(
    /// The draft is complete.
    submit, "/incidents/{id}/report", ReportIncident, |act| Command::Report);
verb!(
    /// Somebody checks whether it is true.
    verify, "/incidents/{id}/verify", VerifyIncident, |act| Command::Verify);
verb!(
    /// It is true.
    confirm, "/incidents/{id}/confirm", ConfirmIncident, |act| Command::Confirm);
verb!(
    /// Forces are at work.
    respond, "/incidents/{id}/respond", RespondIncident, |act| Command::Respond);
verb!(
    /// Essentially under control.
    control, "/incidents/{id}/control", ControlIncident, |act| Command::Control);
verb!(
    /// It is over.
    close, "/incidents/{id}/close", CloseIncident, |act| Command::Close);
verb!(
    /// Filed.
    archive, "/incidents/{id}/archive", ArchiveIncident, |act| Command::Archive);
verb!(
    /// A false alarm; needs a reason.
    dismiss, "/incidents/{id}/dismiss", DismissIncident, |act| Command::Dismiss { reason: act.reason });
verb!(
    /// Handed over to another organisation; needs receiver and reason.
    transfer, "/incidents/{id}/transfer", TransferIncident, |act| Command::Transfer { to: act.to, reason: act.reason });
verb!(
    /// Taken up again; needs a reason.
    reopen, "/incidents/{id}/reopen", ReopenIncident, |act| Command::Reopen { reason: act.reason });

/// Merges this incident into another.
#[utoipa::path(post, path = "/incidents/{id}/merge", tag = "incident", params(("id" = String, Path)), request_body = wire::Act,
    responses((status = 200, body = wire::Incident)))]
async fn merge(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<IncidentId>,
    Body(act): Body<wire::Act>,
) -> Answer<wire::Incident> {
    let into = act.into.ok_or_else(|| No::FieldUnusable {
        field: "into",
        zh: "请指定并入到哪个事件。".to_owned(),
        en: "Say which incident it is merged into.".to_owned(),
    })?;
    let incident = service::merge(&ctx, &who, &id, &into, act.version).await?;
    Ok(Json(wire::Incident::from(&incident)))
}

/// Takes a merge back exactly.
#[utoipa::path(post, path = "/incidents/{id}/unmerge", tag = "incident", params(("id" = String, Path)), request_body = wire::Act,
    responses((status = 200, body = wire::Incident)))]
async fn unmerge(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<IncidentId>,
    Body(act): Body<wire::Act>,
) -> Answer<wire::Incident> {
    let incident = service::unmerge(&ctx, &who, &id, act.version).await?;
    Ok(Json(wire::Incident::from(&incident)))
}
