//! Everything this room says no to.

use super::list::NotAList;
use super::report::Report;
use crate::platform::failure::{Kind, Refusal};

/// The refusals; [`Refusal`] is how they look outside.
#[derive(Clone, Debug)]
pub enum No {
    DivisionMissing,
    NowhereKnown,
    NotAPlace,
    BadDate,
    List(NotAList),
    NotFeatures {
        why: String,
    },
    /// Lines were refused, so nothing was imported.
    Lines(Box<Report>),
    Busy,
}

impl From<No> for Refusal {
    fn from(no: No) -> Refusal {
        let say = |kind, code, zh: &str, en: &str| Refusal::new(kind, code, zh, en);
        match no {
            No::DivisionMissing => say(
                Kind::Missing,
                "region.division_missing",
                "没有这个行政区划。",
                "There is no such division.",
            ),
            No::NowhereKnown => say(
                Kind::Missing,
                "region.no_division_there",
                "该位置在该日期不属于任何已导入边界的行政区划。",
                "No division whose boundary is known holds this place on that day.",
            ),
            No::NotAPlace => say(
                Kind::Invalid,
                "region.not_a_place",
                "经纬度超出范围。",
                "Longitude or latitude is out of range.",
            ),
            No::BadDate => say(
                Kind::Invalid,
                "region.bad_date",
                "日期须为 YYYY-MM-DD。",
                "A date is written YYYY-MM-DD.",
            ),
            No::Busy => say(
                Kind::TooMany,
                "region.import_under_way",
                "另一个导入正在进行，请稍后重试。",
                "Another import is under way. Try again in a moment.",
            ),
            No::List(why) => not_a_list(&why),
            No::NotFeatures { why } => Refusal::new(
                Kind::Invalid,
                "region.not_geojson",
                format!("文件不是 GeoJSON FeatureCollection：{why}"),
                format!("The file is no GeoJSON FeatureCollection: {why}"),
            ),
            No::Lines(report) => Refusal::new(
                Kind::Invalid,
                "region.lines_refused",
                format!(
                    "有 {} 行有误，文件整体未导入。请按行改正后重新导入。",
                    report.refused
                ),
                format!(
                    "{} lines are wrong, so nothing was imported. Correct them and import again.",
                    report.refused
                ),
            )
            .with(
                "report",
                serde_json::to_value(report).expect("a report is JSON"),
            ),
        }
    }
}

fn not_a_list(why: &NotAList) -> Refusal {
    let (code, zh, en) = match why {
        NotAList::Encoding => ("region.encoding", "文件既不是 UTF-8 也不是 GB 18030 编码。".to_owned(), "The file is neither UTF-8 nor GB 18030.".to_owned()),
        NotAList::Form => (
            "region.not_a_list",
            "无法识别的区划文件：应为带 code 与 name 的省市县 JSON 树，或首行含 code（或 id）与 name 列的 CSV。".to_owned(),
            "Not a division list: expected a JSON tree with code and name, or a CSV whose first line has code (or id) and name.".to_owned(),
        ),
        NotAList::Broken { line, why } => ("region.broken_file", format!("文件在第 {line} 行处无法读取：{why}"), format!("The file cannot be read at line {line}: {why}")),
        NotAList::TooLong => ("region.too_long", "文件行数过多。".to_owned(), "The file has too many rows.".to_owned()),
    };
    Refusal::new(Kind::Invalid, code, zh, en)
}
