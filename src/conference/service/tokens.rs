//! Secrets with which an encoder or a terminal publishes and receives as one venue in one conference.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::Rng as _;
use sha2::{Digest as _, Sha256};

use super::{conferences, permits};
use crate::conference::model::ConferenceId;
use crate::conference::store::tokens as store;
use crate::identity::{Actor, VenueId};
use crate::platform::{Ctx, Failure, Millis};

/// Outlasts a day's meeting; a standing consultation asks for a new one.
const LASTS_MS: i64 = 24 * Millis::HOUR;

/// The token is shown once; only its hash is stored.
pub async fn issue(
    ctx: &Ctx,
    who: &Actor,
    id: &ConferenceId,
    venue: &VenueId,
) -> Result<(String, Millis), Failure> {
    let now = ctx.clock.now();
    let conference = conferences::by_id(ctx, who, id).await?;
    conference.meeting.seat(venue)?;
    permits::act_for(who, &conference, venue)?;
    let token = secret();
    let expires_at = now.plus(LASTS_MS);
    let mut tx = ctx.db.begin().await?;
    store::insert(&mut tx, &digest(&token), id, venue, now, expires_at).await?;
    tx.commit().await?;
    Ok((token, expires_at))
}

/// The conference and venue a token speaks for, while it lasts.
pub async fn scope(ctx: &Ctx, token: &str) -> Result<Option<(ConferenceId, VenueId)>, Failure> {
    Ok(store::scope(&ctx.db, &digest(token), ctx.clock.now()).await?)
}

/// 256 bits that fit into an address and a header.
pub(super) fn secret() -> String {
    URL_SAFE_NO_PAD.encode(rand::rng().random::<[u8; 32]>())
}

pub(super) fn digest(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}
