//! Kinds of asset and what each must say (command.md 2.7).

/// A kind of asset.
#[derive(Debug, PartialEq)]
pub struct Kind {
    pub code: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
    pub fields: &'static [Field],
    /// The field a list means by a plain `容量` or `数量`.
    pub measure: Option<&'static str>,
    /// Categories of incident for which the nearest of this kind are proposed; empty: for every one.
    pub serves: &'static [&'static str],
    /// Something that helps, as opposed to something in danger or dangerous.
    pub helps: bool,
}

/// A value of this kind beyond the common ones.
#[derive(Debug, PartialEq)]
pub struct Field {
    pub name: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
    pub value: FieldValue,
    pub required: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldValue {
    Text,
    /// A whole number, not negative.
    Count,
    /// A number, not negative.
    Amount,
    /// Degrees clockwise from north, 0 to 360.
    Bearing,
    YesNo,
}

const fn must(name: &'static str, zh: &'static str, en: &'static str, value: FieldValue) -> Field {
    Field {
        name,
        zh,
        en,
        value,
        required: true,
    }
}

const fn may(name: &'static str, zh: &'static str, en: &'static str, value: FieldValue) -> Field {
    Field {
        name,
        zh,
        en,
        value,
        required: false,
    }
}

use FieldValue::{Amount, Bearing, Count, Text, YesNo};

pub const KINDS: &[Kind] = &[
    Kind {
        code: "team",
        zh: "救援队伍",
        en: "Rescue team",
        fields: &[
            may("team_type", "队伍类型", "Type", Text),
            must("people", "人数", "People", Count),
            may("vehicles", "车辆", "Vehicles", Count),
            may("skills", "技能", "Skills", Text),
            may(
                "turnout_minutes",
                "出动时间（分钟）",
                "Turn-out, minutes",
                Amount,
            ),
        ],
        measure: Some("people"),
        serves: &[],
        helps: true,
    },
    Kind {
        code: "depot",
        zh: "物资储备库",
        en: "Supply depot",
        fields: &[
            may("supplies", "主要物资", "Main supplies", Text),
            may("area_m2", "面积（平方米）", "Area, m²", Amount),
            may("keeper", "保管人", "Keeper", Text),
        ],
        measure: Some("area_m2"),
        serves: &[],
        helps: true,
    },
    Kind {
        code: "shelter",
        zh: "应急避难场所",
        en: "Shelter",
        fields: &[
            must("capacity", "容纳人数", "Capacity, people", Count),
            may(
                "area_m2",
                "有效面积（平方米）",
                "Effective area, m²",
                Amount,
            ),
            may("indoor", "室内", "Indoor", YesNo),
            may("opened", "已开放", "Opened", YesNo),
        ],
        measure: Some("capacity"),
        serves: &["natural", "accident", "security.terror"],
        helps: true,
    },
    Kind {
        code: "hospital",
        zh: "医院/急救",
        en: "Hospital",
        fields: &[
            may("class", "等级", "Class", Text),
            may("beds", "床位", "Beds", Count),
            may("beds_free", "空床位", "Free beds", Count),
            may("icu_beds", "重症床位", "ICU beds", Count),
            may("ambulances", "救护车", "Ambulances", Count),
        ],
        measure: Some("beds"),
        serves: &[],
        helps: true,
    },
    Kind {
        code: "hazard",
        zh: "危险源",
        en: "Hazard",
        fields: &[
            may("grade", "级别", "Grade", Text),
            may("substance", "物质", "Substance", Text),
            may("quantity_t", "数量（吨）", "Quantity, t", Amount),
            may(
                "worst_case_radius_m",
                "最大影响半径（米）",
                "Worst-case radius, m",
                Amount,
            ),
        ],
        measure: Some("quantity_t"),
        serves: &[],
        helps: false,
    },
    Kind {
        code: "target",
        zh: "防护目标",
        en: "Protected target",
        fields: &[
            may("target_type", "类型", "Type", Text),
            may("people", "人数", "People", Count),
        ],
        measure: Some("people"),
        serves: &[],
        helps: false,
    },
    Kind {
        code: "waterwork",
        zh: "水库/堤防/闸站",
        en: "Reservoir, dyke or sluice",
        fields: &[
            may("work_type", "类型", "Type", Text),
            may("storage_m3", "库容（立方米）", "Storage, m³", Amount),
            may(
                "flood_limit_m",
                "汛限水位（米）",
                "Flood-limit level, m",
                Amount,
            ),
        ],
        measure: Some("storage_m3"),
        serves: &[],
        helps: false,
    },
    Kind {
        code: "bridge",
        zh: "桥梁/隧道/道路",
        en: "Bridge, tunnel or road",
        fields: &[
            may("load_limit_t", "限重（吨）", "Load limit, t", Amount),
            may("height_limit_m", "限高（米）", "Height limit, m", Amount),
            may("closed", "已封闭", "Closed", YesNo),
        ],
        measure: Some("load_limit_t"),
        serves: &[],
        helps: false,
    },
    Kind {
        code: "pipeline",
        zh: "管线",
        en: "Pipeline",
        fields: &[
            may("medium", "介质", "Medium", Text),
            may("pressure_mpa", "压力（兆帕）", "Pressure, MPa", Amount),
        ],
        measure: None,
        serves: &[],
        helps: false,
    },
    Kind {
        code: "camera",
        zh: "视频监控点",
        en: "Camera",
        fields: &[
            may("gbt28181_id", "国标编号", "GB/T 28181 id", Text),
            may("bearing", "朝向（度）", "Bearing, degrees", Bearing),
            may("ptz", "云台", "PTZ", YesNo),
            may("online", "在线", "Online", YesNo),
        ],
        measure: None,
        serves: &[],
        helps: true,
    },
    Kind {
        code: "sensor",
        zh: "监测点",
        en: "Sensor",
        fields: &[
            may("quantity", "监测量", "Quantity", Text),
            may("unit", "单位", "Unit", Text),
        ],
        measure: None,
        serves: &[],
        helps: true,
    },
];

impl Kind {
    /// By code or by Chinese name, as lists have it.
    #[must_use]
    pub fn parse(text: &str) -> Option<&'static Self> {
        let named = |kind: &&Self| {
            kind.code == text || kind.zh == text || kind.zh.split('/').any(|part| part == text)
        };
        KINDS.iter().find(named)
    }

