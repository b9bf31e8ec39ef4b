//! Creating conferences and carrying out commands in them.

use crate::conference::meeting::{By, Command, Event, Meeting, Phase};
use crate::conference::model::{Conference, ConferenceId, Invitee, Kind, Venue, VenueKind};
use crate::conference::refusals::{Refused, invalid, no_conference, no_venue};
use crate::conference::service::{entries, permits, venues};
use crate::conference::store::{conferences as store, venues as registry};
use crate::conference::wire::{ConferenceDraft, ListConferences};
use crate::identity::{Action, Actor, VenueId, policy};
use crate::platform::{Ctx, Failure, Millis, Refusal, db::Tx, http::Page};
use crate::region::DivisionCode;

const TITLE_MAX: usize = 120;
const REASON_MAX: usize = 200;

/// What a caller asks to be done about one venue; who he is decides in whose name it is done.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    Join,
    Rejoin,
    Ring,
    Answer,
    Decline,
    Leave,
    HangUp,
    Remove,
    CloseMic,
    OpenMic,
    CloseSpeaker,
    OpenSpeaker,
}

impl Act {
    /// Only whoever runs the conference may do these.
    fn needs_control(self) -> bool {
        matches!(self, Self::HangUp | Self::Remove)
    }

    /// Takes a seat, and with it leaves whatever meeting the venue sits in.
    fn sits_down(self) -> bool {
        matches!(self, Self::Join | Self::Rejoin | Self::Answer)
    }

    fn command(self, venue: VenueId, by: By) -> Command {
        match self {
            Self::Join => Command::Join { venue },
            Self::Rejoin => Command::Rejoin { venue },
            Self::Ring => Command::Ring { venue },
            Self::Answer => Command::Answer { venue },
            Self::Decline => Command::Decline { venue },
            Self::Leave => Command::Leave { venue },
            Self::HangUp => Command::HangUp { venue },
            Self::Remove => Command::Remove { venue },
            Self::CloseMic => Command::CloseMic { venue, by },
            Self::OpenMic => Command::OpenMic { venue, by },
            Self::CloseSpeaker => Command::CloseSpeaker { venue },
            Self::OpenSpeaker => Command::OpenSpeaker { venue },
        }
    }
}

/// What a new conference is made of, whoever asks for it.
pub(super) struct Plan {
    pub id: ConferenceId,
    pub title: String,
    pub kind: Kind,
    pub division: DivisionCode,
    pub incident_id: Option<String>,
    pub active_main: VenueId,
    pub standby_main: Option<VenueId>,
    pub others: Vec<VenueId>,
    pub people: Vec<Invitee>,
    pub closed_on_entry: bool,
    pub self_open_ok: bool,
    pub reason: String,
}

#[tracing::instrument(name = "conference.create", skip_all)]
pub async fn create(ctx: &Ctx, who: &Actor, draft: ConferenceDraft) -> Result<Conference, Failure> {
    let now = ctx.clock.now();
    let division = draft
        .division
        .as_deref()
        .map(venues::parse_division)
        .transpose()?
        .unwrap_or_else(|| who.division.clone());
    policy::may(who, Action::RunConference, &division)?;
    let plan = Plan {
        id: draft.id.unwrap_or_else(|| ConferenceId::new(now)),
        title: checked_title(&draft.title)?,
        kind: Kind::Meeting,
        division,
        incident_id: None,
        active_main: draft.active_main,
        standby_main: draft.standby_main,
        others: draft.venues,
        people: Vec::new(),
        closed_on_entry: draft.closed_on_entry.unwrap_or(true),
        self_open_ok: draft.self_open_ok,
        reason: checked_reason(&draft.reason)?,
    };
    let mut tx = ctx.db.begin().await?;
    let conference = match build(&mut tx, who, plan, now).await? {
        Built::New(conference) => conference,
        Built::Known(conference) => return Ok(*conference),
    };
    tx.append(entries::created(&conference, who.account_id.as_str()), now)
        .await?;
    tx.commit().await?;
    Ok(*conference)
}

