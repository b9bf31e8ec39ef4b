//! What everybody does with his own account: password, second factor, sessions.

use serde_json::json;

use super::entry;
use super::sign_in::count_failure;
use crate::identity::model::{AccountId, Session, SessionId, WithAccount};
use crate::identity::refusal::No;
use crate::identity::store::{accounts, sessions};
use crate::identity::{hashing, password, token, totp};
use crate::platform::Ctx;
use crate::platform::failure::Failure;

/// Whose session is at work; unlike an actor it may still owe a password or a second factor.
#[derive(Clone, Debug)]
pub struct Holder {
    pub account_id: AccountId,
    pub session_id: SessionId,
    /// Where the request comes from.
    pub address: String,
}

/// The session at work and its account.
///
/// # Errors
/// When the database does not answer.
pub async fn current(ctx: &Ctx, who: &Holder) -> Result<WithAccount, Failure> {
    Ok(sessions::by_id(ctx.db.read(), &who.session_id)
        .await?
        .ok_or(No::NotSignedIn)?)
}

/// Ends the session at work.
///
/// # Errors
/// When the database does not answer.
#[tracing::instrument(name = "identity.sign_out", skip_all)]
pub async fn sign_out(ctx: &Ctx, who: &Holder) -> Result<(), Failure> {
    end_session(ctx, who, &who.session_id).await
}

/// Ends one of one's own sessions.
///
/// # Errors
/// Refused when there is no such session.
#[tracing::instrument(name = "identity.end_session", skip_all)]
pub async fn end_session(ctx: &Ctx, who: &Holder, id: &SessionId) -> Result<(), Failure> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let account = accounts::by_id(&mut tx, &who.account_id)
        .await?
        .ok_or(No::AccountMissing)?;
    if !sessions::end(&mut tx, id, &who.account_id, now).await? {
        return Err(No::SessionMissing.into());
    }
    let draft = entry(
        "identity.session_ended",
        &account,
        account.version,
        who,
        json!({ "session_id": id }),
    );
    tx.append(draft, now).await?;
    tx.commit().await?;
    Ok(())
}

/// One's own live sessions, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list_sessions(ctx: &Ctx, who: &AccountId) -> Result<Vec<Session>, Failure> {
    Ok(sessions::of_account(ctx.db.read(), who, ctx.clock.now()).await?)
}

/// Changes one's own password: every other session ends, this one gets a new token.
///
/// # Errors
/// Refused: current password wrong (counted like a failed sign-in), new one weak or the same.
#[tracing::instrument(name = "identity.change_password", skip_all)]
pub async fn change_password(
    ctx: &Ctx,
    who: &Holder,
    current: String,
    new: String,
) -> Result<String, Failure> {
    let now = ctx.clock.now();
    let account = accounts::read_by_id(ctx.db.read(), &who.account_id)
        .await?
        .ok_or(No::AccountMissing)?;
    if !hashing::verify(current.clone(), account.password_hash.clone()).await? {
        return Err(count_failure(ctx, &account.login, &who.address, now, No::WrongPassword).await);
    }
    if current == new {
        return Err(No::SamePassword.into());
    }
    password::check(&new, &account.login, &account.name).map_err(No::Weak)?;
    let hash = hashing::hash(new).await?;

    let mut tx = ctx.db.begin().await?;
    let mut account = accounts::by_id(&mut tx, &who.account_id)
        .await?
        .ok_or(No::AccountMissing)?;
    account.password_hash = Some(hash);
    account.must_change_password = false;
    if !accounts::save(&mut tx, &account).await? {
        return Err(No::VersionConflict {
            current: account.version,
        }
        .into());
    }
    sessions::end_others(&mut tx, &account.id, Some(&who.session_id), now).await?;
    let token = token::session();
    sessions::replace_token(&mut tx, &who.session_id, &token::digest(&token)).await?;
    tx.append(
        entry(
            "identity.password_changed",
            &account,
            account.version + 1,
            who,
            json!({}),
        ),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(token)
}

/// Begins the enrolment of a second factor: a new secret and the address an authenticator scans.
///
/// # Errors
/// Refused when one is already in use.
#[tracing::instrument(name = "identity.begin_totp", skip_all)]
pub async fn begin_totp(ctx: &Ctx, who: &Holder) -> Result<(String, String), Failure> {
    let mut tx = ctx.db.begin().await?;
    let mut account = accounts::by_id(&mut tx, &who.account_id)
        .await?
        .ok_or(No::AccountMissing)?;
    if account.totp.confirmed {
        return Err(No::TotpAlreadyEnrolled.into());
    }
    let secret = totp::secret();
    let address = totp::address(&account.login, &secret);
    account.totp.sealed_secret = Some(ctx.seal.seal(accounts::TOTP_SECRET, &secret));
    if !accounts::save(&mut tx, &account).await? {
        return Err(No::VersionConflict {
            current: account.version,
        }
        .into());
    }
    let now = ctx.clock.now();
    tx.append(
        entry(
            "identity.totp_offered",
            &account,
            account.version + 1,
            who,
            json!({}),
        ),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok((secret, address))
}

/// Ends the enrolment with a code from the authenticator; the session gets a new token.
///
/// # Errors
/// Refused: nothing begun, already enrolled, code wrong (counted like a failed sign-in).
#[tracing::instrument(name = "identity.confirm_totp", skip_all)]
pub async fn confirm_totp(ctx: &Ctx, who: &Holder, code: &str) -> Result<String, Failure> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let mut account = accounts::by_id(&mut tx, &who.account_id)
        .await?
        .ok_or(No::AccountMissing)?;
    if account.totp.confirmed {
        return Err(No::TotpAlreadyEnrolled.into());
    }
    let sealed = account.totp.sealed_secret.clone().ok_or(No::TotpNotBegun)?;
    let secret = ctx.seal.open_text(accounts::TOTP_SECRET, &sealed)?;
    let Some(step) = totp::accepted_step(&secret, code, account.totp.last_step, now) else {
        drop(tx);
        return Err(count_failure(ctx, &account.login, &who.address, now, No::WrongTotp).await);
    };
    account.totp.confirmed = true;
    account.totp.last_step = step;
    if !accounts::save(&mut tx, &account).await? {
        return Err(No::VersionConflict {
            current: account.version,
        }
        .into());
    }
    let token = token::session();
    sessions::replace_token(&mut tx, &who.session_id, &token::digest(&token)).await?;
    tx.append(
        entry(
            "identity.totp_enrolled",
            &account,
            account.version + 1,
            who,
            json!({}),
        ),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(token)
}

impl From<&Holder> for String {
    fn from(holder: &Holder) -> String {
        holder.account_id.to_string()
    }
}
