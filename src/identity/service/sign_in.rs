//! Signing in with a password, and a second factor for administrators.

use serde_json::json;

use super::entry;
use crate::identity::lockout::Scope;
use crate::identity::model::{Account, Session, SessionId};
use crate::identity::refusal::No;
use crate::identity::store::{accounts, failures, sessions};
use crate::identity::{hashing, names, password, token, totp};
use crate::platform::Ctx;
use crate::platform::clock::Millis;
use crate::platform::db::Tx;
use crate::platform::failure::{Failure, Fault, Refusal};
use crate::platform::journal::Draft;

/// A person at a desk: a pause of two hours and a day in all.
const PERSON: Limits = Limits {
    idle_ms: 2 * Millis::HOUR,
    absolute_ms: 24 * Millis::HOUR,
};
/// An administrator: a quarter of an hour, and a working day in all.
const ADMINISTRATOR: Limits = Limits {
    idle_ms: 15 * Millis::MINUTE,
    absolute_ms: 8 * Millis::HOUR,
};
/// A venue terminal may stay switched off for a season.
pub const DEVICE: Limits = Limits {
    idle_ms: 90 * Millis::DAY,
    absolute_ms: 400 * Millis::DAY,
};

/// How long a session lasts without requests, and at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub idle_ms: i64,
    pub absolute_ms: i64,
}

/// Where a request comes from, for lockout, the list of sessions and the audit.
#[derive(Clone, Debug, Default)]
pub struct Source {
    pub address: String,
    pub agent: String,
}

/// What is typed into the sign-in form.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub login: String,
    pub password: String,
    pub totp: Option<String>,
}

/// A new session; the token goes into the cookie and nowhere else.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub account: Account,
    pub session: Session,
    pub token: String,
}

/// Signs a person in.
///
/// # Errors
/// Refused: wrong login or password (the same answer, in the same time), locked, disabled, second factor
/// missing or wrong, too many sign-ins at once.
#[tracing::instrument(name = "identity.sign_in", skip_all)]
pub async fn sign_in(ctx: &Ctx, source: Source, with: Credentials) -> Result<SignedIn, Failure> {
    let now = ctx.clock.now();
    let login = with
        .login
        .trim()
        .to_lowercase()
        .chars()
        .take(64)
        .collect::<String>();
    refuse_locked(ctx, &login, &source.address, &Scope::ALL, now).await?;

    let account = accounts::read_by_login(ctx.db.read(), &login).await?;
    let hash = account
        .as_ref()
        .and_then(|account| account.password_hash.clone());
    // Longer than any stored password: not worth the work of a hash.
    let plausible = with.password.chars().count() <= password::LENGTH_MAX;
    let right = hashing::verify(
        if plausible {
            with.password
        } else {
            String::new()
        },
        hash,
    )
    .await?
        && plausible;
    // Again: attempts sent side by side must not all pass the first look.
    refuse_locked(ctx, &login, &source.address, &Scope::ALL, now).await?;
    let Some(account) = account.filter(|_| right) else {
        return Err(count_failure(ctx, &login, &source.address, now, No::WrongCredentials).await);
    };
    if account.disabled_at.is_some() {
        return Err(No::Disabled.into());
    }
    let step = match second_factor(ctx, &account, with.totp.as_deref(), now)? {
        Ok(step) => step,
        Err(No::WrongTotp) => {
            return Err(count_failure(ctx, &login, &source.address, now, No::WrongTotp).await);
        }
        Err(no) => return Err(no.into()),
    };

    let mut tx = ctx.db.begin().await?;
    if let Some(step) = step
        && !accounts::spend_totp(&mut tx, &account.id, step).await?
    {
        return Err(No::WrongTotp.into());
    }
    failures::forget(
        &mut tx,
        &Scope::AccountAtSource.key(&login, &source.address),
    )
    .await?;
    let limits = if account.is_administrator() {
        ADMINISTRATOR
    } else {
        PERSON
    };
    let (session, token) = open(&mut tx, &account, &source, limits, now).await?;
    let payload = json!({ "session_id": session.id, "source": source.address });
    let actor = account.id.to_string();
    tx.append(
        entry(
            "identity.signed_in",
            &account,
            account.version,
            actor,
            payload,
        ),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(SignedIn {
        account,
        session,
        token,
    })
}

/// Opens a session within a transaction.
///
/// # Errors
/// When the database does not answer.
pub async fn open(
    tx: &mut Tx,
    account: &Account,
    source: &Source,
    limits: Limits,
    now: Millis,
) -> Result<(Session, String), Fault> {
    let token = token::session();
    let session = Session {
        id: SessionId::new(now),
        account_id: account.id.clone(),
        created_at: now,
        last_seen_at: now,
        idle_ms: limits.idle_ms,
        expires_at: now.plus(limits.absolute_ms),
        ended_at: None,
        source: source.address.clone(),
        agent: source.agent.clone(),
    };
    sessions::insert(tx, &token::digest(&token), &session).await?;
    Ok((session, token))
}

/// The step to spend, when a second factor is due.
fn second_factor(
    ctx: &Ctx,
    account: &Account,
    code: Option<&str>,
    now: Millis,
) -> Result<Result<Option<i64>, No>, Fault> {
    let (true, Some(sealed)) = (account.totp.confirmed, &account.totp.sealed_secret) else {
        return Ok(Ok(None));
    };
    let Some(code) = code.filter(|code| !code.trim().is_empty()) else {
        return Ok(Err(No::TotpNeeded));
    };
    let secret = ctx.seal.open_text(accounts::TOTP_SECRET, sealed)?;
    let step = totp::accepted_step(&secret, code, account.totp.last_step, now);
    Ok(step.map(Some).ok_or(No::WrongTotp))
}

pub(super) async fn refuse_locked(
    ctx: &Ctx,
    login: &str,
    address: &str,
    scopes: &[Scope],
    now: Millis,
) -> Result<(), Failure> {
    for scope in scopes {
        let counter = failures::read(ctx.db.read(), &scope.key(login, address)).await?;
        if let Some(until) = counter.locked(now) {
            return Err(No::Locked { until }.into());
        }
    }
    Ok(())
}

/// Counts one failure in every scope; the answer stays the same, the next attempt may meet a lock.
pub(super) async fn count_failure(
    ctx: &Ctx,
    login: &str,
    address: &str,
    now: Millis,
    answer: No,
) -> Failure {
    let counted = async {
        let mut tx = ctx.db.begin().await?;
        failures::forget_old(&mut tx, now).await?;
        for scope in Scope::ALL {
            let key = scope.key(login, address);
            let counter = failures::by_key(&mut tx, &key).await?;
            // A lock that began while this attempt was under way is not prolonged by it.
            if counter.locked(now).is_none() {
                failures::save(&mut tx, &key, counter.failed(scope, now)).await?;
            }
        }
        tx.append(failed(login, address, &answer), now).await?;
        tx.commit().await
    };
    match counted.await {
        Ok(()) => answer.into(),
        Err(fault) => Failure::Fault(fault),
    }
}

/// The audit's line. Something typed that cannot be a login may be a password in the wrong field: not kept.
fn failed(login: &str, address: &str, answer: &No) -> Draft {
    let login = names::login(login).unwrap_or_else(|_| "?".to_owned());
    Draft {
        kind: "identity.sign_in_failed",
        entity: login,
        entity_version: 0,
        jurisdiction: String::new(),
        topics: vec!["audit".to_owned()],
        actor: "anonymous".to_owned(),
        payload: json!({ "source": address, "why": Refusal::from(answer.clone()).code }),
    }
}
