//! Why something about an asset was refused.

use serde_json::json;

use super::model::Wrong;
use crate::platform::{Kind, Refusal as Problem, tabular::NotATable};

#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    Missing,
    VersionConflict { current: serde_json::Value },
    Invalid(Vec<Wrong>),
    BadGeometry(String),
    NotATable(NotATable),
    NotGeoJson,
    BadQuestion(&'static str),
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Missing => Self::new(
                Kind::Missing,
                "asset.missing",
                "没有这项资源。",
                "There is no such asset.",
            ),
            Refusal::VersionConflict { current } => Self::new(
                Kind::Conflict,
                "asset.version_conflict",
                "该资源信息已被他人修改，请核对后再保存。",
                "Somebody else has changed this asset; look at the current record and save again.",
            )
            .with("current", current),
            Refusal::Invalid(wrongs) => Self::new(
                Kind::Invalid,
                "asset.invalid",
                "资源信息有误，请按标出的项目改正。",
                "Some values are not valid; correct the fields named.",
            )
            .with(
                "fields",
                json!(
                    wrongs
                        .iter()
                        .map(|wrong| json!({ "field": wrong.field, "code": wrong.code }))
                        .collect::<Vec<_>>()
                ),
            ),
            Refusal::BadGeometry(why) => Self::new(
                Kind::Invalid,
                "asset.bad_geometry",
                "图形无效，请检查坐标。",
                "The geometry is not usable; check the coordinates.",
            )
            .with("why", why),
            Refusal::NotATable(why) => Self::new(
                Kind::Invalid,
                "asset.not_a_table",
                "文件不是 UTF-8 或 GB 18030 编码的 CSV 表格。",
                "The file is not a CSV table in UTF-8 or GB 18030.",
            )
            .with("why", format!("{why:?}")),
            Refusal::NotGeoJson => Self::new(
                Kind::Invalid,
                "asset.not_geojson",
                "文件不是 GeoJSON 要素集合。",
                "The file is not a GeoJSON FeatureCollection.",
            ),
            Refusal::BadQuestion(field) => Self::new(
                Kind::Invalid,
                "asset.bad_question",
                "查询条件有误：经纬度、半径或种类不正确。",
                "The question cannot be answered: check place, radius and kind.",
            )
            .with("field", field),
        }
    }
}
