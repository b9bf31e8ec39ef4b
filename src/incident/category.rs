//! Which kinds of incident there are: the four kinds of the law, the second level of the plans, our own third.
//!
//! Slugs are ours and stable; national code tables are mapped onto them, never the other way round.

use std::fmt;

/// One entry of the table below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub slug: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
    /// Who defined it: the Emergency Response Law, the general plans, or this system.
    pub system: System,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    LawKind,
    Plan,
    Local,
}

impl System {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LawKind => "law-kind",
            Self::Plan => "plan",
            Self::Local => "local",
        }
    }
}

const fn law(slug: &'static str, zh: &'static str, en: &'static str) -> Entry {
    Entry {
        slug,
        zh,
        en,
        system: System::LawKind,
    }
}
const fn plan(slug: &'static str, zh: &'static str, en: &'static str) -> Entry {
    Entry {
        slug,
        zh,
        en,
        system: System::Plan,
    }
}
const fn local(slug: &'static str, zh: &'static str, en: &'static str) -> Entry {
    Entry {
        slug,
        zh,
        en,
        system: System::Local,
    }
}

/// Parents stand before their children. A slug's parent is the slug without its last part.
pub const TABLE: &[Entry] = &[
    law("natural", "自然灾害", "Natural disaster"),
    plan("natural.flood", "水旱灾害", "Flood or drought"),
    local("natural.flood.river", "江河洪水", "River flood"),
    local("natural.flood.urban", "城市内涝", "Urban flooding"),
    local("natural.flood.dam", "堤坝险情", "Dam or dyke in danger"),
    local("natural.flood.drought", "干旱", "Drought"),
    plan("natural.weather", "气象灾害", "Severe weather"),
    local("natural.weather.rainstorm", "暴雨", "Rainstorm"),
    local("natural.weather.snow", "暴雪、冰冻", "Snow or ice"),
    local("natural.weather.wind", "大风、沙尘", "Gale or dust storm"),
    plan("natural.earthquake", "地震灾害", "Earthquake"),
    plan("natural.geology", "地质灾害", "Geological disaster"),
    plan("natural.marine", "海洋灾害", "Marine disaster"),
    plan(
        "natural.wildfire",
        "森林草原火灾",
        "Forest or grassland fire",
    ),
    plan("natural.biology", "生物灾害", "Biological disaster"),
    law("accident", "事故灾难", "Accident"),
    plan(
        "accident.work_safety",
        "工矿商贸等安全事故",
        "Work safety accident",
    ),
    local("accident.work_safety.fire", "火灾", "Fire"),
    local("accident.work_safety.explosion", "爆炸", "Explosion"),
    local(
        "accident.work_safety.hazmat",
        "危险化学品事故",
        "Hazardous materials",
    ),
    local("accident.work_safety.mine", "矿山事故", "Mine accident"),
    local(
        "accident.work_safety.construction",
        "建筑施工事故",
        "Construction accident",
    ),
    plan("accident.transport", "交通运输事故", "Transport accident"),
    local("accident.transport.road", "道路交通事故", "Road accident"),
    local(
        "accident.transport.obstruction",
        "道路阻断、故障车辆",
        "Road obstruction or disabled vehicle",
    ),
    local(
        "accident.transport.rail",
        "铁路、轨道交通事故",
        "Rail accident",
    ),
    local("accident.transport.air", "民航事故", "Air accident"),
    local(
        "accident.transport.water",
        "水上交通事故",
        "Accident on water",
    ),
    plan(
        "accident.facility",
        "公共设施和设备事故",
        "Public facility or equipment",
    ),
    local("accident.facility.gas", "燃气泄漏", "Gas leak"),
    local(
        "accident.facility.power",
        "大面积停电、电力故障",
        "Power failure",
    ),
    local(
        "accident.facility.water",
        "供水、排水事故",
        "Water supply or drainage",
    ),
    local(
        "accident.facility.lift",
        "电梯、特种设备事故",
        "Lift or special equipment",
    ),
    local(
        "accident.facility.alarm",
        "消防报警、险情排查",
        "Fire alarm or investigation",
    ),
    plan(
        "accident.nuclear",
        "核与辐射事故",
        "Nuclear or radiation accident",
    ),
    plan(
        "accident.environment",
        "环境污染和生态破坏事件",
        "Pollution or ecological damage",
    ),
    law("health", "公共卫生事件", "Public health"),
    plan("health.epidemic", "传染病疫情", "Infectious disease"),
    plan(
        "health.unexplained",
        "群体性不明原因疾病",
        "Unexplained mass illness",
    ),
    plan(
        "health.food_drug",
        "食品药品安全和职业危害",
        "Food, drug or occupational safety",
    ),
    plan("health.animal", "动物疫情", "Animal disease"),
    local(
        "health.medical",
        "个人急救",
        "Medical emergency of one person",
    ),
    law("security", "社会安全事件", "Social security"),
    plan("security.crime", "重大刑事案件", "Serious crime"),
    plan("security.terror", "恐怖袭击事件", "Terrorist attack"),
    plan(
        "security.ethnic_religious",
        "民族宗教事件",
        "Ethnic or religious incident",
    ),
    plan(
        "security.economic",
        "经济金融安全事件",
        "Economic or financial security",
    ),
    plan(
        "security.foreign",
        "涉外突发事件",
        "Incident involving foreign parties",
    ),
    plan("security.mass", "群体性事件", "Mass incident"),
];

