//! Whether an invitation's link opens the door, and whether the key it became still fits.
//!
//! A link is used once and becomes a key; both stand for one person in one conference and nothing else.

use super::meeting::Phase;
use crate::platform::clock::Millis;
use crate::platform::{Kind, Refusal};

/// A link that nobody has opened for so long is dead: it travels by SMS and lies about in telephones.
pub const LINK_MS: i64 = 4 * Millis::HOUR;
/// Outlasts a day's consultation; a standing one asks for a new link.
pub const KEY_MS: i64 = 24 * Millis::HOUR;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub expires_at: Millis,
    pub used_at: Option<Millis>,
    pub revoked_at: Option<Millis>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Waiting,
    Used,
    Expired,
    Revoked,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    Unknown,
    Expired,
    Used,
    Revoked,
    Ended,
}

impl Invitation {
    pub fn new(now: Millis) -> Self {
        Self {
            expires_at: now.plus(LINK_MS),
            used_at: None,
            revoked_at: None,
        }
    }

    pub fn state(&self, now: Millis) -> State {
        match self {
            Self {
                revoked_at: Some(_),
                ..
            } => State::Revoked,
            Self {
                used_at: Some(_), ..
            } => State::Used,
            Self { expires_at, .. } if now >= *expires_at => State::Expired,
            _ => State::Waiting,
        }
    }

    /// Whether the link may be used now.
    ///
    /// # Errors
    /// Why not; a revoked link says so before anything else.
    pub fn redeem(&self, now: Millis, phase: Phase) -> Result<(), Closed> {
        match self.state(now) {
            State::Revoked => Err(Closed::Revoked),
            State::Used => Err(Closed::Used),
            _ if phase == Phase::Ended => Err(Closed::Ended),
            State::Expired => Err(Closed::Expired),
            State::Waiting => Ok(()),
        }
    }

    /// Until when the key of a used link fits.
    pub fn key_until(&self) -> Option<Millis> {
        Some(self.used_at?.plus(KEY_MS))
    }

    /// Whether the key of this link fits now.
    ///
    /// # Errors
    /// Why not.
    pub fn admit(&self, now: Millis, phase: Phase) -> Result<(), Closed> {
        match (self.revoked_at, self.key_until()) {
            (Some(_), _) => Err(Closed::Revoked),
            (None, None) => Err(Closed::Unknown),
            _ if phase == Phase::Ended => Err(Closed::Ended),
            (None, Some(until)) if now >= until => Err(Closed::Expired),
            (None, Some(_)) => Ok(()),
        }
    }
}

impl From<Closed> for Refusal {
    fn from(closed: Closed) -> Self {
        let (kind, code, zh, en) = match closed {
            Closed::Unknown => (
                Kind::Unauthenticated,
                "join.unknown",
                "入会链接无效，请核对链接是否完整，或请召集人重新发送。",
                "This join link is not known; check that it is complete, or ask the convener for a new one.",
            ),
            Closed::Expired => (
                Kind::Forbidden,
                "join.expired",
                "入会链接已过期，请联系召集人重新发送。",
                "This join link has expired; ask the convener for a new one.",
            ),
            Closed::Used => (
                Kind::Conflict,
                "join.used",
                "入会链接只能使用一次，且已被使用；请在首次打开的设备上继续，或请召集人重新发送。",
                "This join link works once and has been used; go on where it was opened first, or ask the convener for a new one.",
            ),
            Closed::Revoked => (
                Kind::Forbidden,
                "join.revoked",
                "召集人已撤销该入会链接。",
                "The convener has revoked this join link.",
            ),
            Closed::Ended => (
                Kind::Conflict,
                "conference.ended",
                "会议已结束。",
                "The conference has ended.",
            ),
        };
        Self::new(kind, code, zh, en)
    }
}
