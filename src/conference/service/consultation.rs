//! Opening an emergency consultation from an incident: its venues ring at once.

use super::conferences::{Built, Plan, build, checked_title, stamp};
use super::entries;
use crate::conference::meeting::{Command, Phase};
use crate::conference::model::{Conference, ConferenceId, Invitee, Kind};
use crate::conference::refusals::invalid;
use crate::identity::{Action, Actor, VenueId, policy};
use crate::platform::{Ctx, Failure};

/// Creates a conference of kind consultation and calls every venue of it in the same transaction.
///
/// The first venue is the main one. A consultation is a discussion: microphones enter open, and a venue may
/// lift what only policy closed. `people` appear on the roster page; they have no seat of their own.
///
/// # Errors
/// No venue given, an unknown venue, or no right to run conferences in the caller's division.
#[tracing::instrument(name = "conference.open_consultation", skip_all, fields(incident.id = incident_id))]
pub async fn open_consultation(
    ctx: &Ctx,
    who: &Actor,
    incident_id: &str,
    title: &str,
    venues: &[VenueId],
    people: Vec<Invitee>,
) -> Result<Conference, Failure> {
    let now = ctx.clock.now();
    policy::may(who, Action::RunConference, &who.division)?;
    let Some((main, others)) = venues.split_first() else {
        return Err(invalid(
            "venues",
            "会商至少需要一个会场。",
            "A consultation needs at least one venue.",
        )
        .into());
    };
    let plan = Plan {
        id: ConferenceId::new(now),
        title: checked_title(title)?,
        kind: Kind::Consultation,
        division: who.division.clone(),
        incident_id: Some(incident_id.to_owned()),
        active_main: main.clone(),
        standby_main: None,
        others: others.to_vec(),
        people,
        closed_on_entry: false,
        self_open_ok: true,
    };
    let mut tx = ctx.db.begin().await?;
    let mut conference = match build(&mut tx, who, plan, now).await? {
        Built::New(conference) | Built::Known(conference) => *conference,
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
    tx.append_all(std::iter::once(created).chain(started).collect(), now)
        .await?;
    tx.commit().await?;
    Ok(conference)
}
