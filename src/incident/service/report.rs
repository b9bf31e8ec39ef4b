//! Taking a report, and further calls about what is known already.

use jiff::{Timestamp, tz::TimeZone};
use serde_json::json;

use super::{entry_by, figures, locked};
use crate::{
    identity::{Action, Actor, policy},
    incident::{
        category::Category,
        intake,
        lifecycle::{Lifecycle, Status},
        model::{Call, CallId, Incident, IncidentId, Origin, Place},
        refusal::No,
        store, wire,
    },
    platform::{
        Ctx, Failure, Fault, Millis,
        db::{Tx, settled},
    },
    region::{Atlas, DivisionCode, LonLat, today},
};

/// Source name of calls typed here.
const DESK: &str = "desk";

/// Writes a report down. The same id again answers the incident it made, and `false`.
///
/// # Errors
/// When a field is unusable or the reporter may not report there.
#[tracing::instrument(name = "incident.report", skip_all)]
pub async fn report(
    ctx: &Ctx,
    atlas: &Atlas,
    who: &Actor,
    report: wire::Report,
) -> Result<(Incident, bool), Failure> {
    settled(|| reported(ctx, atlas, who, &report)).await
}

async fn reported(
    ctx: &Ctx,
    atlas: &Atlas,
    who: &Actor,
    report: &wire::Report,
) -> Result<(Incident, bool), Failure> {
    let now = ctx.clock.now();
    let id = report.id.clone().unwrap_or_else(|| IncidentId::new(now));
    let mut incident = drafted(ctx, atlas, who, report, id, now)?;
    policy::may(who, Action::ReportIncident, &incident.division)?;
    let call = Call {
        id: report.call.id.clone().unwrap_or_else(|| CallId::new(now)),
        incident_id: incident.id.clone(),
        service: intake::name("service", &report.call.service)?,
        caller: intake::name("caller", &report.call.caller)?,
        phone: intake::phone(&report.call.phone)?,
        received_at: incident.received_at,
        occurred_at: incident.occurred_at,
        place: incident.place.clone(),
        text: incident.description.clone(),
        subject: intake::text(
            "subject",
            &report.call.subject,
            crate::incident::model::TITLE_MAX,
        )?,
        origin: Origin {
            source: DESK.to_owned(),
            source_id: incident.id.to_string(),
            import_id: None,
            line: None,
        },
        recorded_at: now,
    };
    let figures = figures::checked(who, &report.figures, now)?;

    let mut tx = ctx.db.begin().await?;
    if let Some(known) = store::locked(&mut tx, &incident.id).await? {
        policy::may(who, Action::ReadIncidents, &known.division)?;
        return Ok((known, false));
    }
    incident.number = numbered(&mut tx, &incident.division, incident.received_at).await?;
    store::insert(&mut tx, &incident).await?;
    store::insert_calls(&mut tx, &ctx.seal, std::slice::from_ref(&call))
        .await
        .map_err(taken)?;
    for figure in &figures {
        store::insert_figure(&mut tx, &incident.id, figure)
            .await
            .map_err(taken)?;
    }
    let kind = if report.draft {
        "incident.drafted"
    } else {
        "incident.reported"
    };
    let facts = json!({ "call_id": call.id, "figures": figures.iter().map(wire::FigureOut::from).collect::<Vec<_>>() });
    tx.append_all(vec![entry_by(kind, &incident, who, facts)], now)
        .await?;
    tx.commit().await?;
    tracing::info!(incident.id = %incident.id, "an incident was reported");
    Ok((incident, true))
}

/// The id chosen for a call or a figure belongs to another one.
fn taken(fault: Fault) -> Failure {
    let call = fault.violates("calls_pkey", "calls.call_id");
    if call || fault.violates("incident_figures_pkey", "incident_figures.figure_id") {
        return No::IdTaken.into();
    }
    fault.into()
}

/// The incident as the form describes it, without its number.
fn drafted(
    ctx: &Ctx,
    atlas: &Atlas,
    who: &Actor,
    report: &wire::Report,
    id: IncidentId,
    now: Millis,
) -> Result<Incident, Failure> {
    let category = intake::category(&report.category)?;
    let place = intake::place(
        &report.place_text,
        report.lon,
        report.lat,
        report.accuracy_m,
        report.datum,
    )?;
    let received_at = intake::past("received_at", report.received_at.unwrap_or(now), now)?;
    let occurred_at = report
        .occurred_at
        .map(|at| intake::past("occurred_at", at, now))
        .transpose()?;
    let title = match intake::title(&report.title)? {
        empty if empty.is_empty() => named(category, &place),
        typed => typed,
    };
    if report.level.is_some() && !category.has_levels() {
        return Err(No::LevelUndefined.into());
    }
    let division = division(ctx, atlas, who, &report.division, &place)?;
    let mut sensitive = report.sensitive.clone();
    sensitive.sort_unstable();
    sensitive.dedup();
    Ok(Incident {
        id,
        number: String::new(),
        title,
        category,
        level: report.level,
        level_basis: report
            .level
            .map(|_| {
                intake::text(
                    "level_basis",
                    report.level_basis.as_deref().unwrap_or("manual"),
                    500,
                )
            })
            .transpose()?,
        lifecycle: Lifecycle::born(if report.draft {
            Status::Draft
        } else {
            Status::Reported
        }),
        division,
        place,
        description: intake::description(&report.description)?,
        sensitive,
        exercise: report.exercise,
        source: report.source,
        occurred_at,
        received_at,
        recorded_at: now,
        updated_at: now,
        recorded_by: who.account_id.to_string(),
        import_id: None,
        version: 1,
    })
}

