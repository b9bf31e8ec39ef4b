//! The steps of looking around an incident and of opening its consultation.

use serde_json::json;

use super::{
    proposal::{self, Asked, Because},
    refusal::No,
    wire::Opening,
};
use crate::{
    conference::{self, Conference, Consultation, Invitee, Venue},
    expert::{self, ExpertId, ExpertMatch, Need},
    identity::{Action, Actor, policy},
    incident::{self, Incident, IncidentId},
    infrastructure::{self, Atlas, Found, Kind, Question},
    platform::{Ctx, Failure, journal::Draft},
};

/// Experts proposed when the page asks for no number.
pub const MATCHES: usize = 8;
const EXPERTS_MAX: usize = 50;
/// A conference's reason is one line, characters.
const REASON_MAX: usize = 200;
/// Assets shown inside the circle.
const INSIDE_MAX: usize = 500;

/// What to look for around an incident.
#[derive(Clone, Debug)]
pub struct Circle {
    pub radius_m: f64,
    /// Only these kinds inside the circle; all when empty.
    pub kinds: Vec<&'static Kind>,
    /// How many of each helpful kind.
    pub nearest: usize,
}

/// What lies inside the circle, and the nearest of each kind that helps with such an incident.
///
/// # Errors
/// When the incident has no place, or the actor may not read it or the registry.
#[tracing::instrument(name = "consultation.surroundings", skip_all, fields(incident.id = %id))]
pub async fn surroundings(
    ctx: &Ctx,
    atlas: &Atlas,
    who: &Actor,
    id: &IncidentId,
    circle: Circle,
) -> Result<(Found, Found), Failure> {
    let incident = incident::readable(ctx, who, id).await?;
    let place = place(&incident).ok_or(No::PlaceUnknown)?;
    let question = |kinds, limit| Question {
        place,
        kinds,
        limit,
    };
    let inside = question(circle.kinds, INSIDE_MAX);
    let inside = infrastructure::within(ctx, atlas, who, &inside, circle.radius_m).await?;
    let suitable = infrastructure::suitable_kinds(incident.category.slug());
    let nearest = question(suitable, circle.nearest);
    let nearest = infrastructure::nearest(ctx, atlas, who, &nearest).await?;
    Ok((inside, nearest))
}

/// The experts that fit the incident, best first, with the reasons.
///
/// # Errors
/// When the actor may not read the incident or the experts.
pub async fn expert_matches(
    ctx: &Ctx,
    who: &Actor,
    id: &IncidentId,
    limit: usize,
) -> Result<Vec<ExpertMatch>, Failure> {
    let incident = incident::readable(ctx, who, id).await?;
    expert::matches(ctx, who, &need(&incident), limit).await
}

/// Whom one click would bring together.
#[derive(Clone, Debug)]
pub struct Proposal {
    pub title: String,
    pub venues: Vec<(Venue, Because)>,
    pub experts: Vec<ExpertMatch>,
}

/// # Errors
/// When the actor may not open a consultation about this incident.
#[tracing::instrument(name = "consultation.propose", skip_all, fields(incident.id = %id))]
pub async fn propose(ctx: &Ctx, who: &Actor, id: &IncidentId) -> Result<Proposal, Failure> {
    let incident = about(ctx, who, id).await?;
    let known = conference::venues_under(ctx, who, None).await?;
    let asked = Asked {
        actor: &who.division,
        own: who.venue_id.as_ref(),
        incident: &incident.division,
    };
    Ok(Proposal {
        title: proposal::title(&incident.title),
        venues: proposal::venues(asked, &known),
        experts: expert::matches(ctx, who, &need(&incident), MATCHES).await?,
    })
}

/// Opens the meeting: its venues ring at once, the experts stand on its roster, the incident's timeline knows.
///
/// # Errors
/// When the actor may not, or a venue or an expert is unknown or out of his reach.
#[tracing::instrument(name = "consultation.open", skip_all, fields(incident.id = %id))]
pub async fn open(
    ctx: &Ctx,
    who: &Actor,
    id: &IncidentId,
    opening: Opening,
) -> Result<Conference, Failure> {
    let incident = about(ctx, who, id).await?;
    for venue in &opening.venue_ids {
        // Read only to refuse venues he may not see: whom one can ring is whom one can find.
        conference::venue(ctx, who, venue).await?;
    }
    let people = invited(ctx, who, &opening.expert_ids).await?;
    let wanted = Consultation {
        id: opening.id,
        incident_id: incident.id.to_string(),
        title: opening
            .title
            .unwrap_or_else(|| proposal::title(&incident.title)),
        reason: reason(&incident),
        venues: opening.venue_ids,
        people,
    };
    conference::open_consultation(ctx, who, wanted, |opened| entry(&incident, who, opened)).await
}

/// What and where, for people who hear of it only now. Where something sensitive happened stays inside.
fn reason(incident: &Incident) -> String {
    let exercise = incident.exercise.then_some("演练");
    let place = Some(incident.place.text.as_str())
        .filter(|text| incident.sensitive.is_empty() && !text.is_empty());
    let parts = exercise
        .into_iter()
        .chain([incident.category.entry().zh])
        .chain(place);
    parts
        .collect::<Vec<_>>()
        .join(" · ")
        .chars()
        .take(REASON_MAX)
        .collect()
}

async fn invited(ctx: &Ctx, who: &Actor, ids: &[ExpertId]) -> Result<Vec<Invitee>, Failure> {
    let mut once: Vec<ExpertId> = Vec::new();
    for id in ids {
        if !once.contains(id) {
            once.push(id.clone());
        }
    }
    if once.len() > EXPERTS_MAX {
        return Err(No::TooManyExperts { most: EXPERTS_MAX }.into());
    }
    let experts = expert::by_ids(ctx, who, &once).await?;
    let invitee = |expert: expert::Expert| Invitee {
        name: expert.name,
        reference: format!("expert/{}", expert.id),
    };
    Ok(experts.into_iter().map(invitee).collect())
}

/// The incident, if the actor may open a consultation about it.
async fn about(ctx: &Ctx, who: &Actor, id: &IncidentId) -> Result<Incident, Failure> {
    let incident = incident::readable(ctx, who, id).await?;
    policy::may(who, Action::OpenConsultation, &incident.division)?;
    Ok(incident)
}

fn place(incident: &Incident) -> Option<[f64; 2]> {
    incident.place.point.map(|point| [point.lon, point.lat])
}

fn need(incident: &Incident) -> Need {
    Need {
        category: incident.category.slug().to_owned(),
        division: incident.division.clone(),
        place: place(incident),
        orgs: Vec::new(),
    }
}

/// A line of the incident's timeline. The incident itself stays as it was, so its row is not in it.
fn entry(incident: &Incident, who: &Actor, opened: &Conference) -> Draft {
    let venues: Vec<&str> = opened
        .roster()
        .map(|(venue, _)| venue.name.as_str())
        .collect();
    let experts: Vec<&str> = opened
        .people
        .iter()
        .map(|person| person.name.as_str())
        .collect();
    Draft {
        kind: "incident.consultation_opened",
        entity: incident.id.to_string(),
        entity_version: incident.version,
        jurisdiction: incident.division.as_str().to_owned(),
        topics: vec!["incident".to_owned(), format!("incident/{}", incident.id)],
        actor: who.account_id.to_string(),
        payload: json!({
            "by": who.name,
            "conference_id": opened.id,
            "title": opened.title,
            "venues": venues,
            "experts": experts,
        }),
    }
}