    /// Whether the nearest of this kind help with an incident of this category.
    #[must_use]
    pub fn suits(&self, category: &str) -> bool {
        let under = |slug: &&str| {
            category
                .strip_prefix(*slug)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.helps && (self.serves.is_empty() || self.serves.iter().any(under))
    }
}

impl FieldValue {
    /// The JSON value of a text, or nothing when it is none of this sort. `16人` and `3 层` count.
    #[must_use]
    pub fn parse(self, text: &str) -> Option<serde_json::Value> {
        let number = || {
            let digits: String = text.replace([',', '，'], "");
            let end = digits
                .find(|c: char| !(c.is_ascii_digit() || c == '.'))
                .unwrap_or(digits.len());
            let unit = digits[end..].trim();
            (unit.chars().count() <= 4 && !unit.starts_with('-'))
                .then(|| digits[..end].parse::<f64>().ok())?
        };
        match self {
            Self::Text => Some(text.into()),
            Self::Count => number()
                .filter(|n| n.fract() == 0.0 && *n <= 1e12)
                .map(|n| (n as i64).into()),
            Self::Amount => number().filter(|n| n.is_finite()).map(Into::into),
            Self::Bearing => number()
                .filter(|n| (0.0..=360.0).contains(n))
                .map(Into::into),
            Self::YesNo => match text {
                "是" | "有" | "1" | "true" | "yes" => Some(true.into()),
                "否" | "无" | "0" | "false" | "no" => Some(false.into()),
                _ => None,
            },
        }
    }

    /// Whether a JSON value is of this sort.
    #[must_use]
    pub fn accepts(self, value: &serde_json::Value) -> bool {
        match self {
            Self::Text => value
                .as_str()
                .is_some_and(|text| text.chars().count() <= 1_000),
            Self::Count => value.as_i64().is_some_and(|n| n >= 0),
            Self::Amount => value.as_f64().is_some_and(|n| n >= 0.0),
            Self::Bearing => value.as_f64().is_some_and(|n| (0.0..=360.0).contains(&n)),
            Self::YesNo => value.is_boolean(),
        }
    }
}
