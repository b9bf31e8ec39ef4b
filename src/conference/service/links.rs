//! Invited persons: a link that is sent to them, the key it becomes, and what they may do with it.

use super::conferences::{advance, invite, run};
use super::{entries, permits, tokens};
use crate::conference::incoming::AnswerRule;
use crate::conference::invitation::{Closed, Invitation};
use crate::conference::meeting::{By, Command};
use crate::conference::model::{Conference, ConferenceId, Level, LinkId, Venue, VenueKind};
use crate::conference::refusals::no_conference;
use crate::conference::store::links::{self as store, Link};
use crate::conference::store::{conferences, tokens as media, venues as registry};
use crate::identity::{Actor, VenueId};
use crate::platform::{Ctx, Failure, Kind, Millis, Refusal, db::Tx};

/// 256 bits in base64url.
const KEY_MIN: usize = 43;
const KEY_MAX: usize = 128;

/// What a guest does with his own seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuestAct {
    Join,
    Rejoin,
    Leave,
    OpenMic,
    CloseMic,
}

impl GuestAct {
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "join" => Self::Join,
            "rejoin" => Self::Rejoin,
            "leave" => Self::Leave,
            "open-mic" => Self::OpenMic,
            "close-mic" => Self::CloseMic,
            _ => return None,
        })
    }

    fn command(self, venue: VenueId) -> Command {
        let by = By::Own;
        match self {
            Self::Join => Command::Join { venue },
            Self::Rejoin => Command::Rejoin { venue },
            Self::Leave => Command::Leave { venue },
            Self::OpenMic => Command::OpenMic { venue, by },
            Self::CloseMic => Command::CloseMic { venue, by },
        }
    }
}

/// Makes a link for one of the conference's people. An earlier one of the same person stops working.
/// The token is shown once; only its hash is stored.
#[tracing::instrument(name = "conference.issue_link", skip_all, fields(conference.id = %id))]
pub async fn issue(
    ctx: &Ctx,
    who: &Actor,
    id: &ConferenceId,
    reference: &str,
) -> Result<(Link, String), Failure> {
    let now = ctx.clock.now();
    let actor = who.account_id.as_str();
    let mut tx = ctx.db.begin().await?;
    let mut conference = held(&mut tx, who, id).await?;
    let person = conference
        .people
        .iter()
        .find(|person| person.reference == reference)
        .cloned()
        .ok_or_else(not_invited)?;
    let known: Vec<Link> = store::locked(&mut tx, id)
        .await?
        .into_iter()
        .filter(|link| link.reference == reference)
        .collect();
    let seat = known
        .iter()
        .map(|link| link.venue.clone())
        .find(|venue| conference.meeting.seats.contains_key(venue));
    for link in &known {
        close(&mut tx, &mut conference, link, actor, now).await?;
    }
    let venue = match seat {
        Some(venue) => venue,
        None => seat_for(&mut tx, &mut conference, &person.name, actor, now).await?,
    };
    let link = Link {
        id: LinkId::new(now),
        conference: id.clone(),
        venue,
        reference: person.reference,
        name: person.name,
        created_at: now,
        invitation: Invitation::new(now),
        key_hash: None,
    };
    let token = tokens::secret();
    store::insert(&mut tx, &link, &tokens::digest(&token), actor).await?;
    let told = entries::of_link(&conference, "conference.link_issued", &link, actor);
    tx.append(told, now).await?;
    tx.commit().await?;
    Ok((link, token))
}

/// Newest first.
pub async fn list(ctx: &Ctx, who: &Actor, id: &ConferenceId) -> Result<Vec<Link>, Failure> {
    let conference = conferences::by_id(&ctx.db, id)
        .await?
        .ok_or_else(|| no_conference(id.as_str()))?;
    permits::control(who, &conference)?;
    Ok(store::of_conference(&ctx.db, id).await?)
}

/// Ends a link, and the presence of whoever has used it.
#[tracing::instrument(name = "conference.revoke_link", skip_all, fields(conference.id = %id))]
pub async fn revoke(
    ctx: &Ctx,
    who: &Actor,
    id: &ConferenceId,
    link: &LinkId,
) -> Result<Vec<Link>, Failure> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let mut conference = held(&mut tx, who, id).await?;
    let known = store::locked(&mut tx, id).await?;
    let link = known
        .into_iter()
        .find(|known| known.id == *link)
        .ok_or_else(no_link)?;
    close(
        &mut tx,
        &mut conference,
        &link,
        who.account_id.as_str(),
        now,
    )
    .await?;
    tx.commit().await?;
    list(ctx, who, id).await
}

