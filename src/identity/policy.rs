//! Who may do what, to which class of data, where: the whole permission policy in one table.
//!
//! A right is *role × jurisdiction subtree × data class*. A line says which roles may do an action, how
//! far from home, and which routes carry it out. The guard in front of the router refuses every route
//! that has no line here, and a test compares the lines with the OpenAPI document, so nothing is open by
//! forgetting. Adding a capability means adding one line, in alphabetical order.

use serde::Serialize;

use super::model::{Actor, Role};
use crate::region::DivisionCode;

/// What sort of data an action touches. The three administrators never touch `Business` or `Personal`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum DataClass {
    /// Incidents, meetings, orders, resources.
    Business,
    /// Telephone numbers and other data of private persons; every reading is audited.
    Personal,
    /// Divisions, base map, code tables.
    Reference,
    /// Accounts, devices, sessions.
    Accounts,
    /// Who did what, and whether the journal is whole.
    Audit,
}

/// How far from the actor's own division an action reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Reach {
    /// His division and everything under it.
    Subtree,
    /// Also the divisions above his own: a county takes part in the city's meeting.
    Lineage,
    /// Not bound to a place.
    Anywhere,
}

/// One line of the table.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Rule {
    pub action: Action,
    pub class: DataClass,
    pub reach: Reach,
    pub roles: &'static [Role],
    /// `METHOD /path` under `/api/v1`, as in the OpenAPI document.
    pub routes: &'static [&'static str],
}

/// Why an action is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// None of his roles may do it anywhere.
    Role(Action),
    /// His role may, but not there.
    Jurisdiction(Action),
}

use Role::{
    AuditAdmin, Dispatcher, DutyOfficer, Leader, Operator, Planner, SecurityAdmin, SystemAdmin,
    Venue,
};

const EVERYONE: &[Role] = &Role::ALL;
/// Everybody who works with business data at a desk.
const STAFF: &[Role] = &[Leader, DutyOfficer, Dispatcher, Operator, Planner];
const STAFF_AND_VENUES: &[Role] = &[Leader, DutyOfficer, Dispatcher, Operator, Planner, Venue];
/// The desks that handle incidents.
const DESK: &[Role] = &[Leader, DutyOfficer, Dispatcher];
/// Deciding on an incident as a whole.
const COMMAND: &[Role] = &[Leader, DutyOfficer];
/// Running meetings.
const CONTROL: &[Role] = &[Leader, DutyOfficer, Operator];
const ADMINISTRATORS: &[Role] = &[SystemAdmin, SecurityAdmin, AuditAdmin];

