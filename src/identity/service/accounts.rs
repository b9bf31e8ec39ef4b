//! Accounts of persons: the system administrator makes them, the security administrator gives them rights.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{entry, person};
use crate::identity::lockout::{Counter, Scope};
use crate::identity::model::{
    Account, AccountId, AccountKind, Actor, Role, Session, Totp, VenueId,
};
use crate::identity::policy::{self, Action};
use crate::identity::refusal::No;
use crate::identity::store::{accounts, failures, sessions};
use crate::identity::{hashing, names, password, token};
use crate::platform::Ctx;
use crate::platform::db::Tx;
use crate::platform::failure::{Failure, Fault};
use crate::platform::http::Page;
use crate::region::DivisionCode;

/// Locks of one answer.
const LOCKS_MAX: i64 = 200;
/// Characters of a reason.
const REASON_MAX: usize = 200;

/// What a new account consists of.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub id: Option<AccountId>,
    pub login: String,
    pub name: String,
    pub division: DivisionCode,
    /// Drawn at random when absent; either way its owner must replace it.
    pub initial_password: Option<String>,
}

/// The rights of an account, all of them at once.
#[derive(Clone, Debug)]
pub struct Rights {
    pub roles: Vec<Role>,
    pub division: DivisionCode,
    pub venue_id: Option<VenueId>,
}

/// Which accounts a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub after: String,
    pub under: String,
    pub words: String,
    pub limit: usize,
}

