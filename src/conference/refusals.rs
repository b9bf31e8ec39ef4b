//! Every way a meeting says no, as facts and in both languages.

use super::microphone::ClosedBy;
use crate::identity::VenueId;
use crate::platform::{Kind, Refusal};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    Ended,
    NotStarted,
    NotOnRoster(VenueId),
    NoTerminal(VenueId),
    CannotSpeak(VenueId),
    IsMainVenue(VenueId),
    RosterFull {
        most: usize,
    },
    /// The venue wants to open what control or the meeting's policy has closed.
    MicClosed {
        venue: VenueId,
        by: ClosedBy,
    },
    /// The venue has taken its seat in another meeting meanwhile.
    WentElsewhere(VenueId),
    /// Control may not open this microphone; the venue does it itself.
    ConsentNeeded(VenueId),
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Ended => Self::new(
                Kind::Conflict,
                "conference.ended",
                "会议已结束，请新建会议。",
                "The conference has ended; create a new one.",
            ),
            Refused::NotStarted => Self::new(
                Kind::Conflict,
                "conference.not_started",
                "会议尚未开始，请先开始会议再呼叫会场。",
                "The conference has not started; start it before calling venues.",
            ),
            Refused::NotOnRoster(venue) => Self::new(
                Kind::Missing,
                "conference.not_on_roster",
                "该会场不在本次会议的名单中，请先邀请。",
                "The venue is not on this conference's roster; invite it first.",
            )
            .with("venue_id", venue.as_str()),
            Refused::NoTerminal(venue) => Self::new(
                Kind::Invalid,
                "conference.no_terminal",
                "图像源没有可以呼叫的终端。",
                "A picture source has no terminal that could be called.",
            )
            .with("venue_id", venue.as_str()),
            Refused::CannotSpeak(venue) => Self::new(
                Kind::Invalid,
                "conference.cannot_speak",
                "该会场只收听收看，没有麦克风。",
                "This venue only watches and listens; it has no microphone.",
            )
            .with("venue_id", venue.as_str()),
            Refused::IsMainVenue(venue) => Self::new(
                Kind::Conflict,
                "conference.is_main_venue",
                "主会场不能从名单中删除。",
                "The active main venue cannot be removed from the roster.",
            )
            .with("venue_id", venue.as_str()),
            Refused::RosterFull { most } => Self::new(
                Kind::Invalid,
                "conference.roster_full",
                format!("一次会议最多 {most} 个会场。"),
                format!("A conference has at most {most} venues."),
            )
            .with("most", most),
            Refused::WentElsewhere(venue) => Self::new(
                Kind::Conflict,
                "conference.went_elsewhere",
                "本会场已转入另一会议；要回到本会议请重新入会。",
                "The venue has gone to another conference; join again to come back to this one.",
            )
            .with("venue_id", venue.as_str()),
            Refused::MicClosed { venue, by } => mic_closed(&venue, by),
            Refused::ConsentNeeded(venue) => Self::new(
                Kind::Conflict,
                "conference.consent_needed",
                "该会场未同意远程开麦，请会场自行打开麦克风。",
                "This venue has not agreed to be opened by control; ask it to open its microphone itself.",
            )
            .with("venue_id", venue.as_str()),
        }
    }
}

fn mic_closed(venue: &VenueId, by: ClosedBy) -> Refusal {
    let (zh, en) = if by == ClosedBy::Policy {
        (
            "本次会议入会闭麦，请等待主会场开麦。",
            "This conference keeps microphones closed on entry; wait for the main venue to open yours.",
        )
    } else {
        (
            "麦克风已被主会场关闭，请等待主会场开麦。",
            "The main venue has closed this microphone; wait for it to be opened.",
        )
    };
    Refusal::new(Kind::Conflict, "conference.mic_closed_by_control", zh, en)
        .with("venue_id", venue.as_str())
        .with("by", by.word())
}

pub(super) fn no_conference(id: &str) -> Refusal {
    Refusal::new(
        Kind::Missing,
        "conference.missing",
        "没有这个会议。",
        "There is no such conference.",
    )
    .with("conference_id", id)
}

pub(super) fn no_venue(id: &str) -> Refusal {
    Refusal::new(
        Kind::Missing,
        "venue.missing",
        "没有这个会场。",
        "There is no such venue.",
    )
    .with("venue_id", id)
}

/// Somebody acts for a venue that is neither his own nor in his care.
pub(super) fn not_your_venue(venue: &VenueId) -> Refusal {
    Refusal::new(
        Kind::Forbidden,
        "conference.not_your_venue",
        "只能操作本会场；控制其他会场需要会控权限。",
        "You may act for your own venue only; other venues need the right to run conferences.",
    )
    .with("venue_id", venue.as_str())
}

/// Somebody without a say over the venue would take it out of the meeting it sits in.
pub(super) fn seated_elsewhere(venue: &VenueId) -> Refusal {
    Refusal::new(
        Kind::Conflict,
        "conference.seated_elsewhere",
        "该会场正在另一会议中，请呼叫会场，由会场接听后转入。",
        "The venue sits in another conference; call it, and it will come over when it answers.",
    )
    .with("venue_id", venue.as_str())
}

pub(super) fn invalid(
    field: &'static str,
    zh: impl Into<String>,
    en: impl Into<String>,
) -> Refusal {
    Refusal::new(Kind::Invalid, "conference.invalid_field", zh, en).with("field", field)
}
