//! An expert as the registry knows him (command.md 2.6).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    platform::{Millis, sealing::mask},
    region::DivisionCode,
    typed_id,
};

typed_id!(pub ExpertId);

/// 专家组类型: which kinds of incident he is called for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// 综合
    General,
    /// 自然灾害
    Natural,
    /// 事故灾难
    Accident,
    /// 公共卫生
    Health,
    /// 社会安全
    Security,
}

impl Group {
    pub const ALL: [Self; 5] = [
        Self::General,
        Self::Natural,
        Self::Accident,
        Self::Health,
        Self::Security,
    ];

    /// As written in lists: `自然灾害`, `自然灾害类`, `社会安全事件`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let begins = |words: &[&str]| words.iter().any(|word| text.starts_with(word));
        match text {
            _ if begins(&["综合", "general"]) => Some(Self::General),
            _ if begins(&["自然", "natural"]) => Some(Self::Natural),
            _ if begins(&["事故", "accident"]) => Some(Self::Accident),
            _ if begins(&["公共卫生", "卫生", "health"]) => Some(Self::Health),
            _ if begins(&["社会", "security"]) => Some(Self::Security),
            _ => None,
        }
    }

    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::General => "综合",
            Self::Natural => "自然灾害",
            Self::Accident => "事故灾难",
            Self::Health => "公共卫生",
            Self::Security => "社会安全",
        }
    }
}

/// 在库, 暂停, 出库.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ExpertState)]
pub enum State {
    #[default]
    Listed,
    Suspended,
    Removed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    #[default]
    Available,
    /// 正在会商
    Consulting,
    OnLeave,
}

/// A subject of GB/T 13745 he is expert in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Subject {
    /// 3, 5 or 7 digits; empty when only the name is known.
    pub code: String,
    pub name: String,
}

/// A way to reach him, best first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ExpertContact)]
pub struct Contact {
    /// `phone`, `email`, …
    pub kind: String,
    pub value: String,
    /// When it may be used, free text.
    #[serde(default)]
    pub hours: String,
}

impl Contact {
    #[must_use]
    pub fn masked(&self) -> Self {
        Self {
            value: mask(&self.value),
            ..self.clone()
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Expert {
    pub id: ExpertId,
    pub name: String,
    pub sex: String,
    pub birth_year: Option<i64>,
    pub org: String,
    /// 职称
    pub title: String,
    pub groups: Vec<Group>,
    pub subjects: Vec<Subject>,
    pub specialty: String,
    pub division: DivisionCode,
    /// WGS-84 longitude and latitude of the work place.
    pub place: Option<[f64; 2]>,
    /// Sealed in the database, masked in every answer but a look that is recorded.
    pub contacts: Vec<Contact>,
    pub video_capable: bool,
    /// 回避: organisations he may not advise on.
    pub avoid_orgs: Vec<String>,
    pub state: State,
    pub availability: Availability,
    /// Where the record came from and its number there: the same again is the same expert.
    pub source: String,
    pub source_id: String,
    pub updated_at: Millis,
    pub version: i64,
}

/// What can be written about an expert: by hand or from a file.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, ToSchema)]
#[schema(as = ExpertDraft)]
pub struct Draft {
    pub name: String,
    #[serde(default)]
    pub sex: String,
    #[serde(default)]
    pub birth_year: Option<i64>,
    #[serde(default)]
    pub org: String,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub groups: Vec<Group>,
    #[serde(default)]
    pub subjects: Vec<Subject>,
    #[serde(default)]
    pub specialty: String,
    #[schema(value_type = String)]
    pub division: DivisionCode,
    #[serde(default)]
    pub place: Option<[f64; 2]>,
    #[serde(default)]
    pub contacts: Vec<Contact>,
    #[serde(default)]
    pub video_capable: bool,
    #[serde(default)]
    pub avoid_orgs: Vec<String>,
    #[serde(default)]
    pub state: State,
    #[serde(default)]
    pub availability: Availability,
}

pub const TEXT_MAX: usize = 200;
pub const LONG_TEXT_MAX: usize = 4_000;
pub const LIST_MAX: usize = 32;

/// What is wrong with a draft, field by field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    NameMissing,
    TooLong(&'static str),
    TooMany(&'static str),
    BirthYear,
    Place,
}

impl Draft {
    /// A contact sent back as it was shown, masked, stays the contact it was.
    pub fn keep_masked(&mut self, known: &[Contact]) {
        for contact in &mut self.contacts {
            if let Some(kept) = known.iter().find(|known| known.masked() == *contact) {
                *contact = kept.clone();
            }
        }
    }

    /// Everything wrong with it; empty means that it can be kept. `year` is the present one.
    #[must_use]
    pub fn wrongs(&self, year: i64) -> Vec<Wrong> {
        let mut wrongs = Vec::new();
        if self.name.trim().is_empty() {
            wrongs.push(Wrong::NameMissing);
        }
        let texts = [
            ("name", &self.name, TEXT_MAX),
            ("sex", &self.sex, 8),
            ("org", &self.org, TEXT_MAX),
            ("title", &self.title, TEXT_MAX),
            ("specialty", &self.specialty, LONG_TEXT_MAX),
        ];
        wrongs.extend(
            texts
                .iter()
                .filter(|(_, text, max)| text.chars().count() > *max)
                .map(|(field, ..)| Wrong::TooLong(field)),
        );
        let lists = [
            ("groups", self.groups.len()),
            ("subjects", self.subjects.len()),
            ("contacts", self.contacts.len()),
            ("avoid_orgs", self.avoid_orgs.len()),
        ];
        wrongs.extend(
            lists
                .iter()
                .filter(|(_, len)| *len > LIST_MAX)
                .map(|(field, _)| Wrong::TooMany(field)),
        );
        if self
            .birth_year
            .is_some_and(|born| !(year - 110..=year - 16).contains(&born))
        {
            wrongs.push(Wrong::BirthYear);
        }
        let on_earth =
            |[lon, lat]: [f64; 2]| (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat);
        if self.place.is_some_and(|place| !on_earth(place)) {
            wrongs.push(Wrong::Place);
        }
        wrongs
    }
}

impl Wrong {
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::NameMissing => "name",
            Self::TooLong(field) | Self::TooMany(field) => field,
            Self::BirthYear => "birth_year",
            Self::Place => "place",
        }
    }

    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NameMissing => "missing",
            Self::TooLong(_) => "too_long",
            Self::TooMany(_) => "too_many",
            Self::BirthYear => "out_of_range",
            Self::Place => "not_on_earth",
        }
    }
}