/// Uses a link up: `key`, drawn by the client, opens the person's seat from now on, for media connections too.
/// The same token with the same key again is the same request.
#[tracing::instrument(name = "conference.use_link", skip_all)]
pub async fn redeem(ctx: &Ctx, token: &str, key: &str) -> Result<(Conference, Link), Failure> {
    let now = ctx.clock.now();
    if !(KEY_MIN..=KEY_MAX).contains(&key.len()) {
        return Err(weak_key().into());
    }
    let hash = tokens::digest(key);
    let mut tx = ctx.db.begin().await?;
    let mut link = store::by_token(&mut tx, &tokens::digest(token))
        .await?
        .ok_or(Closed::Unknown)?;
    let conference = conferences::lock(&mut tx, &link.conference)
        .await?
        .ok_or(Closed::Unknown)?;
    conference.meeting.seat(&link.venue)?;
    if link.key_hash.as_ref() == Some(&hash) {
        link.invitation.admit(now, conference.meeting.phase)?;
        return Ok((conference, link));
    }
    link.invitation.redeem(now, conference.meeting.phase)?;
    if !store::use_up(&mut tx, &link.id, now, &hash).await? {
        return Err(Closed::Used.into());
    }
    link.invitation.used_at = Some(now);
    let until = link.invitation.key_until().unwrap_or(now);
    media::insert(&mut tx, &hash, &link.conference, &link.venue, now, until).await?;
    let told = entries::of_link(&conference, "conference.link_used", &link, &actor(&link));
    tx.append(told, now).await?;
    tx.commit().await?;
    Ok((conference, link))
}

/// The conference and the seat a key stands for, as they are now.
pub async fn guest(ctx: &Ctx, key: &str) -> Result<(Conference, Link), Failure> {
    let link = store::by_key(&ctx.db, &tokens::digest(key))
        .await?
        .ok_or(Closed::Unknown)?;
    let conference = conferences::by_id(&ctx.db, &link.conference)
        .await?
        .ok_or(Closed::Unknown)?;
    link.invitation
        .admit(ctx.clock.now(), conference.meeting.phase)?;
    conference.meeting.seat(&link.venue)?;
    Ok((conference, link))
}

#[tracing::instrument(name = "conference.guest_act", skip_all, fields(act = ?act))]
pub async fn act(ctx: &Ctx, key: &str, act: GuestAct) -> Result<Conference, Failure> {
    let (conference, link) = guest(ctx, key).await?;
    let command = act.command(link.venue.clone());
    run(ctx, &conference.id, &actor(&link), |_| Ok(vec![command])).await
}

/// The conference, held, if `who` runs it and it has not ended.
async fn held(tx: &mut Tx, who: &Actor, id: &ConferenceId) -> Result<Conference, Failure> {
    let conference = conferences::lock(tx, id)
        .await?
        .ok_or_else(|| no_conference(id.as_str()))?;
    permits::control(who, &conference)?;
    if conference.meeting.phase == crate::conference::meeting::Phase::Ended {
        return Err(Closed::Ended.into());
    }
    Ok(conference)
}

/// Revokes a link and hangs its person up; nothing happens the second time.
async fn close(
    tx: &mut Tx,
    conference: &mut Conference,
    link: &Link,
    by: &str,
    now: Millis,
) -> Result<(), Failure> {
    if !store::revoke(tx, &link.id, now).await? {
        return Ok(());
    }
    if let Some(hash) = &link.key_hash {
        media::forget(tx, hash).await?;
        let venue = link.venue.clone();
        if conference.meeting.seats.contains_key(&venue) {
            advance(tx, conference, Command::HangUp { venue }, by, now).await?;
        }
    }
    let told = entries::of_link(conference, "conference.link_revoked", link, by);
    tx.append(told, now).await?;
    Ok(())
}

/// A seat of the person's own on the roster.
async fn seat_for(
    tx: &mut Tx,
    conference: &mut Conference,
    name: &str,
    by: &str,
    now: Millis,
) -> Result<VenueId, Failure> {
    let venue = Venue {
        id: VenueId::new(now),
        name: name.to_owned(),
        short_name: name.to_owned(),
        division: conference.division.clone(),
        level: Level::City,
        kind: VenueKind::Person,
        remote_open_ok: false,
        answer_rule: AnswerRule::Never,
        version: 1,
    };
    registry::insert(tx, &venue, now).await?;
    let before = conference.meeting.clone();
    let events = invite(&mut conference.meeting, &venue, now)?;
    conference.venues.insert(venue.id.clone(), venue.clone());
    conference.version += 1;
    conferences::save(tx, &before, conference).await?;
    tx.append_all(entries::of_events(conference, &events, by), now)
        .await?;
    Ok(venue.id)
}

/// In the journal the person is named by the link he came with.
fn actor(link: &Link) -> String {
    format!("link/{}", link.id)
}

fn weak_key() -> Refusal {
    Refusal::new(
        Kind::Invalid,
        "join.weak_key",
        format!("密钥须为 {KEY_MIN} 至 {KEY_MAX} 个字符。"),
        format!("A key has {KEY_MIN} to {KEY_MAX} characters."),
    )
}

fn not_invited() -> Refusal {
    Refusal::new(
        Kind::Missing,
        "join.not_invited",
        "此人不在本次会议的受邀人员中。",
        "This person is not among the people invited to this conference.",
    )
}

fn no_link() -> Refusal {
    Refusal::new(
        Kind::Missing,
        "join.no_link",
        "没有这个入会链接。",
        "There is no such join link.",
    )
}