/// Different words callers use for what may be one and the same happening.
const NEIGHBOURS: &[(&str, &str)] = &[
    ("accident.facility.alarm", "accident.facility.gas"),
    ("accident.facility.alarm", "accident.work_safety.fire"),
    ("accident.facility.gas", "accident.work_safety.explosion"),
    ("accident.facility.gas", "accident.work_safety.fire"),
    ("accident.facility.power", "accident.work_safety.fire"),
    ("accident.facility.water", "natural.flood"),
    ("accident.environment", "accident.work_safety.hazmat"),
    ("accident.transport.road", "accident.work_safety.hazmat"),
    ("accident.transport.road", "accident.work_safety.fire"),
    ("accident.work_safety.fire", "natural.wildfire"),
    ("health.food_drug", "health.unexplained"),
    ("natural.flood", "natural.geology"),
    ("natural.flood", "natural.weather"),
    ("security.crime", "security.mass"),
    ("security.crime", "security.terror"),
];

/// An entry of the table; cheap to copy.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Category(&'static Entry);

/// How two categories stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kinship {
    Foreign,
    /// Listed as words for possibly the same thing.
    Neighbour,
    /// The same second level.
    Sibling,
    Same,
}

impl Category {
    #[must_use]
    pub fn parse(slug: &str) -> Option<Self> {
        TABLE.iter().find(|entry| entry.slug == slug).map(Self)
    }

    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(Self)
    }

    #[must_use]
    pub fn slug(self) -> &'static str {
        self.0.slug
    }

    #[must_use]
    pub fn entry(self) -> &'static Entry {
        self.0
    }

    #[must_use]
    pub fn parent(self) -> Option<Self> {
        self.slug()
            .rsplit_once('.')
            .and_then(|(parent, _)| Self::parse(parent))
    }

    /// One of the four kinds of the law.
    #[must_use]
    pub fn kind(self) -> Self {
        let kind = self
            .slug()
            .split('.')
            .next()
            .expect("split yields at least one part");
        Self::parse(kind).expect("the first part of every slug is in the table")
    }

    /// Whether this is `slug` or below it.
    #[must_use]
    pub fn is_within(self, slug: &str) -> bool {
        self.slug()
            .strip_prefix(slug)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// The law defines levels I–IV for the first three kinds only.
    #[must_use]
    pub fn has_levels(self) -> bool {
        !self.is_within("security")
    }

    /// Each call is about another person unless something says otherwise.
    #[must_use]
    pub fn is_individual(self) -> bool {
        self.is_within("health.medical")
    }

    #[must_use]
    pub fn kinship(self, other: Self) -> Kinship {
        if self == other {
            return Kinship::Same;
        }
        if self.is_within(other.slug()) || other.is_within(self.slug()) || self.is_sibling(other) {
            return Kinship::Sibling;
        }
        let listed = NEIGHBOURS.iter().any(|(a, b)| {
            self.is_within(a) && other.is_within(b) || self.is_within(b) && other.is_within(a)
        });
        if listed {
            Kinship::Neighbour
        } else {
            Kinship::Foreign
        }
    }

    fn is_sibling(self, other: Self) -> bool {
        match (self.parent(), other.parent()) {
            (Some(a), Some(b)) => a == b && a.parent().is_some(),
            _ => false,
        }
    }
}

impl fmt::Debug for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}