pub(super) enum Built {
    New(Box<Conference>),
    /// The client chose this id before: the same request again.
    Known(Box<Conference>),
}

/// Inserts a planned conference with its whole roster; the caller journals and commits.
pub(super) async fn build(
    tx: &mut Tx,
    who: &Actor,
    plan: Plan,
    now: Millis,
) -> Result<Built, Failure> {
    if let Some(known) = known(tx, who, &plan.id).await? {
        return Ok(known);
    }
    let main = venue(tx, &plan.active_main).await?;
    let mut meeting = Meeting::planned(
        main.id.clone(),
        main.kind,
        main.remote_open_ok,
        plan.closed_on_entry,
        plan.self_open_ok,
    );
    let mut venues = std::collections::BTreeMap::from([(main.id.clone(), main)]);
    for id in plan.standby_main.iter().chain(&plan.others) {
        let row = venue(tx, id).await?;
        invite(&mut meeting, &row, now)?;
        venues.insert(row.id.clone(), row);
    }
    meeting.standby_main = plan
        .standby_main
        .filter(|standby| *standby != meeting.active_main);
    let conference = Conference {
        id: plan.id,
        title: plan.title,
        kind: plan.kind,
        division: plan.division,
        incident_id: plan.incident_id,
        meeting,
        venues,
        people: plan.people,
        created_by: who.account_id.to_string(),
        convener: who.name.clone(),
        reason: plan.reason,
        created_at: now,
        started_at: None,
        ended_at: None,
        version: 1,
    };
    if !store::insert(tx, &conference).await? {
        // The same request at the same moment: the other one was written while this one read the roster.
        return known(tx, who, &conference.id)
            .await?
            .ok_or_else(|| no_conference(conference.id.as_str()).into());
    }
    Ok(Built::New(Box::new(conference)))
}

async fn known(tx: &mut Tx, who: &Actor, id: &ConferenceId) -> Result<Option<Built>, Failure> {
    let Some(known) = store::lock(tx, id).await? else {
        return Ok(None);
    };
    permits::look(who, &known)?;
    Ok(Some(Built::Known(Box::new(known))))
}

pub async fn by_id(ctx: &Ctx, who: &Actor, id: &ConferenceId) -> Result<Conference, Failure> {
    let conference = store::by_id(&ctx.db, id)
        .await?
        .ok_or_else(|| no_conference(id.as_str()))?;
    permits::look(who, &conference)?;
    Ok(conference)
}

/// Newest first. A terminal lists what its venue is invited to; everybody else what lies in his reach.
pub async fn list(
    ctx: &Ctx,
    who: &Actor,
    wanted: &ListConferences,
) -> Result<Page<Conference>, Failure> {
    let limit = wanted.limit.unwrap_or(50).clamp(1, 200);
    // Ids are lower-case UUIDs: `~` sorts behind every one of them.
    let before = wanted.after.as_deref().unwrap_or("~");
    let (phase, incident) = (
        wanted.phase.as_deref().unwrap_or(""),
        wanted.incident_id.as_deref().unwrap_or(""),
    );
    let ids = match &who.venue_id {
        Some(venue) => store::of_venue(&ctx.db, venue).await?,
        None => store::list(&ctx.db, before, phase, incident, limit + 1).await?,
    };
    let mut items = Vec::with_capacity(ids.len());
    for id in ids {
        items.extend(store::by_id(&ctx.db, &id).await?);
    }
    let mut page = Page::of(items, limit as usize, |conference| {
        conference.id.to_string()
    });
    page.items
        .retain(|conference| permits::look(who, conference).is_ok());
    Ok(page)
}

/// One command about one venue.
#[tracing::instrument(name = "conference.act", skip_all, fields(conference.id = %id, act = ?act))]
pub async fn act(
    ctx: &Ctx,
    who: &Actor,
    id: &ConferenceId,
    act: Act,
    venue: Option<VenueId>,
) -> Result<Conference, Failure> {
    let venue = permits::named_or_own(who, venue)?;
    if act.sits_down() {
        return sit_down(ctx, who, id, act, venue).await;
    }
    run(ctx, id, who.account_id.as_str(), |conference| {
        permits::look(who, conference)?;
        let by = permits::act_for(who, conference, &venue)?;
        if act.needs_control() {
            permits::control(who, conference)?;
        }
        Ok(vec![act.command(venue.clone(), by)])
    })
    .await
}

