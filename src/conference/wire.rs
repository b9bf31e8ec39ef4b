//! What venues and conferences look like in JSON.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::incoming::{Answer, AnswerRule, Urgency, Why};
use super::invitation::State;
use super::link::MediaFigures;
use super::meeting::{Phase, Seat};
use super::microphone::ClosedBy;
use super::model::{self, ConferenceId, Invitee, Kind, Level, LinkId, VenueKind};
use super::roster::{Connection, Reason};
use super::routing::{SlotContent, SlotMap};
use super::tree;
use super::view::Picture;
use crate::identity::VenueId;
use crate::platform::{Millis, http::contract::one_of};

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Venue)]
pub struct Venue {
    #[schema(value_type = String)]
    pub id: VenueId,
    pub name: String,
    pub short_name: String,
    /// Division code, significant digits.
    pub division: String,
    #[schema(value_type = Level)]
    pub level: String,
    #[schema(value_type = VenueKind)]
    pub kind: String,
    /// Control may open its microphone.
    pub remote_open_ok: bool,
    /// What it does with a call nobody touches: `always` takes it and leaves a meeting for a consultation,
    /// `when_free` takes it when it sits in no meeting, `never`.
    #[schema(value_type = AnswerRule)]
    pub answer_rule: String,
    pub version: i64,
}

impl From<&model::Venue> for Venue {
    fn from(venue: &model::Venue) -> Self {
        Self {
            id: venue.id.clone(),
            name: venue.name.clone(),
            short_name: venue.short_name.clone(),
            division: venue.division.as_str().to_owned(),
            level: venue.level.word().to_owned(),
            kind: venue.kind.word().to_owned(),
            remote_open_ok: venue.remote_open_ok,
            answer_rule: venue.answer_rule.word().to_owned(),
            version: venue.version,
        }
    }
}

fn roles() -> utoipa::openapi::Schema {
    one_of(&["main", "standby", "branch"])
}

/// What a client says about a venue.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VenueDraft {
    /// Chosen by the client so that a repeated request creates nothing twice; drawn by the server when absent.
    #[schema(value_type = Option<String>)]
    pub id: Option<VenueId>,
    pub name: String,
    /// The name when absent.
    pub short_name: Option<String>,
    pub division: String,
    #[schema(value_type = Level)]
    pub level: String,
    #[schema(value_type = VenueKind)]
    pub kind: String,
    #[serde(default)]
    pub remote_open_ok: bool,
    /// `always` when absent.
    #[schema(value_type = Option<AnswerRule>)]
    pub answer_rule: Option<String>,
    /// On a change: the version it is based on.
    #[serde(default)]
    pub version: i64,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DivisionVenues {
    pub division: String,
    pub venues: Vec<Venue>,
    #[schema(no_recursion)]
    pub children: Vec<DivisionVenues>,
}

