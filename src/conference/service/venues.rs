//! Keeping the registry of venues.

use crate::conference::incoming::AnswerRule;
use crate::conference::model::{Level, Venue, VenueKind};
use crate::conference::refusals::{invalid, no_venue};
use crate::conference::service::entries;
use crate::conference::store::venues as store;
use crate::conference::tree;
use crate::conference::wire::VenueDraft;
use crate::identity::{Action, Actor, VenueId, policy};
use crate::platform::{Ctx, Failure, Kind, Millis, Refusal};
use crate::region::DivisionCode;

const NAME_MAX: usize = 60;
/// Venues of one answer; the largest tower known has about 900.
const VENUES_MAX: i64 = 5_000;

#[tracing::instrument(name = "venue.create", skip_all)]
pub async fn create(ctx: &Ctx, who: &Actor, draft: VenueDraft) -> Result<Venue, Failure> {
    let now = ctx.clock.now();
    let id = draft.id.clone().unwrap_or_else(|| VenueId::new(now));
    let venue = checked(id, draft, 1)?;
    policy::may(who, Action::EditVenues, &venue.division)?;
    let mut tx = ctx.db.begin().await?;
    if !store::insert(&mut tx, &venue, now).await? {
        let known = store::by_id(&mut tx, &venue.id)
            .await?
            .ok_or_else(|| no_venue(venue.id.as_str()))?;
        policy::may(who, Action::ReadVenues, &known.division)?;
        return Ok(known);
    }
    tx.append(
        entries::of_venue(&venue, "venue.registered", who.account_id.as_str()),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(venue)
}

#[tracing::instrument(name = "venue.change", skip_all, fields(venue.id = %id))]
pub async fn change(
    ctx: &Ctx,
    who: &Actor,
    id: VenueId,
    draft: VenueDraft,
) -> Result<Venue, Failure> {
    let now = ctx.clock.now();
    let version = draft.version;
    let wanted = checked(id, draft, version)?;
    let mut tx = ctx.db.begin().await?;
    let current = store::by_id(&mut tx, &wanted.id)
        .await?
        .ok_or_else(|| no_venue(wanted.id.as_str()))?;
    policy::may(who, Action::EditVenues, &current.division)?;
    policy::may(who, Action::EditVenues, &wanted.division)?;
    if !store::change(&mut tx, &wanted, now).await? {
        return Err(stale(&current).into());
    }
    let changed = Venue {
        version: version + 1,
        ..wanted
    };
    tx.append(
        entries::of_venue(&changed, "venue.changed", who.account_id.as_str()),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(changed)
}

/// Takes a venue out of the registry; past conferences keep it.
#[tracing::instrument(name = "venue.retire", skip_all, fields(venue.id = %id))]
pub async fn retire(ctx: &Ctx, who: &Actor, id: VenueId) -> Result<Venue, Failure> {
    let now: Millis = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let venue = store::by_id(&mut tx, &id)
        .await?
        .ok_or_else(|| no_venue(id.as_str()))?;
    policy::may(who, Action::EditVenues, &venue.division)?;
    if let Some(title) = store::busy_with(&mut tx, &id).await? {
        return Err(Refusal::new(
            Kind::Conflict,
            "venue.in_conference",
            format!("会场在会议“{title}”的名单中，请先结束会议或从名单删除。"),
            format!(
                "The venue is on the roster of “{title}”; end it or remove the venue from it first."
            ),
        )
        .into());
    }
    store::retire(&mut tx, &id, now).await?;
    let retired = Venue {
        version: venue.version + 1,
        ..venue
    };
    tx.append(
        entries::of_venue(&retired, "venue.retired", who.account_id.as_str()),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(retired)
}

pub async fn by_id(ctx: &Ctx, who: &Actor, id: &VenueId) -> Result<Venue, Failure> {
    let venue = store::read(&ctx.db, id)
        .await?
        .ok_or_else(|| no_venue(id.as_str()))?;
    if who.venue_id.as_ref() != Some(id) {
        policy::may(who, Action::ReadVenues, &venue.division)?;
    }
    Ok(venue)
}

/// Venues under `division`, the caller's own when absent, sorted by division.
pub async fn under(ctx: &Ctx, who: &Actor, division: Option<&str>) -> Result<Vec<Venue>, Failure> {
    let division = division
        .map(parse_division)
        .transpose()?
        .unwrap_or_else(|| who.division.clone());
    policy::may(who, Action::ReadVenues, &division)?;
    Ok(store::under(&ctx.db, division.as_str(), VENUES_MAX).await?)
}

pub async fn tree(
    ctx: &Ctx,
    who: &Actor,
    division: Option<&str>,
) -> Result<Vec<tree::Branch>, Failure> {
    Ok(tree::by_division(under(ctx, who, division).await?))
}

pub fn parse_division(text: &str) -> Result<DivisionCode, Refusal> {
    DivisionCode::parse(text).map_err(|why| {
        invalid(
            "division",
            format!("行政区划代码“{text}”无效。"),
            why.to_string(),
        )
    })
}

fn checked(id: VenueId, draft: VenueDraft, version: i64) -> Result<Venue, Refusal> {
    let name = draft.name.trim().to_owned();
    let short_name = draft
        .short_name
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
        .unwrap_or_else(|| name.clone());
    if name.is_empty() || name.chars().count() > NAME_MAX || short_name.chars().count() > NAME_MAX {
        return Err(invalid(
            "name",
            format!("会场名称须为 1 至 {NAME_MAX} 字。"),
            format!("A venue's name has 1 to {NAME_MAX} characters."),
        ));
    }
    let level = Level::from_word(&draft.level).ok_or_else(|| {
        invalid(
            "level",
            "级别须为 city、county 或 town。",
            "level must be city, county or town",
        )
    })?;
    let registered = |kind: &VenueKind| *kind != VenueKind::Person;
    let kind = VenueKind::from_word(&draft.kind)
        .filter(registered)
        .ok_or_else(|| {
            invalid(
                "kind",
                "类型须为 av、audio_only、listen_only 或 source。",
                "kind must be av, audio_only, listen_only or source",
            )
        })?;
    let answer_rule = match draft.answer_rule.as_deref() {
        None => AnswerRule::default(),
        Some(word) => AnswerRule::from_word(word).ok_or_else(|| {
            invalid(
                "answer_rule",
                "应答方式须为 always、when_free 或 never。",
                "answer_rule must be always, when_free or never",
            )
        })?,
    };
    let division = parse_division(&draft.division)?;
    Ok(Venue {
        id,
        name,
        short_name,
        division,
        level,
        kind,
        remote_open_ok: draft.remote_open_ok,
        answer_rule,
        version,
    })
}

fn stale(current: &Venue) -> Refusal {
    Refusal::new(
        Kind::Conflict,
        "venue.version_conflict",
        "会场资料已被他人修改，请核对后再保存。",
        "Somebody else changed this venue; look at the current row and save again.",
    )
    .with(
        "current",
        serde_json::json!(crate::conference::wire::Venue::from(current)),
    )
}