/// Takes the venue's seat here and, in the same transaction, out of every other meeting it sits in.
async fn sit_down(
    ctx: &Ctx,
    who: &Actor,
    id: &ConferenceId,
    act: Act,
    venue: VenueId,
) -> Result<Conference, Failure> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    registry::lock(&mut tx, &venue).await?;
    // In the order of their ids, so that two venues that change places never wait for each other.
    let mut ids = store::seated(&mut tx, &venue).await?;
    ids.push(id.clone());
    ids.sort();
    ids.dedup();
    let mut here = None;
    let mut others = Vec::new();
    for known in ids {
        let conference = store::lock(&mut tx, &known)
            .await?
            .ok_or_else(|| no_conference(known.as_str()))?;
        if known == *id {
            here = Some(conference);
        } else {
            others.push(conference);
        }
    }
    let mut here = here.ok_or_else(|| no_conference(id.as_str()))?;
    permits::look(who, &here)?;
    let by = permits::act_for(who, &here, &venue)?;
    let actor = who.account_id.as_str();
    let command = act.command(venue.clone(), by);
    let mut changed = advance(&mut tx, &mut here, command, actor, now).await?;
    for mut other in others {
        permits::move_from(who, &other, &venue)?;
        let leave = Command::GoElsewhere {
            venue: venue.clone(),
        };
        changed |= advance(&mut tx, &mut other, leave, actor, now).await?;
    }
    if changed {
        tx.commit().await?;
    }
    Ok(here)
}

/// One command, decided, applied, saved and journalled; whether anything came of it.
pub(super) async fn advance(
    tx: &mut Tx,
    conference: &mut Conference,
    command: Command,
    actor: &str,
    now: Millis,
) -> Result<bool, Failure> {
    let before = conference.meeting.clone();
    let events = conference.meeting.decide(now, command)?;
    if events.is_empty() {
        return Ok(false);
    }
    events
        .iter()
        .for_each(|event| conference.meeting.apply(event));
    stamp(conference, before.phase, now);
    store::save(tx, &before, conference).await?;
    let told = entries::of_events(conference, &events, actor);
    tx.append_all(told, now).await?;
    Ok(true)
}

/// A command about the conference as a whole.
#[tracing::instrument(name = "conference.direct", skip_all, fields(conference.id = %id))]
pub async fn direct(
    ctx: &Ctx,
    who: &Actor,
    id: &ConferenceId,
    command: Command,
) -> Result<Conference, Failure> {
    run(ctx, id, who.account_id.as_str(), |conference| {
        permits::control(who, conference)?;
        Ok(vec![command.clone()])
    })
    .await
}

/// Calls the named venues, or everybody who is not in and was not hung up or given up on purpose.
#[tracing::instrument(name = "conference.call", skip_all, fields(conference.id = %id))]
pub async fn call(
    ctx: &Ctx,
    who: &Actor,
    id: &ConferenceId,
    named: Option<Vec<VenueId>>,
) -> Result<Conference, Failure> {
    run(ctx, id, who.account_id.as_str(), |conference| {
        permits::control(who, conference)?;
        let venues = named
            .clone()
            .unwrap_or_else(|| conference.meeting.callable());
        Ok(venues
            .into_iter()
            .map(|venue| Command::Call { venue })
            .collect())
    })
    .await
}

#[tracing::instrument(name = "conference.invite", skip_all, fields(conference.id = %id))]
pub async fn add(
    ctx: &Ctx,
    who: &Actor,
    id: &ConferenceId,
    venues: &[VenueId],
) -> Result<Conference, Failure> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let mut conference = store::lock(&mut tx, id)
        .await?
        .ok_or_else(|| no_conference(id.as_str()))?;
    permits::control(who, &conference)?;
    let before = conference.meeting.clone();
    let mut events = Vec::new();
    for id in venues {
        let row = venue(&mut tx, id).await?;
        events.extend(invite(&mut conference.meeting, &row, now)?);
        conference.venues.insert(row.id.clone(), row);
    }
    finish(
        tx,
        &before,
        conference,
        &events,
        who.account_id.as_str(),
        now,
    )
    .await
}

