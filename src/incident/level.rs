//! Which level an incident has by the facts known, and by which rule: data first, a person decides.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{category::Category, figures::FigureKey, model::Sensitivity};

/// I is the gravest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub enum Level {
    I,
    II,
    III,
    IV,
}

impl Level {
    pub const ALL: [Self; 4] = [Self::I, Self::II, Self::III, Self::IV];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::I => "I",
            Self::II => "II",
            Self::III => "III",
            Self::IV => "IV",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == text)
    }
}

/// "At least so many of these make it this level." 以上 includes the number itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Stable name, kept with the incident as the basis of its level.
    pub id: &'static str,
    pub level: Level,
    pub key: FigureKey,
    pub at_least: i64,
    pub zh: &'static str,
    pub en: &'static str,
}

/// Rules of one legal source for the categories it speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleSet {
    pub id: &'static str,
    pub source_zh: &'static str,
    pub source_en: &'static str,
    /// UTC date, `YYYY-MM-DD`, from which it is in force.
    pub valid_from: &'static str,
    pub applies_to: &'static [&'static str],
    pub rules: &'static [Rule],
}

const fn rule(
    id: &'static str,
    level: Level,
    key: FigureKey,
    at_least: i64,
    zh: &'static str,
    en: &'static str,
) -> Rule {
    Rule {
        id,
        level,
        key,
        at_least,
        zh,
        en,
    }
}

/// State Council Decree 493, article 3. It leaves nuclear and environmental accidents to other rules (article 2).
pub const DECREE_493: RuleSet = RuleSet {
    id: "decree-493",
    source_zh: "《生产安全事故报告和调查处理条例》（国务院令第493号）第三条",
    source_en: "State Council Decree 493 (reporting and investigation of work safety accidents), article 3",
    valid_from: "2007-06-01",
    applies_to: &[
        "accident.work_safety",
        "accident.transport",
        "accident.facility",
    ],
    rules: &[
        rule(
            "decree-493.I.dead",
            Level::I,
            FigureKey::Dead,
            30,
            "30人以上死亡",
            "30 or more dead",
        ),
        rule(
            "decree-493.I.serious",
            Level::I,
            FigureKey::Serious,
            100,
            "100人以上重伤",
            "100 or more seriously injured",
        ),
        rule(
            "decree-493.I.loss",
            Level::I,
            FigureKey::LossYuan,
            100_000_000,
            "1亿元以上直接经济损失",
            "direct loss of ¥100 million or more",
        ),
        rule(
            "decree-493.II.dead",
            Level::II,
            FigureKey::Dead,
            10,
            "10人以上30人以下死亡",
            "10 to 29 dead",
        ),
        rule(
            "decree-493.II.serious",
            Level::II,
            FigureKey::Serious,
            50,
            "50人以上100人以下重伤",
            "50 to 99 seriously injured",
        ),
        rule(
            "decree-493.II.loss",
            Level::II,
            FigureKey::LossYuan,
            50_000_000,
            "5000万元以上1亿元以下直接经济损失",
            "direct loss from ¥50 million to under ¥100 million",
        ),
        rule(
            "decree-493.III.dead",
            Level::III,
            FigureKey::Dead,
            3,
            "3人以上10人以下死亡",
            "3 to 9 dead",
        ),
        rule(
            "decree-493.III.serious",
            Level::III,
            FigureKey::Serious,
            10,
            "10人以上50人以下重伤",
            "10 to 49 seriously injured",
        ),
        rule(
            "decree-493.III.loss",
            Level::III,
            FigureKey::LossYuan,
            10_000_000,
            "1000万元以上5000万元以下直接经济损失",
            "direct loss from ¥10 million to under ¥50 million",
        ),
        rule(
            "decree-493.IV.dead",
            Level::IV,
            FigureKey::Dead,
            0,
            "3人以下死亡",
            "fewer than 3 dead",
        ),
        rule(
            "decree-493.IV.serious",
            Level::IV,
            FigureKey::Serious,
            0,
            "10人以下重伤",
            "fewer than 10 seriously injured",
        ),
        rule(
            "decree-493.IV.loss",
            Level::IV,
            FigureKey::LossYuan,
            0,
            "1000万元以下直接经济损失",
            "direct loss under ¥10 million",
        ),
    ],
};

pub const RULE_SETS: &[RuleSet] = &[DECREE_493];

/// A rule that holds, with the fact that made it hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fired {
    pub rule: Rule,
    pub set: &'static str,
    pub value: i64,
}

/// Why there is no level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Silence {
    /// The law defines no levels for 社会安全.
    NotDefinedByLaw,
    /// No rule for this category is stored here.
    NoRule,
    /// There are rules, but none of their figures is known.
    NoFigures,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    pub level: Option<Level>,
    /// For each figure that is known the gravest rule it fulfils, gravest first.
    pub fired: Vec<Fired>,
    pub silence: Option<Silence>,
    /// Sensitive place, time or people: report upward whatever the level.
    pub report_regardless: bool,
}

/// Proposes a level from the newest figures. Monotonic: more harm never makes it milder.
#[must_use]
pub fn propose(
    category: Category,
    figures: &BTreeMap<FigureKey, i64>,
    sensitive: &[Sensitivity],
) -> Proposal {
    let report_regardless = !sensitive.is_empty();
    let silent = |silence| Proposal {
        level: None,
        fired: vec![],
        silence: Some(silence),
        report_regardless,
    };
    if !category.has_levels() {
        return silent(Silence::NotDefinedByLaw);
    }
    let sets: Vec<&RuleSet> = RULE_SETS
        .iter()
        .filter(|set| set.applies_to.iter().any(|slug| category.is_within(slug)))
        .collect();
    if sets.is_empty() {
        return silent(Silence::NoRule);
    }
    let mut fired: Vec<Fired> = sets
        .iter()
        .flat_map(|set| {
            figures
                .iter()
                .filter_map(|(&key, &value)| gravest(set, key, value))
        })
        .collect();
    if fired.is_empty() {
        return silent(Silence::NoFigures);
    }
    fired.sort_by_key(|fired| (fired.rule.level, fired.rule.key));
    Proposal {
        level: fired.first().map(|fired| fired.rule.level),
        fired,
        silence: None,
        report_regardless,
    }
}

fn gravest(set: &RuleSet, key: FigureKey, value: i64) -> Option<Fired> {
    set.rules
        .iter()
        .filter(|rule| rule.key == key && value >= rule.at_least)
        .min_by_key(|rule| rule.level)
        .map(|&rule| Fired {
            rule,
            set: set.id,
            value,
        })
}