/// Makes an account without rights; answers the initial password.
///
/// # Errors
/// Refused: not the system administrator, login taken, login, name or password not acceptable.
#[tracing::instrument(name = "identity.create_account", skip_all)]
pub async fn create(ctx: &Ctx, who: &Actor, new: NewAccount) -> Result<(Account, String), Failure> {
    let now = ctx.clock.now();
    policy::may(who, Action::EditAccounts, &new.division)?;
    let (login, name) = (names::login(&new.login)?, names::name(&new.name)?);
    if let Some(id) = &new.id
        && let Some(same) = accounts::read_by_id(ctx.db.read(), id).await?
    {
        return if same.login == login {
            Ok((same, String::new()))
        } else {
            Err(No::LoginTaken.into())
        };
    }
    if let Some(chosen) = &new.initial_password {
        password::check(chosen, &login, &name).map_err(No::Weak)?;
    }
    let initial = new.initial_password.unwrap_or_else(token::code);
    let mut account = person(login, name, new.division, now);
    account.id = new.id.unwrap_or(account.id);
    account.must_change_password = true;
    account.password_hash = Some(hashing::hash(initial.clone()).await?);

    let mut tx = ctx.db.begin().await?;
    insert(&mut tx, &account).await?;
    let payload =
        json!({ "login": account.login, "name": account.name, "division": account.division });
    tx.append(
        entry("identity.account_created", &account, 1, who, payload),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok((account, initial))
}

/// Gives an account exactly these rights; they count from its next request on.
///
/// # Errors
/// Refused: not the security administrator, his own account, administrator mixed with another role, the last
/// administrator of a kind, a venue role without a venue, somebody else changed the account.
#[tracing::instrument(name = "identity.grant_roles", skip_all, fields(account.id = %id))]
pub async fn grant(
    ctx: &Ctx,
    who: &Actor,
    id: &AccountId,
    version: i64,
    rights: Rights,
) -> Result<Account, Failure> {
    let now = ctx.clock.now();
    policy::may(who, Action::GrantRoles, &rights.division)?;
    if who.account_id == *id {
        return Err(No::OwnAccount.into());
    }
    let roles: Vec<Role> = rights
        .roles
        .into_iter()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let mut tx = ctx.db.begin().await?;
    let mut account = load(&mut tx, id, Some(version)).await?;
    check_roles(account.kind, &roles, rights.venue_id.as_ref())?;
    for role in account.roles.iter().filter(|role| !roles.contains(role)) {
        keep_one_administrator(&mut tx, *role, id).await?;
    }
    let before = json!({ "roles": account.roles, "division": account.division });
    account.roles = roles;
    account.division = rights.division;
    account.venue_id = rights.venue_id;
    store(&mut tx, &mut account).await?;
    let after = json!({ "roles": account.roles, "division": account.division, "venue_id": account.venue_id });
    let payload = json!({ "before": before, "after": after });
    tx.append(
        entry(
            "identity.roles_granted",
            &account,
            account.version,
            who,
            payload,
        ),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(account)
}

/// Changes the name of an account.
///
/// # Errors
/// Refused: not the system administrator, no such account, somebody else changed it.
#[tracing::instrument(name = "identity.rename_account", skip_all, fields(account.id = %id))]
pub async fn rename(
    ctx: &Ctx,
    who: &Actor,
    id: &AccountId,
    version: i64,
    name: &str,
) -> Result<Account, Failure> {
    policy::may_somewhere(who, Action::EditAccounts)?;
    let name = names::name(name)?;
    let mut tx = ctx.db.begin().await?;
    let mut account = load(&mut tx, id, Some(version)).await?;
    account.name = name;
    store(&mut tx, &mut account).await?;
    let payload = json!({ "name": account.name });
    tx.append(
        entry(
            "identity.account_renamed",
            &account,
            account.version,
            who,
            payload,
        ),
        ctx.clock.now(),
    )
    .await?;
    tx.commit().await?;
    Ok(account)
}

/// Closes an account and ends its sessions; doing it twice changes nothing.
///
/// # Errors
/// Refused: not the system administrator, his own account, the last administrator of a kind.
#[tracing::instrument(name = "identity.disable_account", skip_all, fields(account.id = %id))]
pub async fn disable(ctx: &Ctx, who: &Actor, id: &AccountId) -> Result<Account, Failure> {
    policy::may_somewhere(who, Action::EditAccounts)?;
    if who.account_id == *id {
        return Err(No::OwnAccount.into());
    }
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let mut account = load(&mut tx, id, None).await?;
    if account.disabled_at.is_some() {
        return Ok(account);
    }
    for role in account.roles.clone() {
        keep_one_administrator(&mut tx, role, id).await?;
    }
    account.disabled_at = Some(now);
    store(&mut tx, &mut account).await?;
    sessions::end_others(&mut tx, id, None, now).await?;
    tx.append(
        entry(
            "identity.account_disabled",
            &account,
            account.version,
            who,
            json!({}),
        ),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(account)
}

/// Opens a closed account again.
///
/// # Errors
/// Refused: not the system administrator, no such account.
#[tracing::instrument(name = "identity.enable_account", skip_all, fields(account.id = %id))]
pub async fn enable(ctx: &Ctx, who: &Actor, id: &AccountId) -> Result<Account, Failure> {
    policy::may_somewhere(who, Action::EditAccounts)?;
    let mut tx = ctx.db.begin().await?;
    let mut account = load(&mut tx, id, None).await?;
    if account.disabled_at.is_none() {
        return Ok(account);
    }
    account.disabled_at = None;
    store(&mut tx, &mut account).await?;
    tx.append(
        entry(
            "identity.account_enabled",
            &account,
            account.version,
            who,
            json!({}),
        ),
        ctx.clock.now(),
    )
    .await?;
    tx.commit().await?;
    Ok(account)
}

/// A door that failed sign-ins keep closed: of an account, of a source, or of an account at a source.
#[derive(Clone, Debug)]
pub struct Lock {
    pub scope: Scope,
    pub account: Option<Account>,
    pub source: Option<String>,
    pub counter: Counter,
}

/// The doors that are closed now, the one that opens last first. Logins that no account has are left out:
/// what was typed there may have been a password.
///
/// # Errors
/// Refused: not an administrator.
pub async fn locks(ctx: &Ctx, who: &Actor) -> Result<Vec<Lock>, Failure> {
    policy::may_somewhere(who, Action::ReadAccounts)?;
    let counters = failures::locked(ctx.db.read(), ctx.clock.now(), LOCKS_MAX).await?;
    let mut locks = Vec::new();
    for (key, counter) in counters {
        let Some((scope, login, source)) = Scope::of_key(&key) else {
            continue;
        };
        let account = match login {
            Some(login) => accounts::read_by_login(ctx.db.read(), login).await?,
            None => None,
        };
        if login.is_some() && account.is_none() {
            continue;
        }
        locks.push(Lock {
            scope,
            account,
            source: source.map(str::to_owned),
            counter,
        });
    }
    Ok(locks)
}

/// Opens the locks that failed sign-ins closed; the audit keeps why.
///
/// # Errors
/// Refused: not the system administrator, no such account, no reason given.
#[tracing::instrument(name = "identity.unlock_account", skip_all, fields(account.id = %id))]
pub async fn unlock(
    ctx: &Ctx,
    who: &Actor,
    id: &AccountId,
    reason: &str,
) -> Result<Account, Failure> {
    policy::may_somewhere(who, Action::EditAccounts)?;
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_MAX {
        return Err(No::ReasonMissing.into());
    }
    let mut tx = ctx.db.begin().await?;
    let account = load(&mut tx, id, None).await?;
    failures::forget_login(&mut tx, &account.login).await?;
    tx.append(
        entry(
            "identity.account_unlocked",
            &account,
            account.version,
            who,
            json!({ "reason": reason }),
        ),
        ctx.clock.now(),
    )
    .await?;
    tx.commit().await?;
    Ok(account)
}

/// Replaces a forgotten password by a random one its owner must change; ends his sessions.
/// An administrator stays protected by his second factor, which only the security administrator resets.
///
/// # Errors
/// Refused: not the system administrator, his own account, a device.
#[tracing::instrument(name = "identity.reset_password", skip_all, fields(account.id = %id))]
pub async fn reset_password(
    ctx: &Ctx,
    who: &Actor,
    id: &AccountId,
) -> Result<(Account, String), Failure> {
    policy::may_somewhere(who, Action::EditAccounts)?;
    if who.account_id == *id {
        return Err(No::OwnAccount.into());
    }
    let now = ctx.clock.now();
    let initial = token::code();
    let hash = hashing::hash(initial.clone()).await?;
    let mut tx = ctx.db.begin().await?;
    let mut account = load(&mut tx, id, None).await?;
    if account.kind == AccountKind::Device {
        return Err(No::AccountMissing.into());
    }
    account.password_hash = Some(hash);
    account.must_change_password = true;
    store(&mut tx, &mut account).await?;
    sessions::end_others(&mut tx, id, None, now).await?;
    tx.append(
        entry(
            "identity.password_reset",
            &account,
            account.version,
            who,
            json!({}),
        ),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok((account, initial))
}

/// Takes a lost authenticator off an account; its owner enrols a new one at the next sign-in.
///
/// # Errors
/// Refused: not the security administrator, his own account.
#[tracing::instrument(name = "identity.reset_totp", skip_all, fields(account.id = %id))]
pub async fn reset_totp(ctx: &Ctx, who: &Actor, id: &AccountId) -> Result<Account, Failure> {
    policy::may_somewhere(who, Action::GrantRoles)?;
    if who.account_id == *id {
        return Err(No::OwnAccount.into());
    }
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let mut account = load(&mut tx, id, None).await?;
    account.totp = Totp::default();
    store(&mut tx, &mut account).await?;
    sessions::end_others(&mut tx, id, None, now).await?;
    tx.append(
        entry(
            "identity.totp_reset",
            &account,
            account.version,
            who,
            json!({}),
        ),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(account)
}

/// Ends every session of an account.
///
/// # Errors
/// Refused: not an administrator of accounts, no such account.
#[tracing::instrument(name = "identity.revoke_sessions", skip_all, fields(account.id = %id))]
pub async fn revoke_sessions(ctx: &Ctx, who: &Actor, id: &AccountId) -> Result<u64, Failure> {
    policy::may_somewhere(who, Action::RevokeSessions)?;
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let account = load(&mut tx, id, None).await?;
    let ended = sessions::end_others(&mut tx, id, None, now).await?;
    let payload = json!({ "ended": ended });
    tx.append(
        entry(
            "identity.sessions_revoked",
            &account,
            account.version,
            who,
            payload,
        ),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(ended)
}

/// # Errors
/// Refused: not an administrator, no such account.
pub async fn by_id(ctx: &Ctx, who: &Actor, id: &AccountId) -> Result<Account, Failure> {
    policy::may_somewhere(who, Action::ReadAccounts)?;
    Ok(accounts::read_by_id(ctx.db.read(), id)
        .await?
        .ok_or(No::AccountMissing)?)
}

/// A page of persons' accounts.
///
/// # Errors
/// Refused: not an administrator.
pub async fn list(ctx: &Ctx, who: &Actor, filter: &Filter) -> Result<Page<Account>, Failure> {
    policy::may_somewhere(who, Action::ReadAccounts)?;
    let limit = filter.limit.clamp(1, 200);
    let (after, under, words) = (&filter.after, &filter.under, &filter.words);
    let rows = accounts::list(
        ctx.db.read(),
        AccountKind::Person,
        after,
        under,
        words,
        limit as i64 + 1,
    )
    .await?;
    Ok(Page::of(rows, limit, |account| account.id.to_string()))
}

/// The live sessions of an account.
///
/// # Errors
/// Refused: not an administrator, no such account.
pub async fn list_sessions(
    ctx: &Ctx,
    who: &Actor,
    id: &AccountId,
) -> Result<Vec<Session>, Failure> {
    by_id(ctx, who, id).await?;
    Ok(sessions::of_account(ctx.db.read(), id, ctx.clock.now()).await?)
}

/// An account made by the program itself: the demonstration city, tests. Never reachable from outside.
#[derive(Clone, Debug)]
pub struct Provision {
    pub login: String,
    pub name: String,
    pub password: String,
    pub rights: Rights,
    /// Base32 secret of an authenticator that counts as enrolled.
    pub totp_secret: Option<String>,
}

/// Makes an account ready for use, or answers the one with the same login.
///
/// # Errors
/// Refused: login, name or password not acceptable, roles that cannot be combined.
pub async fn provision(ctx: &Ctx, with: Provision) -> Result<Account, Failure> {
    let now = ctx.clock.now();
    let (login, name) = (names::login(&with.login)?, names::name(&with.name)?);
    if let Some(account) = accounts::read_by_login(ctx.db.read(), &login).await? {
        return Ok(account);
    }
    password::check(&with.password, &login, &name).map_err(No::Weak)?;
    check_roles(
        AccountKind::Person,
        &with.rights.roles,
        with.rights.venue_id.as_ref(),
    )?;
    let mut account = person(login, name, with.rights.division, now);
    account.roles = with.rights.roles;
    account.venue_id = with.rights.venue_id;
    account.password_hash = Some(hashing::hash(with.password).await?);
    account.totp = Totp {
        confirmed: with.totp_secret.is_some(),
        sealed_secret: with
            .totp_secret
            .map(|secret| ctx.seal.seal(accounts::TOTP_SECRET, &secret)),
        last_step: 0,
    };
    let mut tx = ctx.db.begin().await?;
    insert(&mut tx, &account).await?;
    let payload = json!({ "login": account.login, "name": account.name, "roles": account.roles });
    tx.append(
        entry("identity.account_created", &account, 1, "system", payload),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(account)
}

fn check_roles(kind: AccountKind, roles: &[Role], venue: Option<&VenueId>) -> Result<(), No> {
    if kind == AccountKind::Device && roles != [Role::Venue] {
        return Err(No::DeviceRoles);
    }
    if roles.len() > 1 && roles.iter().any(|role| role.is_administrator()) {
        return Err(No::MixedRoles);
    }
    if roles.contains(&Role::Venue) && venue.is_none() {
        return Err(No::VenueNeeded);
    }
    Ok(())
}

/// Whoever loses the role must not be the last one who holds it.
async fn keep_one_administrator(tx: &mut Tx, role: Role, id: &AccountId) -> Result<(), Failure> {
    if role.is_administrator() && accounts::others_with_role(tx, role, id).await? == 0 {
        return Err(No::LastAdministrator.into());
    }
    Ok(())
}

async fn load(tx: &mut Tx, id: &AccountId, version: Option<i64>) -> Result<Account, Failure> {
    let account = accounts::by_id(tx, id).await?.ok_or(No::AccountMissing)?;
    match version {
        Some(seen) if seen != account.version => Err(No::VersionConflict {
            current: account.version,
        }
        .into()),
        _ => Ok(account),
    }
}

async fn store(tx: &mut Tx, account: &mut Account) -> Result<(), Failure> {
    if !accounts::save(tx, account).await? {
        return Err(No::VersionConflict {
            current: account.version,
        }
        .into());
    }
    account.version += 1;
    Ok(())
}

pub(super) async fn insert(tx: &mut Tx, account: &Account) -> Result<(), Failure> {
    accounts::insert(tx, account).await.map_err(login_taken)
}

fn login_taken(fault: Fault) -> Failure {
    if fault.violates("accounts_login_key", "accounts.login") {
        No::LoginTaken.into()
    } else {
        fault.into()
    }
}

impl From<&Actor> for String {
    fn from(actor: &Actor) -> String {
        actor.account_id.to_string()
    }
}

/// The names behind account ids; what is no account's id is left out.
///
/// # Errors
/// When the database does not answer.
pub async fn names_of(
    ctx: &Ctx,
    ids: impl Iterator<Item = &str>,
) -> Result<BTreeMap<String, String>, Fault> {
    let ids: BTreeSet<AccountId> = ids.filter_map(AccountId::parse).collect();
    let mut names = BTreeMap::new();
    for id in ids {
        if let Some(account) = accounts::read_by_id(ctx.db.read(), &id).await? {
            names.insert(id.to_string(), account.name);
        }
    }
    Ok(names)
}

/// The actor as he is now, or nobody when his session has ended: for connections that outlive a request.
///
/// # Errors
/// When the database does not answer.
pub async fn still(ctx: &Ctx, actor: &Actor) -> Result<Option<Actor>, Fault> {
    let now = ctx.clock.now();
    let found = sessions::by_id(ctx.db.read(), &actor.session_id).await?;
    let found = found.filter(|found| found.session.is_live(now) && !found.disabled);
    Ok(found.map(|found| Actor {
        account_id: found.session.account_id,
        session_id: found.session.id,
        name: found.name,
        roles: found.roles,
        division: found.division,
        venue_id: found.venue_id,
    }))
}
