//! The words for states on the wire and in the database: one spelling each, both ways.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use super::incoming::{Answer, AnswerRule, Urgency, Why};
use super::invitation::State as LinkState;
use super::link::TrackKind;
use super::meeting::Phase;
use super::microphone::{ClosedBy, Microphone};
use super::model::{Kind, Level, VenueKind};
use super::roster::{Connection, Reason};
use super::view::Picture;
use crate::platform::{clock::Millis, http::contract::one_of};

/// How the API's document writes the type: a string, one of these words.
macro_rules! spelled {
    ($type:ty as $name:literal: $($word:literal),* $(,)?) => {
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                one_of(&[$($word),*]).into()
            }
        }

        impl ToSchema for $type {
            fn name() -> Cow<'static, str> {
                $name.into()
            }
        }
    };
}

macro_rules! words {
    ($type:ty as $name:literal { $($variant:ident = $word:literal),* $(,)? }) => {
        impl $type {
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }

        spelled!($type as $name: $($word),*);
    };
}

words!(AnswerRule as "AnswerRule" { Always = "always", WhenFree = "when_free", Never = "never" });
words!(Phase as "ConferencePhase" { Planned = "planned", Running = "running", Ended = "ended" });
words!(Kind as "ConferenceKind" { Meeting = "meeting", Consultation = "consultation" });
words!(Level as "VenueLevel" { City = "city", County = "county", Town = "town" });
words!(VenueKind as "VenueKind" { Av = "av", AudioOnly = "audio_only", ListenOnly = "listen_only", Source = "source", Person = "person" });
words!(Reason as "ConnectionFailure" { NoAnswer = "no_answer", Unreachable = "unreachable", Declined = "declined", Lost = "lost" });
words!(ClosedBy as "MicClosedBy" { Control = "control", SelfClosed = "self", Policy = "policy" });

spelled!(Connection as "ConnectionWord": "not_called", "calling", "ringing", "joined", "reconnecting", "left", "elsewhere", "hung_up", "failed");
words!(Urgency as "CallUrgency" { Emergency = "emergency", Ordinary = "ordinary" });
words!(Why as "CallAsks" { Rule = "rule", Busy = "busy", Leads = "leads" });
words!(LinkState as "JoinLinkState" { Waiting = "waiting", Used = "used", Expired = "expired", Revoked = "revoked" });

spelled!(Answer as "CallAnswer": "at_once", "at", "asked");
spelled!(Picture as "PictureKind": "nothing", "venue", "layout");
spelled!(TrackKind as "TrackKind": "audio", "video");

impl Answer {
    pub fn word(self) -> &'static str {
        match self {
            Self::AtOnce => "at_once",
            Self::At(_) => "at",
            Self::Asked(_) => "asked",
        }
    }

    pub fn at(self) -> Option<Millis> {
        match self {
            Self::At(at) => Some(at),
            Self::AtOnce | Self::Asked(_) => None,
        }
    }

    pub fn why(self) -> Option<Why> {
        match self {
            Self::Asked(why) => Some(why),
            Self::AtOnce | Self::At(_) => None,
        }
    }
}

impl Microphone {
    pub fn closed_by(self) -> Option<ClosedBy> {
        match self {
            Self::Open => None,
            Self::Closed(by) => Some(by),
        }
    }

    pub fn of(closed_by: Option<ClosedBy>) -> Self {
        closed_by.map_or(Self::Open, Self::Closed)
    }
}

impl Connection {
    pub fn word(self) -> &'static str {
        match self {
            Self::NotCalled => "not_called",
            Self::Calling { .. } => "calling",
            Self::Ringing { .. } => "ringing",
            Self::Joined { .. } => "joined",
            Self::Reconnecting { .. } => "reconnecting",
            Self::Left => "left",
            Self::Elsewhere { .. } => "elsewhere",
            Self::HungUp => "hung_up",
            Self::Failed(_) => "failed",
        }
    }

    pub fn since(self) -> Option<Millis> {
        match self {
            Self::Calling { since }
            | Self::Ringing { since }
            | Self::Joined { since }
            | Self::Elsewhere { since }
            | Self::Reconnecting { since, .. } => Some(since),
            _ => None,
        }
    }

    pub fn redials(self) -> u8 {
        if let Self::Reconnecting { attempt, .. } = self {
            attempt
        } else {
            0
        }
    }

    pub fn reason(self) -> Option<Reason> {
        if let Self::Failed(reason) = self {
            Some(reason)
        } else {
            None
        }
    }

    pub fn from_words(
        word: &str,
        since: Option<Millis>,
        redials: u8,
        reason: Option<Reason>,
    ) -> Option<Self> {
        Some(match (word, since) {
            ("not_called", _) => Self::NotCalled,
            ("calling", Some(since)) => Self::Calling { since },
            ("ringing", Some(since)) => Self::Ringing { since },
            ("joined", Some(since)) => Self::Joined { since },
            ("reconnecting", Some(since)) => Self::Reconnecting {
                since,
                attempt: redials,
            },
            ("left", _) => Self::Left,
            ("elsewhere", Some(since)) => Self::Elsewhere { since },
            ("hung_up", _) => Self::HungUp,
            ("failed", _) => Self::Failed(reason?),
            _ => return None,
        })
    }
}
