//! The use cases of identity.

pub mod accounts;
pub mod devices;
pub mod own;
pub mod setup;
pub mod sign_in;

use serde_json::Value;

use super::model::{Account, AccountId};
use crate::platform::clock::Millis;
use crate::platform::journal::Draft;

/// A journal entry about an account; secrets never enter the payload.
fn entry(
    kind: &'static str,
    account: &Account,
    version: i64,
    actor: impl Into<String>,
    payload: Value,
) -> Draft {
    Draft {
        kind,
        entity: account.id.to_string(),
        entity_version: version,
        jurisdiction: account.division.to_string(),
        topics: vec!["account".to_owned(), format!("account/{}", account.id)],
        actor: actor.into(),
        payload,
    }
}

/// A person's account without any right.
fn person(
    login: String,
    name: String,
    division: crate::region::DivisionCode,
    now: Millis,
) -> Account {
    Account {
        id: AccountId::new(now),
        kind: super::model::AccountKind::Person,
        login,
        name,
        roles: Vec::new(),
        division,
        venue_id: None,
        password_hash: None,
        must_change_password: false,
        totp: super::model::Totp::default(),
        disabled_at: None,
        created_at: now,
        version: 1,
    }
}
