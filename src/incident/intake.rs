//! Whether what was typed can become an incident or a call: pure checks of fields.

use super::{
    category::Category,
    model::{DESCRIPTION_MAX, Datum, NAME_MAX, PHONE_MAX, PLACE_TEXT_MAX, Place, Point, TITLE_MAX},
    refusal::No,
};
use crate::{platform::Millis, region::DivisionCode};

/// Clocks of two desks may differ by this much.
pub const AHEAD_MS: i64 = 5 * Millis::MINUTE;
/// A vaguer place is no statement, metres.
pub const ACCURACY_MAX_M: f64 = 100_000.0;

/// A text within its bound, without blanks around it.
///
/// # Errors
/// When it is too long.
pub fn text(field: &'static str, text: &str, most: usize) -> Result<String, No> {
    let text = text.trim();
    let length = text.chars().count();
    if length > most {
        return Err(No::FieldUnusable {
            field,
            zh: format!("内容最多 {most} 字，现有 {length} 字，请缩短。"),
            en: format!("At most {most} characters are accepted, this has {length}; shorten it."),
        });
    }
    Ok(text.to_owned())
}

/// # Errors
/// When it is too long.
pub fn title(typed: &str) -> Result<String, No> {
    text("title", typed, TITLE_MAX)
}

/// # Errors
/// When it is too long.
pub fn description(typed: &str) -> Result<String, No> {
    text("description", typed, DESCRIPTION_MAX)
}

/// # Errors
/// When it is too long.
pub fn name(field: &'static str, typed: &str) -> Result<String, No> {
    text(field, typed, NAME_MAX)
}

/// # Errors
/// When it is too long to be a number.
pub fn phone(typed: &str) -> Result<String, No> {
    text("phone", typed, PHONE_MAX)
}

/// # Errors
/// When the table does not know it.
pub fn category(slug: &str) -> Result<Category, No> {
    Category::parse(slug).ok_or_else(|| No::FieldUnusable {
        field: "category",
        zh: "请选择事件类别。".to_owned(),
        en: "Choose a category; the one given is not in the table.".to_owned(),
    })
}

/// # Errors
/// When it is no division code.
pub fn division(code: &str) -> Result<DivisionCode, No> {
    DivisionCode::parse(code).map_err(|why| No::FieldUnusable {
        field: "division",
        zh: "行政区划代码无效。".to_owned(),
        en: format!("The division code is not valid: {why}."),
    })
}

/// A moment that is not in the future.
///
/// # Errors
/// When it is.
pub fn past(field: &'static str, at: Millis, now: Millis) -> Result<Millis, No> {
    if at > now.plus(AHEAD_MS) {
        return Err(No::FieldUnusable {
            field,
            zh: "时间晚于现在，请核对。".to_owned(),
            en: "The time lies in the future; check it.".to_owned(),
        });
    }
    Ok(at)
}

/// A place as given: words, point in its datum, radius.
///
/// # Errors
/// When the words are too long, half a point is missing or the point is not on the Earth.
pub fn place(
    words: &str,
    lon: Option<f64>,
    lat: Option<f64>,
    accuracy_m: Option<f64>,
    datum: Datum,
) -> Result<Place, No> {
    let given = match (lon, lat) {
        (None, None) => None,
        (Some(lon), Some(lat)) => Some(Point::new(lon, lat).ok_or_else(|| {
            No::FieldUnusable {
                field: "lon",
                zh: "坐标超出范围：经度 ±180，纬度 ±90。".to_owned(),
                en: "The point is not on the Earth: longitude within ±180, latitude within ±90."
                    .to_owned(),
            }
        })?),
        _ => {
            return Err(No::FieldUnusable {
                field: "lon",
                zh: "经度和纬度须同时填写。".to_owned(),
                en: "Give longitude and latitude together.".to_owned(),
            });
        }
    };
    if accuracy_m.is_some_and(|metres| !(0.0..=ACCURACY_MAX_M).contains(&metres)) {
        return Err(No::FieldUnusable {
            field: "accuracy_m",
            zh: format!("精度半径应在 0 到 {ACCURACY_MAX_M} 米之间。"),
            en: format!("The radius must lie between 0 and {ACCURACY_MAX_M} metres."),
        });
    }
    Ok(Place {
        text: text("place_text", words, PLACE_TEXT_MAX)?,
        point: given.map(|point| datum.to_wgs84(point)),
        accuracy_m,
        datum_in: datum,
    })
}
