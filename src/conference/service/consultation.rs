//! Opening an emergency consultation from an incident: its venues ring at once.

use super::conferences::{Built, Plan, build, checked_reason, checked_title, stamp};
use super::entries;
use crate::conference::meeting::{Command, Phase};
use crate::conference::model::{Conference, ConferenceId, Invitee, Kind};
use crate::conference::refusals::invalid;
use crate::identity::{Action, Actor, VenueId, policy};
use crate::platform::{Ctx, Failure, Fault, journal::Draft};

/// What a consultation is opened with.
#[derive(Clone, Debug)]
pub struct Consultation {
    /// Chosen by the client so that a repeated request opens nothing twice.
    pub id: Option<ConferenceId>,
    pub incident_id: String,
    pub title: String,
    /// In a line, for the called venues.
    pub reason: String,
    /// The first is the main venue.
    pub venues: Vec<VenueId>,
    /// They appear on the roster page; they have no seat of their own.
    pub people: Vec<Invitee>,
}

/// Creates a conference of kind consultation and calls every venue of it in the same transaction.
///
/// A consultation is a discussion: microphones enter open, and a venue may lift what only policy closed.
/// `tell` says what else the journal learns in that transaction.
///
/// # Errors
/// No venue given, an unknown venue, or no right to run conferences in the caller's division.
#[tracing::instrument(name = "conference.open_consultation", skip_all, fields(incident.id = wanted.incident_id))]
pub async fn open_consultation(
    ctx: &Ctx,
    who: &Actor,
    wanted: Consultation,
    tell: impl FnOnce(&Conference) -> Draft,
) -> Result<Conference, Failure> {
    let now = ctx.clock.now();
    policy::may(who, Action::RunConference, &who.division)?;
    let Some((main, others)) = wanted.venues.split_first() else {
        return Err(invalid(
            "venues",
            "会商至少需要一个会场。",
            "A consultation needs at least one venue.",
        )
        .into());
    };
    let plan = Plan {
        id: wanted.id.unwrap_or_else(|| ConferenceId::new(now)),
        title: checked_title(&wanted.title)?,
        kind: Kind::Consultation,
        division: who.division.clone(),
        incident_id: Some(wanted.incident_id),
        active_main: main.clone(),
        standby_main: None,
        others: others.to_vec(),
        people: wanted.people,
        closed_on_entry: false,
        self_open_ok: true,
        reason: checked_reason(&wanted.reason)?,
    };
    let mut tx = ctx.db.begin().await?;
    let mut conference = match build(&mut tx, who, plan, now).await? {
        Built::New(conference) => *conference,
        Built::Known(conference) => return Ok(*conference),
    };
    let before = conference.meeting.clone();
    let events = conference.meeting.decide(now, Command::Start)?;
    events
        .iter()
        .for_each(|event| conference.meeting.apply(event));
    let created = entries::created(&conference, who.account_id.as_str());
    stamp(&mut conference, Phase::Planned, now);
    crate::conference::store::conferences::save(&mut tx, &before, &conference).await?;
    let started = entries::of_events(&conference, &events, who.account_id.as_str());
    let told = std::iter::once(created)
        .chain(started)
        .chain([tell(&conference)])
        .collect();
    tx.append_all(told, now).await?;
    tx.commit().await?;
    Ok(conference)
}

/// Each running consultation with the id of its incident.
///
/// # Errors
/// When the database does not answer.
pub async fn running_consultations(ctx: &Ctx) -> Result<Vec<(ConferenceId, String)>, Fault> {
    crate::conference::store::conferences::running_consultations(&ctx.db).await
}