/// What happens by itself: lost connections and passed deadlines. Nobody asked, so nobody is asked.
pub async fn happen(ctx: &Ctx, id: &ConferenceId, command: Command) -> Result<Conference, Failure> {
    run(ctx, id, "system", |_| Ok(vec![command.clone()])).await
}

/// Decides and applies `commands` in one transaction; refused as a whole when one is refused.
pub(super) async fn run(
    ctx: &Ctx,
    id: &ConferenceId,
    actor: &str,
    commands: impl FnOnce(&Conference) -> Result<Vec<Command>, Refusal>,
) -> Result<Conference, Failure> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let mut conference = store::lock(&mut tx, id)
        .await?
        .ok_or_else(|| no_conference(id.as_str()))?;
    let before = conference.meeting.clone();
    let mut events = Vec::new();
    for command in commands(&conference)? {
        let decided = conference.meeting.decide(now, command)?;
        decided
            .iter()
            .for_each(|event| conference.meeting.apply(event));
        events.extend(decided);
    }
    finish(tx, &before, conference, &events, actor, now).await
}

async fn finish(
    mut tx: Tx,
    before: &Meeting,
    mut conference: Conference,
    events: &[Event],
    actor: &str,
    now: Millis,
) -> Result<Conference, Failure> {
    if events.is_empty() {
        return Ok(conference);
    }
    stamp(&mut conference, before.phase, now);
    store::save(&mut tx, before, &conference).await?;
    tx.append_all(entries::of_events(&conference, events, actor), now)
        .await?;
    tx.commit().await?;
    Ok(conference)
}

/// Version and times of a conference whose meeting has just changed.
pub(super) fn stamp(conference: &mut Conference, before: Phase, now: Millis) {
    conference.version += 1;
    match (before, conference.meeting.phase) {
        (Phase::Planned, Phase::Running) => conference.started_at = Some(now),
        (Phase::Planned | Phase::Running, Phase::Ended) => conference.ended_at = Some(now),
        _ => {}
    }
}

pub(super) fn checked_title(title: &str) -> Result<String, Refusal> {
    let title = title.trim();
    if title.is_empty() || title.chars().count() > TITLE_MAX {
        return Err(invalid(
            "title",
            format!("会议名称须为 1 至 {TITLE_MAX} 字。"),
            format!("A title has 1 to {TITLE_MAX} characters."),
        ));
    }
    Ok(title.to_owned())
}

/// One line for the called venues.
pub(super) fn checked_reason(reason: &str) -> Result<String, Refusal> {
    let reason = reason.trim();
    if reason.chars().count() > REASON_MAX || reason.contains('\n') {
        return Err(invalid(
            "reason",
            format!("会议事由为一行，最多 {REASON_MAX} 字。"),
            format!("A reason is one line of at most {REASON_MAX} characters."),
        ));
    }
    Ok(reason.to_owned())
}

async fn venue(tx: &mut Tx, id: &VenueId) -> Result<Venue, Failure> {
    registry::by_id(tx, id)
        .await?
        // A person's seat belongs to one conference; it is nobody's to invite again.
        .filter(|venue| venue.kind != VenueKind::Person)
        .ok_or_else(|| no_venue(id.as_str()).into())
}

pub(super) fn invite(
    meeting: &mut Meeting,
    row: &Venue,
    now: Millis,
) -> Result<Vec<Event>, Refused> {
    let command = Command::Invite {
        venue: row.id.clone(),
        kind: row.kind,
        remote_open_ok: row.remote_open_ok,
    };
    let events = meeting.decide(now, command)?;
    events.iter().for_each(|event| meeting.apply(event));
    Ok(events)
}
