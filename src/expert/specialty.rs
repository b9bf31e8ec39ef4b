//! Which knowledge an incident asks for: subjects of GB/T 13745-2009 and words, by category.
//!
//! Default data, chosen by reading the subject list against the category table; an expert's own group and
//! words count beside it, so that a gap here lowers a score and never hides a person.

/// One line: categories at or under `category` ask for these.
#[derive(Debug)]
pub struct Asks {
    pub category: &'static str,
    /// Subject codes; a longer code of an expert under one of them counts as well.
    pub subjects: &'static [&'static str],
    pub words: &'static [&'static str],
}

const fn asks(
    category: &'static str,
    subjects: &'static [&'static str],
    words: &'static [&'static str],
) -> Asks {
    Asks {
        category,
        subjects,
        words,
    }
}

pub const TABLE: &[Asks] = &[
    asks(
        "natural.flood",
        &["570", "17055"],
        &[
            "水利", "防洪", "堤坝", "大坝", "水库", "水文", "排水", "抗旱",
        ],
    ),
    asks(
        "natural.flood.dam",
        &["57025", "57035", "56025"],
        &["大坝", "溃坝", "堤防", "岩土", "结构"],
    ),
    asks(
        "natural.weather",
        &["17015", "21065"],
        &["气象", "暴雨", "雪灾", "预报"],
    ),
    asks(
        "natural.earthquake",
        &["17020", "56025", "56035"],
        &["地震", "结构", "抗震", "搜救"],
    ),
    asks(
        "natural.geology",
        &["17050", "17045", "41010"],
        &["地质", "滑坡", "泥石流", "岩土"],
    ),
    asks("natural.marine", &["17060"], &["海洋"]),
    asks(
        "natural.wildfire",
        &["220", "62020"],
        &["森林", "草原", "防火", "扑火"],
    ),
    asks(
        "natural.biology",
        &["18044", "21060", "22030"],
        &["植物保护", "病虫害", "外来物种"],
    ),
    asks("accident", &["620"], &["安全", "应急"]),
    asks(
        "accident.work_safety",
        &["620", "440", "530"],
        &["安全工程", "事故调查", "救援"],
    ),
    asks(
        "accident.work_safety.fire",
        &["62020", "62030"],
        &["消防", "火灾", "灭火"],
    ),
    asks(
        "accident.work_safety.explosion",
        &["530", "62030"],
        &["爆炸", "化工", "燃爆"],
    ),
    asks(
        "accident.work_safety.hazmat",
        &["530", "15025"],
        &["危化", "危险化学品", "化工", "泄漏", "毒"],
    ),
    asks(
        "accident.work_safety.mine",
        &["440"],
        &["矿山", "煤矿", "采矿", "瓦斯"],
    ),
    asks(
        "accident.transport",
        &["580"],
        &["交通", "道路", "铁路", "航空"],
    ),
    asks(
        "accident.facility",
        &["560", "470", "480"],
        &["结构", "电力", "燃气", "管网", "桥梁"],
    ),
    asks(
        "accident.facility.gas",
        &["48040", "56055"],
        &["燃气", "管道", "泄漏"],
    ),
    asks("accident.facility.power", &["470"], &["电力", "电网"]),
    asks(
        "accident.facility.water",
        &["56055", "57050"],
        &["供水", "给排水"],
    ),
    asks("accident.nuclear", &["490", "14055"], &["核", "辐射"]),
    asks("accident.environment", &["610"], &["环境", "污染", "监测"]),
    asks("health", &["330", "320"], &["公共卫生", "疾控", "医疗"]),
    asks(
        "health.epidemic",
        &["33021", "33014", "32024"],
        &["传染病", "流行病", "疫情"],
    ),
    asks(
        "health.food_drug",
        &["33031", "350", "550"],
        &["食品", "药品", "中毒"],
    ),
    asks("health.animal", &["230"], &["兽医", "动物", "疫病"]),
    asks("health.medical", &["320"], &["急救", "急诊", "创伤"]),
    asks(
        "security",
        &["62080", "820", "840"],
        &["公共安全", "舆情", "法律", "心理"],
    ),
    asks(
        "security.crime",
        &["82030", "82040"],
        &["刑侦", "法医", "侦查"],
    ),
    asks("security.terror", &["62080"], &["反恐", "排爆", "谈判"]),
    asks(
        "security.mass",
        &["840", "19055"],
        &["调解", "信访", "心理", "舆情"],
    ),
    asks("security.finance", &["790"], &["金融", "经济"]),
];

/// The lines that apply to a category, the narrowest last.
pub fn for_category(slug: &str) -> impl Iterator<Item = &'static Asks> {
    let slug = slug.to_owned();
    TABLE.iter().filter(move |asks| {
        slug.strip_prefix(asks.category)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}
