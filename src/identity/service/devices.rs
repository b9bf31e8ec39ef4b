//! Venue terminals: enrolled once with a code, signed in from then on, until somebody revokes them.

use serde_json::json;

use super::sign_in::{DEVICE, SignedIn, Source, count_failure, open, refuse_locked};
use super::{accounts::insert, entry, person};
use crate::identity::lockout::Scope;
use crate::identity::model::{Account, AccountId, AccountKind, Actor, Role, VenueId};
use crate::identity::policy::{self, Action};
use crate::identity::refusal::No;
use crate::identity::store::codes::Purpose;
use crate::identity::store::{accounts, codes, sessions};
use crate::identity::{names, token};
use crate::platform::Ctx;
use crate::platform::clock::Millis;
use crate::platform::failure::Failure;
use crate::platform::http::Page;
use crate::region::DivisionCode;

/// How long an enrolment code may be carried to its venue.
pub const CODE_VALID_MS: i64 = 7 * Millis::DAY;

/// The counter that bounds guessing of enrolment codes from one address.
const ENROLMENT: &str = "device-enrolment";

/// A terminal to be set up in a venue.
#[derive(Clone, Debug)]
pub struct NewDevice {
    pub name: String,
    pub venue_id: VenueId,
    pub division: DivisionCode,
}

/// Registers a terminal; answers the code that is typed into it once.
///
/// # Errors
/// Refused: not the operator or system administrator, outside his jurisdiction, bad name.
#[tracing::instrument(name = "identity.register_device", skip_all)]
pub async fn register(
    ctx: &Ctx,
    who: &Actor,
    new: NewDevice,
) -> Result<(Account, String), Failure> {
    policy::may(who, Action::EnrolDevice, &new.division)?;
    let now = ctx.clock.now();
    let mut device = person(String::new(), names::name(&new.name)?, new.division, now);
    device.kind = AccountKind::Device;
    device.login = format!("device-{}", device.id);
    device.roles = vec![Role::Venue];
    device.venue_id = Some(new.venue_id);

    let code = token::code();
    let mut tx = ctx.db.begin().await?;
    insert(&mut tx, &device).await?;
    let expires_at = now.plus(CODE_VALID_MS);
    codes::replace(
        &mut tx,
        &token::digest_of_code(&code),
        Purpose::Device,
        Some(&device.id),
        now,
        expires_at,
    )
    .await?;
    let payload = json!({ "name": device.name, "venue_id": device.venue_id });
    tx.append(
        entry("identity.device_registered", &device, 1, who, payload),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok((device, code))
}

/// Signs a terminal in with its code, for good.
///
/// # Errors
/// Refused: code wrong, used or expired; too many wrong ones from this address; terminal revoked.
#[tracing::instrument(name = "identity.enrol_device", skip_all)]
pub async fn enrol(ctx: &Ctx, source: Source, code: &str) -> Result<SignedIn, Failure> {
    let now = ctx.clock.now();
    refuse_locked(
        ctx,
        ENROLMENT,
        &source.address,
        &[Scope::AccountAtSource, Scope::Source],
        now,
    )
    .await?;
    let mut tx = ctx.db.begin().await?;
    let Some(Some(id)) =
        codes::spend(&mut tx, &token::digest_of_code(code), Purpose::Device, now).await?
    else {
        drop(tx);
        return Err(count_failure(ctx, ENROLMENT, &source.address, now, No::WrongCode).await);
    };
    let account = accounts::by_id(&mut tx, &id).await?.ok_or(No::WrongCode)?;
    if account.disabled_at.is_some() {
        return Err(No::Disabled.into());
    }
    let (session, token) = open(&mut tx, &account, &source, DEVICE, now).await?;
    let payload = json!({ "session_id": session.id, "source": source.address });
    let actor = account.id.to_string();
    tx.append(
        entry(
            "identity.device_enrolled",
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

/// Shuts a terminal out for good.
///
/// # Errors
/// Refused: no such terminal, outside the jurisdiction.
#[tracing::instrument(name = "identity.revoke_device", skip_all, fields(account.id = %id))]
pub async fn revoke(ctx: &Ctx, who: &Actor, id: &AccountId) -> Result<Account, Failure> {
    policy::may_somewhere(who, Action::EnrolDevice)?;
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let device = accounts::by_id(&mut tx, id)
        .await?
        .filter(|account| account.kind == AccountKind::Device);
    let mut device = device.ok_or(No::AccountMissing)?;
    policy::may(who, Action::EnrolDevice, &device.division)?;
    if device.disabled_at.is_some() {
        return Ok(device);
    }
    device.disabled_at = Some(now);
    if !accounts::save(&mut tx, &device).await? {
        return Err(No::VersionConflict {
            current: device.version,
        }
        .into());
    }
    device.version += 1;
    sessions::end_others(&mut tx, id, None, now).await?;
    tx.append(
        entry(
            "identity.device_revoked",
            &device,
            device.version,
            who,
            json!({}),
        ),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(device)
}

/// A page of the terminals in the actor's jurisdiction.
///
/// # Errors
/// Refused: not the operator or system administrator.
pub async fn list(
    ctx: &Ctx,
    who: &Actor,
    after: &str,
    limit: usize,
) -> Result<Page<Account>, Failure> {
    policy::may_somewhere(who, Action::EnrolDevice)?;
    let limit = limit.clamp(1, 200);
    let under = who.division.as_str();
    let rows = accounts::list(
        ctx.db.read(),
        AccountKind::Device,
        after,
        under,
        "",
        limit as i64 + 1,
    )
    .await?;
    Ok(Page::of(rows, limit, |device| device.id.to_string()))
}
