//! What reaches a venue's terminal: its seat, its calls, the meeting it may go back to.

use crate::conference::incoming::{AnswerRule, Call, Place, Urgency, desk};
use crate::conference::model::{Conference, Venue};
use crate::conference::refusals::{no_venue, not_your_venue};
use crate::conference::store::{conferences as store, venues as registry};
use crate::conference::wire::{BackTo, IncomingCall, VenueCalls};
use crate::identity::{Action, Actor, VenueId, policy};
use crate::platform::{Ctx, Failure};

/// For the venue's own terminal, and for whoever runs conferences where it stands.
#[tracing::instrument(name = "venue.calls", skip_all, fields(venue.id = %id))]
pub async fn of_venue(ctx: &Ctx, who: &Actor, id: &VenueId) -> Result<VenueCalls, Failure> {
    let venue = registry::read(&ctx.db, id)
        .await?
        .ok_or_else(|| no_venue(id.as_str()))?;
    let hosts = || policy::may(who, Action::RunConference, &venue.division).is_ok();
    if who.venue_id.as_ref() != Some(id) && !hosts() {
        return Err(not_your_venue(id).into());
    }
    let mut open = Vec::new();
    for id in store::of_venue(&ctx.db, id).await? {
        open.extend(store::by_id(&ctx.db, &id).await?);
    }
    Ok(seen(&venue, venue.answer_rule, &open))
}

fn seen(venue: &Venue, rule: AnswerRule, open: &[Conference]) -> VenueCalls {
    // One that ended between the two readings has no place any more.
    let open: Vec<&Conference> = open
        .iter()
        .filter(|conference| conference.meeting.seats.contains_key(&venue.id))
        .collect();
    let place = |conference: &&Conference| Place {
        kind: conference.kind,
        phase: conference.meeting.phase,
        leads: conference.meeting.active_main == venue.id,
        connection: conference.meeting.seats[&venue.id].connection,
    };
    let places: Vec<Place> = open.iter().map(place).collect();
    let desk = desk(rule, &places);
    VenueCalls {
        venue_id: venue.id.clone(),
        name: venue.name.clone(),
        answer_rule: rule.word().to_owned(),
        seated: desk.seated.map(|at| open[at].id.clone()),
        calls: desk
            .calls
            .iter()
            .map(|call| incoming(open[call.place], &places[call.place], call))
            .collect(),
        back: desk.back.map(|at| BackTo {
            conference_id: open[at].id.clone(),
            title: open[at].title.clone(),
        }),
    }
}

fn incoming(conference: &Conference, place: &Place, call: &Call) -> IncomingCall {
    let main = conference.venues.get(&conference.meeting.active_main);
    IncomingCall {
        conference_id: conference.id.clone(),
        title: conference.title.clone(),
        urgency: Urgency::from(conference.kind).word().to_owned(),
        convener: conference.convener.clone(),
        main_venue: main.map(|venue| venue.name.clone()).unwrap_or_default(),
        reason: conference.reason.clone(),
        state: place.connection.word().to_owned(),
        since_at: call.since,
        until_at: call.until,
        answer: call.answer.word().to_owned(),
        answer_at: call.answer.at(),
        why: call.answer.why().map(|why| why.word().to_owned()),
    }
}
