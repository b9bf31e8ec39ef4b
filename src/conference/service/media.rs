//! From a media token to the conference and venue it speaks for.

use super::tokens;
use crate::conference::model::Conference;
use crate::conference::refusals::no_conference;
use crate::conference::store::conferences as store;
use crate::identity::VenueId;
use crate::platform::{Ctx, Failure, Kind, Refusal};

pub async fn scope_of(ctx: &Ctx, token: &str) -> Result<(Conference, VenueId), Failure> {
    let Some((id, venue)) = tokens::scope(ctx, token).await? else {
        return Err(Refusal::new(
            Kind::Unauthenticated,
            "media.token_unknown",
            "媒体令牌无效或已过期，请重新获取。",
            "The media token is unknown or has expired; get a new one.",
        )
        .into());
    };
    let conference = store::by_id(&ctx.db, &id)
        .await?
        .ok_or_else(|| no_conference(id.as_str()))?;
    Ok((conference, venue))
}