macro_rules! policy {
    ($($(#[$note:meta])* $action:ident: $class:ident, $reach:ident, $roles:expr, [$($route:literal),* $(,)?];)*) => {
        /// Everything that needs a permission, by name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub enum Action { $($(#[$note])* $action),* }

        /// The table.
        pub const RULES: &[Rule] = &[$(Rule {
            action: Action::$action,
            class: DataClass::$class,
            reach: Reach::$reach,
            roles: $roles,
            routes: &[$($route),*],
        }),*];
    };
}

policy! {
    ArchiveIncident: Business, Subtree, COMMAND, ["POST /incidents/{id}/archive"];
    AssessIncident: Business, Subtree, DESK, ["POST /incidents/levels/propose"];
    /// A venue's own part in a meeting, by its terminal or by whoever sits in front of it.
    AttendConference: Business, Lineage, STAFF_AND_VENUES, [
        "POST /conferences/{id}/join",
        "POST /conferences/{id}/rejoin",
        "POST /conferences/{id}/ring",
        "POST /conferences/{id}/answer",
        "POST /conferences/{id}/decline",
        "POST /conferences/{id}/leave",
        "POST /conferences/{id}/close-mic",
        "POST /conferences/{id}/open-mic",
        "POST /conferences/{id}/close-speaker",
        "POST /conferences/{id}/open-speaker",
        "POST /conferences/{id}/venues/{venue}/media-token",
        "GET /venues/{id}/calls",
    ];
    ChangeIncident: Business, Subtree, DESK, ["PATCH /incidents/{id}", "POST /incidents/{id}/figures"];
    CloseIncident: Business, Subtree, COMMAND, ["POST /incidents/{id}/close"];
    ConfirmIncident: Business, Subtree, COMMAND, ["POST /incidents/{id}/confirm"];
    ControlIncident: Business, Subtree, DESK, ["POST /incidents/{id}/control"];
    DismissIncident: Business, Subtree, COMMAND, ["POST /incidents/{id}/dismiss"];
    /// Accounts exist without any right until the security administrator grants one.
    EditAccounts: Accounts, Anywhere, &[SystemAdmin], [
        "POST /accounts",
        "PUT /accounts/{id}",
        "POST /accounts/{id}/disable",
        "POST /accounts/{id}/enable",
        "POST /accounts/{id}/reset-password",
        "POST /accounts/{id}/unlock",
    ];
    EditAssets: Business, Subtree, &[Planner], ["POST /assets", "PUT /assets/{id}", "POST /assets/import"];
    EditExperts: Business, Subtree, &[Planner], ["POST /experts", "PUT /experts/{id}", "POST /experts/import"];
    EditVenues: Business, Subtree, &[Operator, Planner], ["POST /venues", "PUT /venues/{id}", "DELETE /venues/{id}"];
    EnrolDevice: Accounts, Subtree, &[SystemAdmin, Operator], ["POST /devices", "GET /devices", "DELETE /devices/{id}"];
    GrantRoles: Accounts, Anywhere, &[SecurityAdmin], ["PUT /accounts/{id}/roles", "POST /accounts/{id}/reset-totp"];
    ImportCalls: Business, Subtree, &[DutyOfficer, Dispatcher, Planner], [
        "POST /call-imports",
        "GET /call-imports",
        "GET /call-imports/{id}",
        "GET /call-imports/{id}/look",
        "GET /call-imports/{id}/problems",
        "GET /call-imports/{id}/proposals",
        "POST /call-imports/{id}/preview",
        "POST /call-imports/{id}/start",
        "POST /call-imports/{id}/undo",
    ];
    ImportDivisions: Reference, Anywhere, &[SystemAdmin, Planner], ["POST /divisions/import", "POST /boundaries/import"];
    MergeIncident: Business, Subtree, DESK, ["POST /incidents/{id}/merge", "POST /incidents/{id}/unmerge"];
    /// Asking venues and experts together about an incident of one's own divisions.
    OpenConsultation: Business, Subtree, CONTROL, [
        "GET /incidents/{id}/consultation/proposal",
        "POST /incidents/{id}/consultation",
    ];
    OpenSocket: Reference, Anywhere, EVERYONE, ["GET /socket"];
    ReadAccounts: Accounts, Anywhere, ADMINISTRATORS, ["GET /accounts", "GET /accounts/locks", "GET /accounts/{id}", "GET /accounts/{id}/sessions"];
    ReadAssetContacts: Personal, Subtree, &[DutyOfficer, Dispatcher, Operator, Planner], ["POST /assets/{id}/reveal"];
    ReadAssets: Business, Subtree, STAFF, [
        "GET /assets",
        "GET /assets/counts",
        "GET /assets/kinds",
        "GET /assets/nearest",
        "GET /assets/within",
        "GET /assets/{id}",
        "GET /incidents/{id}/surroundings",
    ];
    ReadAudit: Audit, Anywhere, &[AuditAdmin], ["GET /audit", "POST /audit/verify"];
    /// Who takes calls may call back.
    ReadCallerPhones: Personal, Subtree, &[DutyOfficer, Dispatcher], ["POST /incidents/{id}/calls/{call}/reveal"];
    ReadConferences: Business, Lineage, STAFF_AND_VENUES, [
        "GET /conferences",
        "GET /conferences/{id}",
        "GET /conferences/{id}/media",
        "GET /conferences/{id}/recording",
        "GET /conferences/{id}/venues/{venue}/view",
    ];
    ReadDivisions: Reference, Anywhere, EVERYONE, ["GET /divisions", "GET /divisions/{code}",
        "GET /divisions/{code}/boundary", "GET /divisions/at"];
    ReadExpertContacts: Personal, Subtree, &[DutyOfficer, Dispatcher, Operator, Planner], ["POST /experts/{id}/reveal"];
    ReadExperts: Business, Subtree, STAFF, ["GET /experts", "GET /experts/{id}", "GET /incidents/{id}/expert-matches"];
    ReadIncidents: Business, Subtree, STAFF, [
        "GET /incidents",
        "GET /incidents/{id}",
        "GET /incidents/{id}/figures",
        "GET /incidents/{id}/timeline",
        "GET /incidents/categories",
        "POST /incidents/duplicates",
    ];
    /// The features themselves are filtered by the right to read what they stand for.
    ReadMap: Reference, Anywhere, EVERYONE, [
        "GET /map/base.geojson",
        "GET /map/features",
        "GET /map/style.json",
        "GET /map/tiles/{z}/{x}/{y}",
    ];
    ReadRecordings: Business, Subtree, CONTROL, [
        "GET /recordings",
        "GET /recordings/{id}",
        "GET /recordings/{id}/segments/{segment}/media",
    ];
    ReadVenues: Business, Lineage, STAFF_AND_VENUES, ["GET /venues", "GET /venues/{id}", "GET /venues/tree"];
    RecordConference: Business, Subtree, CONTROL, [
        "POST /conferences/{id}/record",
        "POST /conferences/{id}/stop-recording",
    ];
    ReopenIncident: Business, Subtree, COMMAND, ["POST /incidents/{id}/reopen"];
    ReportIncident: Business, Subtree, DESK, ["POST /incidents", "POST /incidents/{id}/calls", "POST /incidents/{id}/report"];
    RespondIncident: Business, Subtree, DESK, ["POST /incidents/{id}/respond"];
    RevokeSessions: Accounts, Anywhere, &[SystemAdmin, SecurityAdmin], ["DELETE /accounts/{id}/sessions"];
    RunConference: Business, Subtree, CONTROL, [
        "POST /conferences",
        "POST /conferences/{id}/start",
        "POST /conferences/{id}/end",
        "POST /conferences/{id}/invite",
        "POST /conferences/{id}/call",
        "POST /conferences/{id}/hang-up",
        "POST /conferences/{id}/remove",
        "POST /conferences/{id}/close-all-mics",
        "GET /conferences/{id}/links",
        "POST /conferences/{id}/links",
        "POST /conferences/{id}/links/{link}/revoke",
    ];
    TransferIncident: Business, Subtree, COMMAND, ["POST /incidents/{id}/transfer"];
    VerifyIncident: Business, Subtree, DESK, ["POST /incidents/{id}/verify"];
}

/// Routes that need no session at all.
pub const PUBLIC_ROUTES: &[&str] = &[
    "GET /health",
    "GET /openapi.json",
    "POST /devices/enrol",
    "POST /session",
    "GET /setup",
    "POST /setup",
    // An invited person's key is checked by these themselves.
    "GET /join/view",
    "POST /join",
    "POST /join/{verb}",
    // These accept a session or a media token and check it themselves.
    "DELETE /media/whep/{leg}",
    "DELETE /media/whip/{leg}",
    "PATCH /media/whep/{leg}",
    "PATCH /media/whip/{leg}",
    "POST /media/whep",
    "POST /media/whip",
];

/// Routes about one's own session, open even to a session that must first change its password or enrol
/// its second factor.
pub const OWN_ROUTES: &[&str] = &[
    "GET /session",
    "DELETE /session",
    "PUT /session/password",
    "POST /session/totp",
    "POST /session/totp/verify",
    "GET /sessions",
    "DELETE /sessions/{id}",
];

/// Journal topics by root, and the action that reading them is.
const TOPICS: &[(&str, Action)] = &[
    ("account", Action::ReadAccounts),
    ("asset", Action::ReadAssets),
    ("audit", Action::ReadAudit),
    ("conference", Action::ReadConferences),
    ("expert", Action::ReadExperts),
    ("incident", Action::ReadIncidents),
    ("recording", Action::ReadRecordings),
    ("region", Action::ReadDivisions),
    ("venue", Action::ReadVenues),
];

impl Action {
    pub fn rule(self) -> &'static Rule {
        &RULES[self as usize]
    }

    /// The word in the audit and in problems: `VerifyIncident`.
    pub fn name(self) -> String {
        format!("{self:?}")
    }
}

/// What stands in front of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    Public,
    /// Any session, also an unfinished one.
    Own,
    Needs(Action),
}

