//! Which experts fit an incident, and why: a score in parts that can be shown and argued with.

use fenghuotai_maps::geom::{LonLat, distance_m};

use super::{
    model::{Availability, Expert, Group, State},
    specialty,
};
use crate::region::DivisionCode;

/// What an incident needs.
#[derive(Debug, Clone)]
pub struct Need {
    /// Category slug: `natural.flood.dam`.
    pub category: String,
    pub division: DivisionCode,
    /// WGS-84 longitude and latitude, when the incident has a place.
    pub place: Option<[f64; 2]>,
    /// Organisations concerned: whoever avoids one of them is left out.
    pub orgs: Vec<String>,
}

/// One part of a score.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// A subject of his is one the category asks for.
    Subject {
        code: String,
        name: String,
        points: f64,
    },
    /// A word of his specialty, or of his organisation.
    Word {
        word: String,
        points: f64,
    },
    /// He belongs to the group of this kind of incident, or to the general one.
    Group {
        group: Group,
        points: f64,
    },
    Near {
        division: bool,
        distance_m: Option<f64>,
        points: f64,
    },
    Video {
        points: f64,
    },
    Title {
        points: f64,
    },
    /// Points taken off.
    Busy {
        availability: Availability,
        points: f64,
    },
}

impl Part {
    #[must_use]
    pub fn points(&self) -> f64 {
        match self {
            Self::Subject { points, .. }
            | Self::Word { points, .. }
            | Self::Group { points, .. }
            | Self::Near { points, .. }
            | Self::Video { points }
            | Self::Title { points }
            | Self::Busy { points, .. } => *points,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Match<'a> {
    pub expert: &'a Expert,
    /// Sum of the parts.
    pub score: f64,
    pub parts: Vec<Part>,
}

const SUBJECT: f64 = 40.0;
/// A subject asked for by a wider category counts less.
const WIDER: f64 = 0.6;
const WORD: f64 = 8.0;
const WORDS_MAX: usize = 3;
const GROUP: f64 = 20.0;
const GENERAL_GROUP: f64 = 6.0;
const SAME_COUNTY: f64 = 10.0;
const SAME_CITY: f64 = 6.0;
const VIDEO: f64 = 4.0;
const TITLE: f64 = 4.0;
const CONSULTING: f64 = -25.0;
const ON_LEAVE: f64 = -40.0;

/// The experts that fit, best first. Knowledge decides whether somebody appears at all; place, title and
/// availability only order. Suspended and removed experts and those who must avoid an organisation never appear.
#[must_use]
pub fn rank<'a>(need: &Need, experts: impl IntoIterator<Item = &'a Expert>) -> Vec<Match<'a>> {
    let mut ranked: Vec<Match<'a>> = experts
        .into_iter()
        .filter_map(|expert| fit(need, expert))
        .collect();
    // Equal scores in the order of ids: the same question gets the same answer.
    ranked.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then_with(|| a.expert.id.cmp(&b.expert.id))
    });
    ranked
}

fn fit<'a>(need: &Need, expert: &'a Expert) -> Option<Match<'a>> {
    let avoids = expert.avoid_orgs.iter().any(|org| need.orgs.contains(org));
    if expert.state != State::Listed || avoids {
        return None;
    }
    let mut parts = knowledge(need, expert);
    if parts.is_empty() {
        return None;
    }
    parts.extend(near(need, expert));
    if expert.video_capable {
        parts.push(Part::Video { points: VIDEO });
    }
    if is_senior(&expert.title) {
        parts.push(Part::Title { points: TITLE });
    }
    match expert.availability {
        Availability::Available => {}
        busy @ Availability::Consulting => parts.push(Part::Busy {
            availability: busy,
            points: CONSULTING,
        }),
        away @ Availability::OnLeave => parts.push(Part::Busy {
            availability: away,
            points: ON_LEAVE,
        }),
    }
    let score = parts.iter().map(Part::points).sum();
    Some(Match {
        expert,
        score,
        parts,
    })
}

fn knowledge(need: &Need, expert: &Expert) -> Vec<Part> {
    let mut parts = Vec::new();
    let asked: Vec<_> = specialty::for_category(&need.category).collect();
    let narrowest = asked.last().map_or("", |asks| asks.category);

    // The best subject counts, not the number of subjects: a list of twenty is no better than the right one.
    let mut best: Option<Part> = None;
    for asks in &asked {
        let points = if asks.category == narrowest {
            SUBJECT
        } else {
            SUBJECT * WIDER
        };
        for subject in &expert.subjects {
            let asked_for = asks
                .subjects
                .iter()
                .any(|code| subject.code.starts_with(code));
            if asked_for && best.as_ref().is_none_or(|best| best.points() < points) {
                best = Some(Part::Subject {
                    code: subject.code.clone(),
                    name: subject.name.clone(),
                    points,
                });
            }
        }
    }
    parts.extend(best);

    let mut words: Vec<&str> = asked.iter().flat_map(|asks| asks.words).copied().collect();
    words.sort_unstable();
    words.dedup();
    let says = |word: &&str| {
        expert.specialty.contains(*word)
            || expert
                .subjects
                .iter()
                .any(|subject| subject.name.contains(*word))
            || expert.org.contains(*word)
    };
    parts.extend(
        words
            .iter()
            .filter(|word| says(word))
            .take(WORDS_MAX)
            .map(|word| Part::Word {
                word: (*word).to_owned(),
                points: WORD,
            }),
    );

    let wanted = match need.category.split('.').next() {
        Some("natural") => Some(Group::Natural),
        Some("accident") => Some(Group::Accident),
        Some("health") => Some(Group::Health),
        Some("security") => Some(Group::Security),
        _ => None,
    };
    if let Some(group) = wanted.filter(|group| expert.groups.contains(group)) {
        parts.push(Part::Group {
            group,
            points: GROUP,
        });
    } else if expert.groups.contains(&Group::General) && !parts.is_empty() {
        parts.push(Part::Group {
            group: Group::General,
            points: GENERAL_GROUP,
        });
    }
    parts
}

fn near(need: &Need, expert: &Expert) -> Option<Part> {
    let distance_m = need
        .place
        .zip(expert.place)
        .and_then(|(here, there)| Some(distance_m(lon_lat(here)?, lon_lat(there)?)));
    let (own, wanted) = (expert.division.as_str(), need.division.as_str());
    let shares = |digits: usize| {
        own.len() >= digits && wanted.len() >= digits && own[..digits] == wanted[..digits]
    };
    let points = match distance_m {
        Some(metres) if metres <= 20_000.0 => SAME_COUNTY,
        Some(metres) if metres <= 100_000.0 => SAME_CITY,
        _ if shares(6) => SAME_COUNTY,
        _ if shares(4) => SAME_CITY,
        _ => return None,
    };
    Some(Part::Near {
        division: shares(4),
        distance_m,
        points,
    })
}

fn is_senior(title: &str) -> bool {
    ["正高", "教授", "研究员", "主任医师"]
        .iter()
        .any(|word| title.contains(word))
        && !title.contains('副')
}

/// Nothing when it is no place on the Earth: then the divisions decide.
fn lon_lat([lon, lat]: [f64; 2]) -> Option<LonLat> {
    LonLat::new(lon, lat).ok()
}

#[cfg(test)]
#[path = "tests/matching.rs"]
mod tests;