impl From<tree::Branch> for DivisionVenues {
    fn from(branch: tree::Branch) -> Self {
        Self {
            division: branch.division.as_str().to_owned(),
            venues: branch.venues.iter().map(Venue::from).collect(),
            children: branch.children.into_iter().map(Self::from).collect(),
        }
    }
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
pub struct UnderDivision {
    /// Only this division and everything under it; the caller's own when absent.
    pub division: Option<String>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Conference {
    #[schema(value_type = String)]
    pub id: ConferenceId,
    pub title: String,
    #[schema(value_type = Kind)]
    pub kind: String,
    pub division: String,
    pub incident_id: Option<String>,
    #[schema(value_type = Phase)]
    pub phase: String,
    #[schema(value_type = String)]
    pub active_main: VenueId,
    #[schema(value_type = Option<String>)]
    pub standby_main: Option<VenueId>,
    pub self_open_ok: bool,
    pub closed_on_entry: bool,
    pub roster: Vec<RosterRow>,
    pub people: Vec<Invitee>,
    /// Who called it together.
    pub convener: String,
    pub reason: String,
    pub created_at: Millis,
    pub started_at: Option<Millis>,
    pub ended_at: Option<Millis>,
    pub version: i64,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RosterRow {
    #[schema(value_type = String)]
    pub venue_id: VenueId,
    pub name: String,
    pub short_name: String,
    pub division: String,
    #[schema(value_type = Level)]
    pub level: String,
    #[schema(value_type = VenueKind)]
    pub kind: String,
    #[schema(schema_with = roles)]
    pub role: String,
    pub position: i64,
    pub connection: ConnectionState,
    pub mic: Mic,
    pub speaker_closed: bool,
    pub remote_open_ok: bool,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConnectionState {
    #[schema(value_type = Connection)]
    pub state: String,
    pub since_at: Option<Millis>,
    /// Redials made since the connection broke.
    pub attempt: u8,
    /// Of `failed`.
    #[schema(value_type = Option<Reason>)]
    pub reason: Option<String>,
}

impl From<Connection> for ConnectionState {
    fn from(connection: Connection) -> Self {
        Self {
            state: connection.word().to_owned(),
            since_at: connection.since(),
            attempt: connection.redials(),
            reason: connection.reason().map(|reason| reason.word().to_owned()),
        }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Mic {
    pub closed: bool,
    #[schema(value_type = Option<ClosedBy>)]
    pub by: Option<String>,
}

impl From<&Seat> for Mic {
    fn from(seat: &Seat) -> Self {
        let by = seat.microphone.closed_by();
        Self {
            closed: by.is_some(),
            by: by.map(|by| by.word().to_owned()),
        }
    }
}

impl From<&model::Conference> for Conference {
    fn from(conference: &model::Conference) -> Self {
        let meeting = &conference.meeting;
        Self {
            id: conference.id.clone(),
            title: conference.title.clone(),
            kind: conference.kind.word().to_owned(),
            division: conference.division.as_str().to_owned(),
            incident_id: conference.incident_id.clone(),
            phase: meeting.phase.word().to_owned(),
            active_main: meeting.active_main.clone(),
            standby_main: meeting.standby_main.clone(),
            self_open_ok: meeting.self_open_ok,
            closed_on_entry: meeting.closed_on_entry,
            roster: conference
                .roster()
                .map(|(venue, seat)| roster_row(conference, venue, seat))
                .collect(),
            people: conference.people.clone(),
            convener: conference.convener.clone(),
            reason: conference.reason.clone(),
            created_at: conference.created_at,
            started_at: conference.started_at,
            ended_at: conference.ended_at,
            version: conference.version,
        }
    }
}

pub fn roster_row(conference: &model::Conference, venue: &model::Venue, seat: &Seat) -> RosterRow {
    RosterRow {
        venue_id: venue.id.clone(),
        name: venue.name.clone(),
        short_name: venue.short_name.clone(),
        division: venue.division.as_str().to_owned(),
        level: venue.level.word().to_owned(),
        kind: seat.kind.word().to_owned(),
        role: conference.meeting.role(&venue.id).to_owned(),
        position: seat.position,
        connection: seat.connection.into(),
        mic: seat.into(),
        speaker_closed: seat.speaker_closed,
        remote_open_ok: seat.remote_open_ok,
    }
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConferenceDraft {
    #[schema(value_type = Option<String>)]
    pub id: Option<ConferenceId>,
    pub title: String,
    /// The caller's own division when absent.
    pub division: Option<String>,
    #[schema(value_type = String)]
    pub active_main: VenueId,
    #[schema(value_type = Option<String>)]
    pub standby_main: Option<VenueId>,
    /// Further venues, in the order of the roster.
    #[schema(value_type = Vec<String>)]
    pub venues: Vec<VenueId>,
    /// 入会闭麦. Default: yes.
    pub closed_on_entry: Option<bool>,
    /// A venue may open what only the meeting's policy closed. Default: no.
    #[serde(default)]
    pub self_open_ok: bool,
    /// Why, in one line; the called venues are told.
    #[serde(default)]
    pub reason: String,
}

/// Which venue a command is about; a terminal may leave it out and means itself.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfVenue {
    #[schema(value_type = Option<String>)]
    pub venue_id: Option<VenueId>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfVenues {
    #[schema(value_type = Vec<String>)]
    pub venue_ids: Vec<VenueId>,
}

/// `call` without venues calls everybody on the roster who is not in and was not hung up.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Calls {
    #[schema(value_type = Option<Vec<String>>)]
    pub venue_ids: Option<Vec<VenueId>>,
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
pub struct ListConferences {
    /// `planned`, `running`, `ended`
    pub phase: Option<String>,
    pub incident_id: Option<String>,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// 1–200, 50 when absent.
    pub limit: Option<i64>,
}

/// What one venue sees, hears and is told about itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VenueView {
    #[schema(value_type = String)]
    pub conference_id: ConferenceId,
    pub title: String,
    #[schema(value_type = Phase)]
    pub phase: String,
    pub version: i64,
    /// The venue's own row.
    pub own: RosterRow,
    /// The active main venue's row.
    pub main: RosterRow,
    #[schema(value_type = Picture)]
    pub picture: String,
    /// Venues in the picture, in order.
    pub shown: Vec<RosterRow>,
    /// Its picture goes to everybody else.
    pub on_air: bool,
    /// Venues it hears.
    #[schema(value_type = Vec<String>)]
    pub heard: Vec<VenueId>,
    /// Which venue each media line (`mid`) of its receive connection carries; empty without a connection.
    pub slots: Vec<SlotContent>,
}

pub fn view(
    conference: &model::Conference,
    of: &VenueId,
    picture: &Picture,
    map: SlotMap,
) -> Option<VenueView> {
    let row = |id: &VenueId| {
        let seat = conference.meeting.seats.get(id)?;
        Some(roster_row(conference, conference.venues.get(id)?, seat))
    };
    Some(VenueView {
        conference_id: conference.id.clone(),
        title: conference.title.clone(),
        phase: conference.meeting.phase.word().to_owned(),
        version: conference.version,
        own: row(of)?,
        main: row(&conference.meeting.active_main)?,
        picture: picture.word().to_owned(),
        shown: picture.venues().iter().filter_map(row).collect(),
        on_air: conference.meeting.on_air(of),
        heard: map.heard,
        slots: map.slots,
    })
}

/// What a venue's terminal has to follow: where it sits, who calls, where it may go back to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VenueCalls {
    #[schema(value_type = String)]
    pub venue_id: VenueId,
    pub name: String,
    #[schema(value_type = AnswerRule)]
    pub answer_rule: String,
    #[schema(value_type = Option<String>)]
    pub seated: Option<ConferenceId>,
    /// The most urgent first.
    pub calls: Vec<IncomingCall>,
    /// The meeting it left for another one and may go back to.
    pub back: Option<BackTo>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BackTo {
    #[schema(value_type = String)]
    pub conference_id: ConferenceId,
    pub title: String,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IncomingCall {
    #[schema(value_type = String)]
    pub conference_id: ConferenceId,
    pub title: String,
    #[schema(value_type = Urgency)]
    pub urgency: String,
    /// Who calls.
    pub convener: String,
    pub main_venue: String,
    /// Why; may be empty.
    pub reason: String,
    /// `calling`: the terminal has not acknowledged the call with `ring`; `ringing`; `failed`: it was missed.
    #[schema(value_type = Connection)]
    pub state: String,
    pub since_at: Millis,
    /// When the call fails; absent when it was missed and is made up for.
    pub until_at: Option<Millis>,
    #[schema(value_type = Answer)]
    pub answer: String,
    pub answer_at: Option<Millis>,
    /// Of `asked`.
    #[schema(value_type = Option<Why>)]
    pub why: Option<String>,
}

/// Whom an invitation is for: one of the conference's people.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkFor {
    pub reference: String,
}

/// An invitation to join as one person, without its secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JoinLink {
    #[schema(value_type = String)]
    pub id: LinkId,
    #[schema(value_type = String)]
    pub venue_id: VenueId,
    pub name: String,
    pub reference: String,
    #[schema(value_type = State)]
    pub state: String,
    pub created_at: Millis,
    pub expires_at: Millis,
    pub used_at: Option<Millis>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IssuedLink {
    #[serde(flatten)]
    pub link: JoinLink,
    /// Shown once. The address is `/join#<token>` on this server.
    pub token: String,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JoinLinks {
    pub items: Vec<JoinLink>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkToken {
    pub token: String,
    /// Drawn by the client, at least 256 bits as base64url; sent as `Authorization: Bearer` afterwards.
    pub key: String,
}

/// What the client's key opens: one person's seat in one conference, WHIP and WHEP included.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GuestSeat {
    pub expires_at: Millis,
    #[schema(value_type = String)]
    pub conference_id: ConferenceId,
    #[schema(value_type = String)]
    pub venue_id: VenueId,
    pub title: String,
    pub name: String,
}

/// A secret that lets an encoder or terminal publish and receive as one venue in one conference.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MediaToken {
    /// Shown once; send it as `Authorization: Bearer`.
    pub token: String,
    pub expires_at: Millis,
}

/// What the media server measures per venue.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConferenceMedia {
    pub venues: Vec<MediaFigures>,
}
