//! JSON of identity.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::lockout::Scope;
use super::model::{
    Account, AccountId, AccountKind, Role, Session, SessionId, Stage, VenueId, WithAccount,
};
use super::service::accounts::Lock;
use super::service::sign_in::SignedIn;
use crate::platform::clock::Millis;
use crate::platform::http::contract::one_of;
use crate::region::{Atlas, DivisionCode};

/// Whether the tower still has to be set up.
#[derive(Debug, Serialize, ToSchema)]
pub struct SetupState {
    pub needed: bool,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct SetUp {
    /// The code printed at the first start.
    pub code: String,
    /// The division this tower serves, such as `2201`.
    #[schema(value_type = String)]
    pub division: DivisionCode,
    pub system: NewAdministrator,
    pub security: NewAdministrator,
    pub audit: NewAdministrator,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewAdministrator {
    pub login: String,
    pub name: String,
    pub password: String,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct SignIn {
    pub login: String,
    pub password: String,
    /// Six digits from the authenticator, when the account has one.
    #[serde(default)]
    pub totp: Option<String>,
}

/// Who I am and what my session may be used for.
#[derive(Debug, Serialize, ToSchema)]
pub struct CurrentSession {
    pub session_id: SessionId,
    pub account_id: AccountId,
    pub login: String,
    pub name: String,
    pub kind: AccountKind,
    pub roles: Vec<Role>,
    #[schema(value_type = String)]
    pub division: DivisionCode,
    /// Its name, once the code list is imported.
    pub division_name: Option<String>,
    pub venue_id: Option<VenueId>,
    pub stage: Stage,
    /// The role whose page opens first.
    pub home: Option<Role>,
    pub expires_at: Millis,
    pub idle_ms: i64,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct ChangePassword {
    pub current: String,
    pub new: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TotpOffer {
    /// Base32, to be typed where no camera is at hand.
    pub secret: String,
    /// `otpauth://…`, the content of the QR picture.
    pub address: String,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct Code {
    pub code: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    pub session_id: SessionId,
    pub created_at: Millis,
    pub last_seen_at: Millis,
    pub expires_at: Millis,
    pub source: String,
    pub agent: String,
    /// The session that asks.
    pub current: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AccountView {
    pub id: AccountId,
    pub kind: AccountKind,
    pub login: String,
    pub name: String,
    pub roles: Vec<Role>,
    #[schema(value_type = String)]
    pub division: DivisionCode,
    pub venue_id: Option<VenueId>,
    pub must_change_password: bool,
    pub totp_enrolled: bool,
    pub disabled_at: Option<Millis>,
    pub created_at: Millis,
    pub version: i64,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewAccount {
    #[serde(default)]
    pub id: Option<AccountId>,
    pub login: String,
    pub name: String,
    #[schema(value_type = String)]
    pub division: DivisionCode,
    /// Drawn at random when absent.
    #[serde(default)]
    pub initial_password: Option<String>,
}

/// An account with the password its owner has to replace, shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountWithPassword {
    #[serde(flatten)]
    pub account: AccountView,
    pub initial_password: String,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct Rename {
    pub name: String,
    pub version: i64,
}

/// All rights of an account at once.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Grant {
    pub roles: Vec<Role>,
    #[schema(value_type = String)]
    pub division: DivisionCode,
    #[serde(default)]
    pub venue_id: Option<VenueId>,
    pub version: i64,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccountQuery {
    /// Cursor: `next` of the page before.
    #[serde(default)]
    pub after: String,
    /// Division code the accounts lie under.
    #[serde(default)]
    pub under: String,
    /// Part of a login or name.
    #[serde(default)]
    pub q: String,
    /// At most 200.
    #[serde(default = "fifty")]
    pub limit: usize,
}

fn fifty() -> usize {
    50
}

/// A door that failed sign-ins keep closed.
#[derive(Debug, Serialize, ToSchema)]
pub struct LockView {
    #[schema(schema_with = scopes)]
    pub scope: &'static str,
    /// Of `account` and `account_at_source`.
    pub account: Option<AccountView>,
    /// Address of the desk, of `source` and `account_at_source`.
    pub source: Option<String>,
    pub failures: i64,
    pub last_failure_at: Millis,
    /// Opens by itself then.
    pub locked_until: Millis,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Locks {
    pub items: Vec<LockView>,
}

fn scopes() -> utoipa::openapi::Schema {
    one_of(&["account_at_source", "account", "source"])
}

impl From<Lock> for LockView {
    fn from(lock: Lock) -> Self {
        Self {
            scope: match lock.scope {
                Scope::AccountAtSource => "account_at_source",
                Scope::Account => "account",
                Scope::Source => "source",
            },
            account: lock.account.map(AccountView::from),
            source: lock.source,
            failures: lock.counter.failures,
            last_failure_at: Millis(lock.counter.last_failure_at),
            locked_until: Millis(lock.counter.locked_until),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct Unlock {
    /// Why; 1–200 characters, kept by the audit.
    #[serde(default)]
    pub reason: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Revoked {
    pub ended: u64,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewDevice {
    pub name: String,
    pub venue_id: VenueId,
    #[schema(value_type = String)]
    pub division: DivisionCode,
}

/// A terminal with the code that is typed into it, shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceWithCode {
    #[serde(flatten)]
    pub device: AccountView,
    pub enrolment_code: String,
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            kind: account.kind,
            login: account.login,
            name: account.name,
            roles: account.roles,
            division: account.division,
            venue_id: account.venue_id,
            must_change_password: account.must_change_password,
            totp_enrolled: account.totp.confirmed,
            disabled_at: account.disabled_at,
            created_at: account.created_at,
            version: account.version,
        }
    }
}

impl SessionView {
    pub fn new(session: Session, current: Option<&SessionId>) -> Self {
        Self {
            current: current == Some(&session.id),
            session_id: session.id,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            expires_at: session.expires_at,
            source: session.source,
            agent: session.agent,
        }
    }
}

impl From<&SignedIn> for CurrentSession {
    fn from(signed_in: &SignedIn) -> Self {
        let (account, session) = (&signed_in.account, &signed_in.session);
        Self {
            session_id: session.id.clone(),
            account_id: account.id.clone(),
            login: account.login.clone(),
            name: account.name.clone(),
            kind: account.kind,
            home: account.roles.first().copied(),
            roles: account.roles.clone(),
            division: account.division.clone(),
            division_name: None,
            venue_id: account.venue_id.clone(),
            stage: account.stage(),
            expires_at: session.expires_at,
            idle_ms: session.idle_ms,
        }
    }
}

impl From<WithAccount> for CurrentSession {
    fn from(found: WithAccount) -> Self {
        Self {
            stage: found.stage(),
            session_id: found.session.id,
            account_id: found.session.account_id,
            login: found.login,
            name: found.name,
            kind: found.kind,
            home: found.roles.first().copied(),
            roles: found.roles,
            division: found.division,
            division_name: None,
            venue_id: found.venue_id,
            expires_at: found.session.expires_at,
            idle_ms: found.session.idle_ms,
        }
    }
}

impl CurrentSession {
    /// With the name of the division.
    pub fn named(mut self, atlas: &Atlas) -> Self {
        self.division_name = atlas
            .sheet()
            .division(&self.division)
            .map(|one| one.name.clone());
        self
    }
}
