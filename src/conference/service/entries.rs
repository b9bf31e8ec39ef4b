//! Journal entries of a conference: one per event, addressed to everybody whose picture or sound it may change.

use serde_json::{Value, json};

use crate::conference::meeting::Event;
use crate::conference::model::{Conference, Venue};
use crate::conference::store::links::Link;
use crate::conference::wire;
use crate::identity::VenueId;
use crate::platform::journal::Draft;

/// `conference` is the state after the events.
pub fn of_events(conference: &Conference, events: &[Event], actor: &str) -> Vec<Draft> {
    events
        .iter()
        .map(|event| of_event(conference, event, actor))
        .collect()
}

pub fn created(conference: &Conference, actor: &str) -> Draft {
    let payload = json!({ "title": conference.title, "kind": conference.kind.word(), "incident_id": conference.incident_id });
    let everybody = conference.meeting.seats.keys().collect();
    draft(conference, "conference.created", everybody, payload, actor)
}

/// An invitation's life; the secret itself is never told.
pub fn of_link(conference: &Conference, kind: &'static str, link: &Link, actor: &str) -> Draft {
    let payload = json!({
        "link_id": link.id, "venue_id": link.venue, "name": link.name, "reference": link.reference,
        "expires_at": link.invitation.expires_at,
    });
    draft(conference, kind, vec![&link.venue], payload, actor)
}

pub fn of_venue(venue: &Venue, kind: &'static str, actor: &str) -> Draft {
    Draft {
        kind,
        entity: venue.id.to_string(),
        entity_version: venue.version,
        jurisdiction: venue.division.as_str().to_owned(),
        topics: vec!["venue".to_owned(), format!("venue/{}", venue.id)],
        actor: actor.to_owned(),
        payload: json!(wire::Venue::from(venue)),
    }
}

fn of_event(conference: &Conference, event: &Event, actor: &str) -> Draft {
    let Some(venue) = about(event) else {
        let everybody = conference.meeting.seats.keys().collect();
        return draft(
            conference,
            kind(event),
            everybody,
            json!({ "phase": conference.meeting.phase.word() }),
            actor,
        );
    };
    let concerned: Vec<&VenueId> = if *venue == conference.meeting.active_main {
        conference.meeting.seats.keys().collect()
    } else {
        vec![venue]
    };
    let row = conference
        .venues
        .get(venue)
        .zip(conference.meeting.seats.get(venue));
    let seat = row.map(|(row, seat)| wire::roster_row(conference, row, seat));
    draft(
        conference,
        kind(event),
        concerned,
        json!({ "venue_id": venue, "seat": seat }),
        actor,
    )
}

fn draft(
    conference: &Conference,
    kind: &'static str,
    concerned: Vec<&VenueId>,
    mut payload: Value,
    actor: &str,
) -> Draft {
    payload["conference_id"] = json!(conference.id);
    let own = [
        "conference".to_owned(),
        format!("conference/{}", conference.id),
    ];
    Draft {
        kind,
        entity: conference.id.to_string(),
        entity_version: conference.version,
        jurisdiction: conference.division.as_str().to_owned(),
        topics: own
            .into_iter()
            .chain(concerned.into_iter().map(|venue| format!("venue/{venue}")))
            .collect(),
        actor: actor.to_owned(),
        payload,
    }
}

fn about(event: &Event) -> Option<&VenueId> {
    match event {
        Event::Started | Event::Ended => None,
        Event::VenueInvited { venue, .. }
        | Event::VenueCalled { venue, .. }
        | Event::VenueRang { venue, .. }
        | Event::VenueJoined { venue, .. }
        | Event::VenueLost { venue, .. }
        | Event::VenueRedialled { venue, .. }
        | Event::VenueLeft { venue }
        | Event::VenueWentElsewhere { venue, .. }
        | Event::VenueHungUp { venue }
        | Event::VenueRemoved { venue }
        | Event::VenueFailed { venue, .. }
        | Event::MicClosed { venue, .. }
        | Event::MicOpened { venue, .. }
        | Event::SpeakerClosed { venue }
        | Event::SpeakerOpened { venue } => Some(venue),
    }
}

fn kind(event: &Event) -> &'static str {
    match event {
        Event::Started => "conference.started",
        Event::Ended => "conference.ended",
        Event::VenueInvited { .. } => "conference.venue_invited",
        Event::VenueCalled { .. } => "conference.venue_called",
        Event::VenueRang { .. } => "conference.venue_rang",
        Event::VenueJoined { .. } => "conference.venue_joined",
        Event::VenueLost { .. } => "conference.venue_lost",
        Event::VenueRedialled { .. } => "conference.venue_redialled",
        Event::VenueLeft { .. } => "conference.venue_left",
        Event::VenueWentElsewhere { .. } => "conference.venue_went_elsewhere",
        Event::VenueHungUp { .. } => "conference.venue_hung_up",
        Event::VenueRemoved { .. } => "conference.venue_removed",
        Event::VenueFailed { .. } => "conference.venue_failed",
        Event::MicClosed { .. } => "conference.mic_closed",
        Event::MicOpened { .. } => "conference.mic_opened",
        Event::SpeakerClosed { .. } => "conference.speaker_closed",
        Event::SpeakerOpened { .. } => "conference.speaker_opened",
    }
}
