//! Journal entries of recordings. That one runs is told to everybody in the conference; what is in it is not.

use serde_json::{Value, json};

use crate::conference::Conference;
use crate::platform::journal::Draft;
use crate::recording::model::{EndedWhy, Recording, Segment};
use crate::recording::wire;

/// Told in the conference and at each of its venues.
pub fn started(recording: &Recording, conference: &Conference, actor: &str) -> Draft {
    let payload = json!({ "by": recording.started_by });
    public(recording, conference, "recording.started", payload, actor)
}

pub fn stopped(
    recording: &Recording,
    conference: &Conference,
    why: EndedWhy,
    actor: &str,
) -> Draft {
    let kind = if why.is_alarm() {
        "recording.alarm"
    } else {
        "recording.stopped"
    };
    public(
        recording,
        conference,
        kind,
        json!({ "why": why.word() }),
        actor,
    )
}

/// The catalogue's line with the file's hash: a changed file no longer fits the journal's chain.
pub fn segment_kept(recording: &Recording, segment: &Segment) -> Draft {
    let payload = json!({ "segment": wire::Segment::from(segment), "hash_algorithm": "sm3" });
    own(recording, "recording.segment_kept", payload, "system")
}

/// Somebody plays a segment or takes a copy of it away.
pub fn opened(recording: &Recording, segment: &Segment, download: bool, actor: &str) -> Draft {
    let kind = if download {
        "recording.downloaded"
    } else {
        "recording.played"
    };
    let payload = json!({
        "segment_id": segment.id,
        "venue_id": segment.venue_id,
        "file": segment.file,
    });
    own(recording, kind, payload, actor)
}

fn own(recording: &Recording, kind: &'static str, mut payload: Value, actor: &str) -> Draft {
    payload["conference_id"] = json!(recording.conference_id);
    payload["recording_id"] = json!(recording.id);
    Draft {
        kind,
        entity: recording.id.to_string(),
        entity_version: recording.version,
        jurisdiction: recording.division.as_str().to_owned(),
        topics: vec![
            "recording".to_owned(),
            format!("recording/{}", recording.id),
        ],
        actor: actor.to_owned(),
        payload,
    }
}

fn public(
    recording: &Recording,
    conference: &Conference,
    kind: &'static str,
    payload: Value,
    actor: &str,
) -> Draft {
    let mut draft = own(recording, kind, payload, actor);
    draft.topics.push(format!("conference/{}", conference.id));
    let venues = conference.roster().map(|(venue, _)| &venue.id);
    draft
        .topics
        .extend(venues.map(|venue| format!("venue/{venue}")));
    draft
}