/// The gate of a route such as `POST /incidents/{id}/verify`; `None` closes it to everybody.
pub fn gate(method: &str, path: &str) -> Option<Gate> {
    let is = |route: &&str| {
        route
            .split_once(' ')
            .is_some_and(|(verb, address)| verb == method && address == path)
    };
    if PUBLIC_ROUTES.iter().any(is) {
        return Some(Gate::Public);
    }
    if OWN_ROUTES.iter().any(is) {
        return Some(Gate::Own);
    }
    RULES
        .iter()
        .find(|rule| rule.routes.iter().any(is))
        .map(|rule| Gate::Needs(rule.action))
}

/// Whether the actor's role allows the action somewhere at all.
pub fn may_somewhere(actor: &Actor, action: Action) -> Result<(), Denied> {
    let allowed = action
        .rule()
        .roles
        .iter()
        .any(|role| actor.roles.contains(role));
    if allowed {
        Ok(())
    } else {
        Err(Denied::Role(action))
    }
}

/// Whether the actor may do the action in this division.
pub fn may(actor: &Actor, action: Action, division: &DivisionCode) -> Result<(), Denied> {
    may_somewhere(actor, action)?;
    let reached = match action.rule().reach {
        Reach::Anywhere => true,
        Reach::Subtree => actor.division.covers(division),
        Reach::Lineage => actor.division.covers(division) || division.covers(&actor.division),
    };
    if reached {
        Ok(())
    } else {
        Err(Denied::Jurisdiction(action))
    }
}

/// Whether an entry under this topic (`incident`, `venue/<id>`) in this division may reach the actor.
///
/// A venue terminal hears only its own `venue/<id>`; the root `venue` is for people.
pub fn may_read_topic(actor: &Actor, topic: &str, division: &DivisionCode) -> bool {
    let (root, entity) = topic
        .split_once('/')
        .map_or((topic, None), |(root, entity)| (root, Some(entity)));
    let Some((_, action)) = TOPICS.iter().find(|(known, _)| *known == root) else {
        return false;
    };
    if root == "venue" && actor.roles == [Role::Venue] {
        return entity.is_some() && actor.venue_id.as_ref().map(|id| id.as_str()) == entity;
    }
    may(actor, *action, division).is_ok()
}

#[cfg(test)]
#[path = "tests/policy.rs"]
mod tests;
