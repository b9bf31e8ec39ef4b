//! Whether two reports tell of one incident: a score made of evidence that can be read aloud.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    category::{Category, Kinship},
    model::Point,
};
use crate::platform::Millis;

/// Reports further apart than this tell of different things.
pub const WINDOW_MS: i64 = 60 * Millis::MINUTE;
/// Places closer than this may be the same, however exact they claim to be.
pub const RADIUS_M: f64 = 500.0;
/// A vaguer place than this proves nothing about nearness.
pub const RADIUS_MAX_M: f64 = 5_000.0;
/// So many unrelated reports at exactly one point make it a stand-in of the geocoder, not a place.
pub const CROWD: usize = 5;
/// From here on it is proposed.
pub const PROPOSE: i32 = 60;
/// Two persons in need within this time may still be one, if nearly everything else agrees.
const SAME_PERSON_MS: i64 = 15 * Millis::MINUTE;

/// What is known of one report.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    pub category: Option<Category>,
    pub point: Option<Point>,
    pub accuracy_m: Option<f64>,
    /// Address as typed or sent.
    pub address: String,
    /// What it was about, in the sender's words.
    pub subject: String,
    /// `110`, `119`, `120`, `122`, …
    pub service: String,
    /// Marks of the callers' numbers: the numbers themselves are sealed, equal ones have equal marks.
    pub phones: Vec<String>,
    pub at: Millis,
    /// How many reports outside the time window share exactly this point.
    pub crowd: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EvidenceReason)]
pub enum Reason {
    SameCaller,
    Near,
    /// At the same point, but that point stands for a whole area.
    CrowdedPoint,
    CloseInTime,
    SameCategory,
    SiblingCategory,
    NeighbourCategory,
    SameSubject,
    SameAddress,
    SimilarAddress,
    OtherAddress,
    OtherService,
}

/// One piece of evidence: `points` speak for (or, when negative, against).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Evidence {
    pub reason: Reason,
    pub points: i32,
    /// Metres or milliseconds, where the reason has a measure.
    pub measure: Option<f64>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// 0–100.
    pub total: i32,
    pub evidence: Vec<Evidence>,
}

impl Score {
    #[must_use]
    pub fn proposes(&self) -> bool {
        self.total >= PROPOSE
    }
}

/// How far apart two reports may be and still be candidates.
#[must_use]
pub fn radius_m(a: &Sighting, b: &Sighting) -> f64 {
    let vaguest = a.accuracy_m.unwrap_or(0.0).max(b.accuracy_m.unwrap_or(0.0));
    (2.0 * vaguest).clamp(RADIUS_M, RADIUS_MAX_M)
}

