//! Experts as clients see them.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    matching::{Match, Part},
    model::{Availability, Contact, Draft, Expert, ExpertId, Group, State, Subject},
};
use crate::platform::{Millis, import::OnProblem};

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ExpertSeen {
    pub id: ExpertId,
    pub name: String,
    pub sex: String,
    pub birth_year: Option<i64>,
    pub org: String,
    pub title: String,
    pub groups: Vec<Group>,
    pub subjects: Vec<Subject>,
    pub specialty: String,
    pub division: String,
    pub place: Option<[f64; 2]>,
    /// Masked: `138****0001`. `POST …/reveal` shows them in full and records the look.
    pub contacts: Vec<Contact>,
    pub video_capable: bool,
    pub avoid_orgs: Vec<String>,
    pub state: State,
    pub availability: Availability,
    pub source: String,
    pub source_id: String,
    pub updated_at: Millis,
    pub version: i64,
}

impl From<Expert> for ExpertSeen {
    fn from(expert: Expert) -> Self {
        Self {
            id: expert.id,
            name: expert.name,
            sex: expert.sex,
            birth_year: expert.birth_year,
            org: expert.org,
            title: expert.title,
            groups: expert.groups,
            subjects: expert.subjects,
            specialty: expert.specialty,
            division: expert.division.as_str().to_owned(),
            place: expert.place,
            contacts: expert.contacts.iter().map(Contact::masked).collect(),
            video_capable: expert.video_capable,
            avoid_orgs: expert.avoid_orgs,
            state: expert.state,
            availability: expert.availability,
            source: expert.source,
            source_id: expert.source_id,
            updated_at: expert.updated_at,
            version: expert.version,
        }
    }
}

/// Contacts in full, after a look that was recorded.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = ExpertRevealed)]
pub struct Revealed {
    pub contacts: Vec<Contact>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewExpert {
    /// Chosen by the client so that a retry is harmless.
    #[serde(default)]
    pub id: Option<ExpertId>,
    #[serde(flatten)]
    pub draft: Draft,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct ChangedExpert {
    /// The version that was looked at.
    pub version: i64,
    #[serde(flatten)]
    pub draft: Draft,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExpertQuery {
    /// Name, organisation, subject or specialty; characters, pinyin or initials.
    #[serde(default)]
    pub q: String,
    #[serde(default)]
    pub division: String,
    pub group: Option<Group>,
    pub state: Option<State>,
    /// `next` of the page before.
    pub after: Option<String>,
    pub limit: Option<usize>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// Name of the list: the same number from the same list is the same expert.
    pub source: String,
    /// Only say what would happen.
    #[serde(default)]
    pub preview: bool,
    #[serde(default)]
    #[param(inline)]
    pub on_problem: OnProblem,
}

/// One part of a score, ready to be shown.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = MatchReason)]
pub struct Reason {
    /// `subject`, `word`, `group`, `near`, `video`, `title`, `busy`
    pub kind: String,
    pub points: f64,
    pub zh: String,
    pub en: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ExpertMatch {
    pub expert: ExpertSeen,
    pub score: f64,
    pub reasons: Vec<Reason>,
}

impl From<Match<'_>> for ExpertMatch {
    fn from(found: Match<'_>) -> Self {
        Self {
            expert: ExpertSeen::from(found.expert.clone()),
            score: found.score,
            reasons: found.parts.iter().map(Reason::from).collect(),
        }
    }
}

impl From<&Part> for Reason {
    fn from(part: &Part) -> Self {
        let (kind, zh, en) = match part {
            Part::Subject { code, name, .. } => (
                "subject",
                format!("学科对口：{name}（{code}）"),
                format!("Subject {code} {name}"),
            ),
            Part::Word { word, .. } => (
                "word",
                format!("特长含“{word}”"),
                format!("Speciality mentions {word}"),
            ),
            Part::Group { group, .. } => (
                "group",
                format!("属{}专家组", group.zh()),
                format!("In the group for {group:?}"),
            ),
            Part::Near {
                distance_m: Some(metres),
                ..
            } => {
                let km = metres / 1_000.0;
                (
                    "near",
                    format!("距现场 {km:.1} 公里（直线）"),
                    format!("{km:.1} km away (straight line)"),
                )
            }
            Part::Near {
                distance_m: None, ..
            } => ("near", "同一地区".to_owned(), "In the same area".to_owned()),
            Part::Video { .. } => (
                "video",
                "可视频会商".to_owned(),
                "Can join by video".to_owned(),
            ),
            Part::Title { .. } => ("title", "正高级职称".to_owned(), "Senior title".to_owned()),
            Part::Busy {
                availability: Availability::OnLeave,
                ..
            } => ("busy", "当前不在岗".to_owned(), "On leave".to_owned()),
            Part::Busy { .. } => (
                "busy",
                "正在会商".to_owned(),
                "In another consultation".to_owned(),
            ),
        };
        Self {
            kind: kind.to_owned(),
            points: part.points(),
            zh,
            en,
        }
    }
}