/// One more caller tells of a known incident: 并入 at the intake desk. The same call again changes nothing.
///
/// # Errors
/// When a field is unusable or the incident is not the actor's.
#[tracing::instrument(name = "incident.add_call", skip_all, fields(incident.id = %id))]
pub async fn add_call(
    ctx: &Ctx,
    who: &Actor,
    id: &IncidentId,
    told: wire::FurtherCall,
) -> Result<Incident, Failure> {
    settled(|| call_added(ctx, who, id, &told)).await
}

async fn call_added(
    ctx: &Ctx,
    who: &Actor,
    id: &IncidentId,
    told: &wire::FurtherCall,
) -> Result<Incident, Failure> {
    let now = ctx.clock.now();
    let call_id = told.id.clone().unwrap_or_else(|| CallId::new(now));
    let call = Call {
        incident_id: id.clone(),
        service: intake::name("service", &told.service)?,
        caller: intake::name("caller", &told.caller)?,
        phone: intake::phone(&told.phone)?,
        received_at: intake::past("received_at", told.received_at.unwrap_or(now), now)?,
        occurred_at: told
            .occurred_at
            .map(|at| intake::past("occurred_at", at, now))
            .transpose()?,
        place: intake::place(
            &told.place_text,
            told.lon,
            told.lat,
            told.accuracy_m,
            told.datum,
        )?,
        text: intake::description(&told.text)?,
        subject: intake::text("subject", &told.subject, crate::incident::model::TITLE_MAX)?,
        origin: Origin {
            source: DESK.to_owned(),
            source_id: call_id.to_string(),
            import_id: None,
            line: None,
        },
        recorded_at: now,
        id: call_id,
    };
    let mut tx = ctx.db.begin().await?;
    let incident = locked(&mut tx, who, Action::ReportIncident, id, None).await?;
    match store::told_of(&mut tx, &call.id).await? {
        Some(of) if of == *id => return Ok(incident),
        Some(_) => return Err(No::IdTaken.into()),
        None => {}
    }
    store::insert_calls(&mut tx, &ctx.seal, std::slice::from_ref(&call)).await?;
    let facts = json!({ "call_id": call.id, "service": call.service, "text": call.text });
    tx.append_all(
        vec![entry_by("incident.call_added", &incident, who, facts)],
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(incident)
}

/// The division given, else the one the point lies in today, else the reporter's own: a report about a place
/// beyond his reach stays with him until somebody transfers it.
fn division(
    ctx: &Ctx,
    atlas: &Atlas,
    who: &Actor,
    given: &str,
    place: &Place,
) -> Result<DivisionCode, Failure> {
    if !given.trim().is_empty() {
        return Ok(intake::division(given)?);
    }
    let sheet = atlas.sheet();
    let found = place
        .point
        .and_then(|point| LonLat::new(point.lon, point.lat).ok())
        .and_then(|point| sheet.at(point, today(ctx)))
        .map(|division| division.code.clone())
        .filter(|code| policy::may(who, Action::ReportIncident, code).is_ok());
    Ok(found.unwrap_or_else(|| who.division.clone()))
}

/// A title when nobody had time to type one.
fn named(category: Category, place: &Place) -> String {
    let place: String = place.text.chars().take(60).collect();
    format!(
        "{place}{}{}",
        if place.is_empty() { "" } else { " " },
        category.entry().zh
    )
}

/// `220102-20261122-0007`: division, day in Shanghai on which it was received, running number.
async fn numbered(tx: &mut Tx, division: &DivisionCode, at: Millis) -> Result<String, Failure> {
    let day = day(at);
    let number = store::next_number(tx, division, &day).await?;
    Ok(format!("{}-{day}-{number:04}", division.six_digits()))
}

/// Day in Shanghai, `YYYYMMDD`.
fn day(at: Millis) -> String {
    let zone = TimeZone::get("Asia/Shanghai").expect("the zone is built in");
    let moment = Timestamp::from_millisecond(at.0)
        .unwrap_or_default()
        .to_zoned(zone);
    moment.strftime("%Y%m%d").to_string()
}
