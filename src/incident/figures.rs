//! Casualty and loss figures: a series of who said what, when; never a number that is overwritten.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::FigureId;
use crate::platform::{Kind, Millis, Refusal};

/// Longest name of a source, in characters.
pub const SOURCE_MAX: usize = 200;
/// A figure may be this much ahead of our clock: the clocks of two offices differ.
pub const AHEAD_MS: i64 = 5 * Millis::MINUTE;
/// More people than any country has; a typing mistake beyond doubt.
pub const PEOPLE_MAX: i64 = 2_000_000_000;
/// A hundred trillion yuan.
pub const YUAN_MAX: i64 = 100_000_000_000_000;

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FigureKey {
    Dead,
    Missing,
    /// Seriously injured, acute poisoning included.
    Serious,
    Minor,
    Trapped,
    Evacuated,
    Affected,
    /// Direct economic loss, yuan.
    LossYuan,
}

impl FigureKey {
    pub const ALL: [Self; 8] = [
        Self::Dead,
        Self::Missing,
        Self::Serious,
        Self::Minor,
        Self::Trapped,
        Self::Evacuated,
        Self::Affected,
        Self::LossYuan,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dead => "dead",
            Self::Missing => "missing",
            Self::Serious => "serious",
            Self::Minor => "minor",
            Self::Trapped => "trapped",
            Self::Evacuated => "evacuated",
            Self::Affected => "affected",
            Self::LossYuan => "loss_yuan",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.as_str() == text)
    }

    fn most(self) -> i64 {
        if self == Self::LossYuan {
            YUAN_MAX
        } else {
            PEOPLE_MAX
        }
    }
}

/// One figure as somebody reported it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    pub id: FigureId,
    pub key: FigureKey,
    pub value: i64,
    /// The moment it was true.
    pub as_of: Millis,
    /// Who said so: a hospital, the commander on the spot.
    pub source: String,
    pub recorded_by: String,
    pub recorded_by_name: String,
    pub recorded_at: Millis,
}

impl Figure {
    /// Later knowledge wins: first the moment it speaks of, then the moment it was written down.
    fn order(&self) -> (Millis, Millis, &FigureId) {
        (self.as_of, self.recorded_at, &self.id)
    }
}

/// The newest figure of each key: what the header shows.
#[must_use]
pub fn newest(series: &[Figure]) -> BTreeMap<FigureKey, &Figure> {
    let mut heads: BTreeMap<FigureKey, &Figure> = BTreeMap::new();
    for figure in series {
        let head = heads.entry(figure.key).or_insert(figure);
        if figure.order() > head.order() {
            *head = figure;
        }
    }
    heads
}

/// What the header showed at `then`: what had been written by then. A report freezes this.
#[must_use]
pub fn known_at(series: &[Figure], then: Millis) -> BTreeMap<FigureKey, i64> {
    let written: Vec<Figure> = series
        .iter()
        .filter(|figure| figure.recorded_at <= then)
        .cloned()
        .collect();
    newest(&written)
        .into_iter()
        .map(|(key, figure)| (key, figure.value))
        .collect()
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FigureRefusal {
    OutOfRange { key: FigureKey, value: i64 },
    SourceMissing,
    SourceTooLong { length: usize },
    FromTheFuture { as_of: Millis, now: Millis },
}

/// Whether a figure may be written down at `now`.
///
/// # Errors
/// When its value, source or moment cannot be.
pub fn check(
    key: FigureKey,
    value: i64,
    source: &str,
    as_of: Millis,
    now: Millis,
) -> Result<(), FigureRefusal> {
    if !(0..=key.most()).contains(&value) {
        return Err(FigureRefusal::OutOfRange { key, value });
    }
    if source.trim().is_empty() {
        return Err(FigureRefusal::SourceMissing);
    }
    let length = source.chars().count();
    if length > SOURCE_MAX {
        return Err(FigureRefusal::SourceTooLong { length });
    }
    if as_of > now.plus(AHEAD_MS) {
        return Err(FigureRefusal::FromTheFuture { as_of, now });
    }
    Ok(())
}

impl From<FigureRefusal> for Refusal {
    fn from(refusal: FigureRefusal) -> Self {
        use FigureRefusal as R;
        match refusal {
            R::OutOfRange { key, value } => Self::new(
                Kind::Invalid,
                "incident.figure_out_of_range",
                format!("数字应在 0 到 {} 之间。", key.most()),
                format!("The figure must lie between 0 and {}.", key.most()),
            )
            .with("key", key.as_str())
            .with("value", value),
            R::SourceMissing => Self::new(
                Kind::Invalid,
                "incident.figure_source_missing",
                "请填写数字的来源（谁说的）。",
                "Say who gave the figure.",
            ),
            R::SourceTooLong { length } => Self::new(
                Kind::Invalid,
                "incident.figure_source_too_long",
                format!("来源最多 {SOURCE_MAX} 字，现有 {length} 字。"),
                format!("A source has at most {SOURCE_MAX} characters, this one has {length}."),
            ),
            R::FromTheFuture { as_of, now } => Self::new(
                Kind::Invalid,
                "incident.figure_from_the_future",
                "数字的时间晚于现在；请核对时间。",
                "The figure's moment lies in the future; check its time.",
            )
            .with("as_of", as_of.0)
            .with("now", now.0),
        }
    }
}
