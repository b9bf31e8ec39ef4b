//! Who may be at the other end of a request: roles, accounts, sessions, and the actor made of them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::clock::Millis;
use crate::region::DivisionCode;
use crate::typed_id;

typed_id!(pub AccountId);
typed_id!(pub SessionId);
typed_id!(pub VenueId);

/// What somebody does here. An administrator's role is never combined with another role.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Leader,
    DutyOfficer,
    Dispatcher,
    Operator,
    Planner,
    Venue,
    SystemAdmin,
    SecurityAdmin,
    AuditAdmin,
}

impl Role {
    pub const ALL: [Role; 9] = [
        Role::Leader,
        Role::DutyOfficer,
        Role::Dispatcher,
        Role::Operator,
        Role::Planner,
        Role::Venue,
        Role::SystemAdmin,
        Role::SecurityAdmin,
        Role::AuditAdmin,
    ];

    /// One of the three administrators 三员, who see no business data.
    pub fn is_administrator(self) -> bool {
        matches!(
            self,
            Role::SystemAdmin | Role::SecurityAdmin | Role::AuditAdmin
        )
    }

    /// The word on the wire, in the database and in the page's address.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Leader => "leader",
            Role::DutyOfficer => "duty_officer",
            Role::Dispatcher => "dispatcher",
            Role::Operator => "operator",
            Role::Planner => "planner",
            Role::Venue => "venue",
            Role::SystemAdmin => "system_admin",
            Role::SecurityAdmin => "security_admin",
            Role::AuditAdmin => "audit_admin",
        }
    }

    pub fn parse(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// Who is acting, as every other room sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub account_id: AccountId,
    pub session_id: SessionId,
    pub name: String,
    pub roles: Vec<Role>,
    /// Everything he may touch lies in this subtree.
    pub division: DivisionCode,
    /// The venue a terminal stands in.
    pub venue_id: Option<VenueId>,
}

impl Actor {
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// A person signs in with a password; a device was enrolled once and keeps its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    Person,
    Device,
}

/// An account as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    pub id: AccountId,
    pub kind: AccountKind,
    pub login: String,
    pub name: String,
    pub roles: Vec<Role>,
    pub division: DivisionCode,
    pub venue_id: Option<VenueId>,
    /// argon2id in PHC form; a device has none.
    pub password_hash: Option<String>,
    /// The password was chosen by somebody else and must be replaced at the next sign-in.
    pub must_change_password: bool,
    pub totp: Totp,
    pub disabled_at: Option<Millis>,
    pub created_at: Millis,
    pub version: i64,
}

impl Account {
    pub fn is_administrator(&self) -> bool {
        self.roles.iter().any(|role| role.is_administrator())
    }

    /// What a session of this account still has to do before it may do anything else.
    pub fn stage(&self) -> Stage {
        Self::stage_of(
            self.must_change_password,
            self.is_administrator(),
            self.totp.confirmed,
        )
    }

    /// The same from its parts: the password first, then an administrator's second factor.
    pub fn stage_of(
        must_change_password: bool,
        is_administrator: bool,
        totp_confirmed: bool,
    ) -> Stage {
        if must_change_password {
            Stage::ChangePassword
        } else if is_administrator && !totp_confirmed {
            Stage::EnrolTotp
        } else {
            Stage::Full
        }
    }
}

/// The second factor of an administrator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totp {
    /// Base32, sealed; offered but unproven until `confirmed`.
    pub sealed_secret: Option<String>,
    pub confirmed: bool,
    /// The last time step a code was accepted for: no code is good twice.
    pub last_step: i64,
}

/// What a session may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Everything the roles allow.
    Full,
    /// Only to replace the password.
    ChangePassword,
    /// Only to set up the second factor.
    EnrolTotp,
}

/// A sign-in that lasts.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    pub id: SessionId,
    pub account_id: AccountId,
    pub created_at: Millis,
    pub last_seen_at: Millis,
    /// Ends this long after the last request.
    pub idle_ms: i64,
    /// Ends then whatever happens.
    pub expires_at: Millis,
    pub ended_at: Option<Millis>,
    pub source: String,
    pub agent: String,
}

impl Session {
    pub fn is_live(&self, now: Millis) -> bool {
        // A clock set back must not prolong a session: time only counts from the latest instant seen.
        let now = now.0.max(self.last_seen_at.0);
        self.ended_at.is_none()
            && now < self.expires_at.0
            && now - self.last_seen_at.0 < self.idle_ms
    }
}

/// A session and what its account may do at this moment.
#[derive(Clone, Debug)]
pub struct WithAccount {
    pub session: Session,
    pub kind: AccountKind,
    pub login: String,
    pub name: String,
    pub roles: Vec<Role>,
    pub division: DivisionCode,
    pub venue_id: Option<VenueId>,
    pub must_change_password: bool,
    pub totp_confirmed: bool,
    pub disabled: bool,
}

impl WithAccount {
    /// What the session still has to do before it may do anything else.
    pub fn stage(&self) -> Stage {
        let administrator = self.roles.iter().any(|role| role.is_administrator());
        Account::stage_of(
            self.must_change_password,
            administrator,
            self.totp_confirmed,
        )
    }
}