/// Compares two reports; nothing when they are no candidates at all. Symmetric.
#[must_use]
pub fn compare(a: &Sighting, b: &Sighting) -> Option<Score> {
    let apart_ms = (a.at.0 - b.at.0).abs();
    if apart_ms > WINDOW_MS {
        return None;
    }
    let same_caller = a.phones.iter().any(|phone| b.phones.contains(phone));
    let kinship = match (a.category, b.category) {
        (Some(a), Some(b)) => a.kinship(b),
        _ => Kinship::Foreign,
    };
    if kinship == Kinship::Foreign && !same_caller {
        return None;
    }
    let mut evidence = Vec::new();
    let mut add = |reason, points, measure| {
        evidence.push(Evidence {
            reason,
            points,
            measure,
        })
    };

    // Most pairs end here, before any words are compared.
    if let (Some(from), Some(to)) = (a.point, b.point)
        && from.distance_m(to) > radius_m(a, b)
    {
        return None;
    }
    let crowded = a.crowd.max(b.crowd) >= CROWD;
    let address = likeness(&a.address, &b.address);
    match (a.point, b.point) {
        (Some(from), Some(to)) => {
            let apart_m = from.distance_m(to);
            let radius_m = radius_m(a, b);
            if crowded {
                // Only the words can say which place the crowded point stands for this time.
                add(
                    Reason::CrowdedPoint,
                    if address == Likeness::Same { 10 } else { -10 },
                    Some(apart_m),
                );
            } else {
                add(
                    Reason::Near,
                    15 + (20.0 * (1.0 - apart_m / radius_m)).round() as i32,
                    Some(apart_m),
                );
            }
        }
        // Without a point only the words or the caller can tell.
        _ if same_caller || address == Likeness::Same => {}
        _ => return None,
    }

    add(
        Reason::CloseInTime,
        (25.0 * (1.0 - apart_ms as f64 / WINDOW_MS as f64)).round() as i32,
        Some(apart_ms as f64),
    );
    match kinship {
        Kinship::Same => add(Reason::SameCategory, 25, None),
        Kinship::Sibling => add(Reason::SiblingCategory, 12, None),
        Kinship::Neighbour => add(Reason::NeighbourCategory, 15, None),
        Kinship::Foreign => {}
    }
    if same_caller {
        add(Reason::SameCaller, 40, None);
    }
    let same_subject = !a.subject.is_empty() && words(&a.subject).eq(words(&b.subject));
    if same_subject {
        add(Reason::SameSubject, 8, None);
    }
    match address {
        Likeness::Same => add(Reason::SameAddress, 15, None),
        Likeness::Similar => add(Reason::SimilarAddress, if crowded { -5 } else { 5 }, None),
        Likeness::Other => add(Reason::OtherAddress, if crowded { -30 } else { -12 }, None),
        Likeness::Unknown => {}
    }
    let other_service = !a.service.is_empty() && !b.service.is_empty() && a.service != b.service;
    if other_service {
        add(Reason::OtherService, 4, None);
    }

    // People fall ill one by one, also in the same house: only the same caller, or two services sent to
    // the same address for the same thing at the same time, make it one.
    let individual = a.category.is_some_and(Category::is_individual)
        || b.category.is_some_and(Category::is_individual);
    let one_person =
        same_subject && other_service && address == Likeness::Same && apart_ms <= SAME_PERSON_MS;
    if individual && !same_caller && !one_person {
        return None;
    }
    let total = evidence
        .iter()
        .map(|piece| piece.points)
        .sum::<i32>()
        .clamp(0, 100);
    Some(Score { total, evidence })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Likeness {
    /// One of them says nothing.
    Unknown,
    Other,
    Similar,
    Same,
}

/// Compares the words of two addresses; in Chinese text the pairs of characters.
fn likeness(a: &str, b: &str) -> Likeness {
    let (a, b) = (grams(a), grams(b));
    if a.is_empty() || b.is_empty() {
        return Likeness::Unknown;
    }
    if a == b {
        return Likeness::Same;
    }
    let common = a.iter().filter(|gram| b.contains(gram)).count();
    let shorter = a.len().min(b.len());
    let share = common as f64 / (a.len() + b.len() - common) as f64;
    // "人民大街100号" inside "南关区人民大街100号附近" is the same place said shorter.
    if common == shorter && shorter >= 4 || share >= 0.75 {
        Likeness::Same
    } else if share >= 0.3 {
        Likeness::Similar
    } else {
        Likeness::Other
    }
}

fn grams(text: &str) -> Vec<String> {
    let mut grams: Vec<String> = Vec::new();
    for word in words(text) {
        let chars: Vec<char> = word.chars().collect();
        if chars.iter().all(char::is_ascii) || chars.len() < 2 {
            grams.push(word);
        } else {
            grams.extend(chars.windows(2).map(|pair| pair.iter().collect()));
        }
    }
    grams.sort_unstable();
    grams.dedup();
    grams
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// Fewer digits name a service, not a caller.
const PHONE_DIGITS_MIN: usize = 5;

/// The digits of a caller's number, nothing when they cannot tell one caller from another. Two spellings of one
/// number become equal.
#[must_use]
pub fn digits(phone: &str) -> Option<String> {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let local = digits
        .strip_prefix("0086")
        .or_else(|| digits.strip_prefix("86").filter(|rest| rest.len() >= 11));
    let local = local.unwrap_or(&digits);
    (local.len() >= PHONE_DIGITS_MIN).then(|| local.to_owned())
}
