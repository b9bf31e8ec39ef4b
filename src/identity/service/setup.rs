//! The first start: a one-time code, and with it the three administrators.

use std::collections::BTreeSet;

use serde_json::json;

use super::entry;
use crate::identity::model::{Account, Role};
use crate::identity::refusal::No;
use crate::identity::store::codes::Purpose;
use crate::identity::store::{accounts, codes};
use crate::identity::{hashing, names, password, token};
use crate::platform::Ctx;
use crate::platform::clock::Millis;
use crate::platform::failure::{Failure, Fault};
use crate::region::DivisionCode;

/// How long a printed set-up code may be used; the next start prints a new one.
pub const CODE_VALID_MS: i64 = 7 * Millis::DAY;

/// One of the three, as the set-up page sends it.
#[derive(Clone, Debug)]
pub struct Administrator {
    pub login: String,
    pub name: String,
    pub password: String,
}

/// The three persons, who must differ.
#[derive(Clone, Debug)]
pub struct Administrators {
    pub system: Administrator,
    pub security: Administrator,
    pub audit: Administrator,
}

/// While nobody has an account: draws a fresh set-up code (voiding an older one) for the operator's console.
///
/// # Errors
/// When the database does not answer.
pub async fn offer(ctx: &Ctx) -> Result<Option<String>, Fault> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    if accounts::count(&mut tx).await? > 0 {
        return Ok(None);
    }
    let code = token::code();
    let expires_at = now.plus(CODE_VALID_MS);
    codes::replace(
        &mut tx,
        &token::digest_of_code(&code),
        Purpose::Setup,
        None,
        now,
        expires_at,
    )
    .await?;
    tx.commit().await?;
    Ok(Some(code))
}

/// Whether the set-up still has to be done.
///
/// # Errors
/// When the database does not answer.
pub async fn is_needed(ctx: &Ctx) -> Result<bool, Fault> {
    Ok(accounts::read_count(ctx.db.read()).await? == 0)
}

/// Creates the three administrators. The code is used up only when everything else is right.
///
/// # Errors
/// Refused: already set up, wrong code, fewer than three persons, weak passwords.
#[tracing::instrument(name = "identity.set_up", skip_all)]
pub async fn set_up(
    ctx: &Ctx,
    code: &str,
    division: DivisionCode,
    three: Administrators,
) -> Result<Vec<Account>, Failure> {
    let now = ctx.clock.now();
    let three = [
        (Role::SystemAdmin, three.system),
        (Role::SecurityAdmin, three.security),
        (Role::AuditAdmin, three.audit),
    ];
    let mut drafts = Vec::new();
    for (role, administrator) in &three {
        let login = names::login(&administrator.login)?;
        let name = names::name(&administrator.name)?;
        password::check(&administrator.password, &login, &name).map_err(No::Weak)?;
        let mut account = super::person(login, name, division.clone(), now);
        account.roles = vec![*role];
        drafts.push(account);
    }
    let distinct =
        |words: Vec<&String>| words.into_iter().collect::<BTreeSet<_>>().len() == three.len();
    let three_persons = distinct(drafts.iter().map(|account| &account.login).collect())
        && distinct(drafts.iter().map(|account| &account.name).collect())
        && distinct(
            three
                .iter()
                .map(|(_, administrator)| &administrator.password)
                .collect(),
        );
    if !three_persons {
        return Err(No::SamePerson.into());
    }

    // Known to be wrong before the costly hashes: a stranger without the code makes no work.
    let mut tx = ctx.db.begin().await?;
    if accounts::count(&mut tx).await? > 0 {
        return Err(No::AlreadySetUp.into());
    }
    let known = codes::spend(&mut tx, &token::digest_of_code(code), Purpose::Setup, now).await?;
    drop(tx);
    if known.is_none() {
        return Err(No::WrongCode.into());
    }
    for (account, (_, administrator)) in drafts.iter_mut().zip(three) {
        account.password_hash = Some(hashing::hash(administrator.password).await?);
    }

    let mut tx = ctx.db.begin().await?;
    if accounts::count(&mut tx).await? > 0 {
        return Err(No::AlreadySetUp.into());
    }
    codes::spend(&mut tx, &token::digest_of_code(code), Purpose::Setup, now)
        .await?
        .ok_or(No::WrongCode)?;
    let mut entries = Vec::new();
    for account in &drafts {
        accounts::insert(&mut tx, account).await?;
        let payload =
            json!({ "login": account.login, "name": account.name, "roles": account.roles });
        entries.push(entry(
            "identity.administrator_appointed",
            account,
            1,
            "setup",
            payload,
        ));
    }
    tx.append_all(entries, now).await?;
    tx.commit().await?;
    Ok(drafts)
}
