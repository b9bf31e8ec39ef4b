//! Rows of one-time codes: set-up of a fresh tower, enrolment of a device.

use crate::identity::model::AccountId;
use crate::platform::clock::Millis;
use crate::platform::db::{Tx, args};
use crate::platform::failure::Fault;

pub const STATEMENTS: &[&str] = &[FORGET_SETUP, FORGET_DEVICE, INSERT, SPEND];

/// What a code opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Setup,
    Device,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Purpose::Setup => "setup",
            Purpose::Device => "device",
        }
    }
}

const FORGET_SETUP: &str = "DELETE FROM one_time_codes WHERE purpose = 'setup'";
const FORGET_DEVICE: &str = "DELETE FROM one_time_codes WHERE account_id = $1";
const INSERT: &str = "
    INSERT INTO one_time_codes (code_hash, purpose, account_id, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5)
";

/// Stores the digest of a new code; an older one for the same thing is void.
///
/// # Errors
/// When the database does not answer.
pub async fn replace(
    tx: &mut Tx,
    code_hash: &str,
    purpose: Purpose,
    account: Option<&AccountId>,
    now: Millis,
    expires_at: Millis,
) -> Result<(), Fault> {
    match account {
        Some(account) => tx.execute(FORGET_DEVICE, args![account]).await?,
        None => tx.execute(FORGET_SETUP, args![]).await?,
    };
    tx.execute(
        INSERT,
        args![
            code_hash,
            purpose.as_str(),
            account.cloned(),
            now,
            expires_at
        ],
    )
    .await
    .map(drop)
}

const SPEND: &str = "
       UPDATE one_time_codes
          SET used_at = $3
        WHERE code_hash = $1
          AND purpose = $2
          AND used_at IS NULL
          AND expires_at > $3
    RETURNING code_hash, account_id
";

/// Uses a code up. `None`: there is no such code (any more); else the account it belongs to, if any.
///
/// # Errors
/// When the database does not answer.
pub async fn spend(
    tx: &mut Tx,
    code_hash: &str,
    purpose: Purpose,
    now: Millis,
) -> Result<Option<Option<AccountId>>, Fault> {
    let row = tx
        .fetch_optional(SPEND, args![code_hash, purpose.as_str(), now])
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(
        row.get::<Option<String>>("account_id")?
            .as_deref()
            .and_then(AccountId::parse),
    ))
}
