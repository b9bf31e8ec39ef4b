//! An asset: what it is, where it stands, whom to call.

use fenghuotai_maps::geom::{NotAShape, Shape, shape_from_geojson, shape_to_geojson};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::kind::Kind;
use crate::{
    platform::{Millis, sealing::mask},
    region::DivisionCode,
    typed_id,
};

typed_id!(pub AssetId);

/// Somebody to call, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AssetContact)]
pub struct Contact {
    #[serde(default)]
    pub role: String,
    #[serde(default)]
    pub name: String,
    pub phone: String,
}

impl Contact {
    #[must_use]
    pub fn masked(&self) -> Self {
        Self {
            phone: mask(&self.phone),
            ..self.clone()
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AssetStatus)]
pub enum Status {
    #[default]
    InUse,
    /// Damaged, closed, under repair.
    OutOfUse,
    Removed,
}

/// What coordinates are measured in when they arrive; inside everything is WGS-84.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AssetDatum)]
pub enum Datum {
    /// Also CGCS2000: the difference is centimetres.
    Wgs84,
    Gcj02,
    Bd09,
}

impl Datum {
    fn maps(self) -> fenghuotai_maps::datum::Datum {
        match self {
            Self::Wgs84 => fenghuotai_maps::datum::Datum::Wgs84,
            Self::Gcj02 => fenghuotai_maps::datum::Datum::Gcj02,
            Self::Bd09 => fenghuotai_maps::datum::Datum::Bd09,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Asset {
    pub id: AssetId,
    pub kind: &'static Kind,
    pub name: String,
    pub division: DivisionCode,
    pub address: String,
    /// GeoJSON geometry, WGS-84; an asset whose place nobody knows has none.
    pub geometry: Option<Value>,
    pub datum_in: Datum,
    pub org: String,
    pub contacts: Vec<Contact>,
    pub status: Status,
    /// Values of its kind.
    pub details: Map<String, Value>,
    pub source: String,
    pub source_id: String,
    pub verified_at: Option<Millis>,
    pub updated_at: Millis,
    pub version: i64,
}

/// What can be written about an asset.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
#[schema(as = AssetDraft)]
pub struct Draft {
    /// A code of the list of kinds.
    pub kind: String,
    pub name: String,
    #[schema(value_type = String)]
    pub division: DivisionCode,
    #[serde(default)]
    pub address: String,
    /// GeoJSON geometry in `datum`.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub geometry: Option<Value>,
    #[serde(default = "wgs84")]
    pub datum: Datum,
    #[serde(default)]
    pub org: String,
    #[serde(default)]
    pub contacts: Vec<Contact>,
    #[serde(default)]
    pub status: Status,
    #[serde(default)]
    #[schema(value_type = Object)]
    pub details: Map<String, Value>,
}

fn wgs84() -> Datum {
    Datum::Wgs84
}

pub const TEXT_MAX: usize = 200;
pub const CONTACTS_MAX: usize = 16;

/// Something wrong with a draft: field and stable code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub field: String,
    pub code: &'static str,
    pub value: String,
}

fn wrong(field: &str, code: &'static str, value: &str) -> Wrong {
    Wrong {
        field: field.to_owned(),
        code,
        value: value.to_owned(),
    }
}

impl Draft {
    /// A contact sent back as it was shown, masked, stays the contact it was.
    pub fn keep_masked(&mut self, known: &[Contact]) {
        for contact in &mut self.contacts {
            if let Some(kept) = known.iter().find(|known| known.masked() == *contact) {
                *contact = kept.clone();
            }
        }
    }

    /// Everything wrong with it, apart from its geometry.
    #[must_use]
    pub fn wrongs(&self) -> Vec<Wrong> {
        let mut wrongs = Vec::new();
        if self.name.trim().is_empty() {
            wrongs.push(wrong("name", "missing", ""));
        }
        for (field, text) in [
            ("name", &self.name),
            ("address", &self.address),
            ("org", &self.org),
        ] {
            if text.chars().count() > TEXT_MAX {
                wrongs.push(wrong(field, "too_long", text));
            }
        }
        if self.contacts.len() > CONTACTS_MAX {
            wrongs.push(wrong("contacts", "too_many", ""));
        }
        let Some(kind) = Kind::parse(&self.kind) else {
            wrongs.push(wrong("kind", "unknown_word", &self.kind));
            return wrongs;
        };
        for field in kind.fields {
            match self.details.get(field.name) {
                None if field.required => wrongs.push(wrong(field.name, "missing", "")),
                Some(value) if !field.value.accepts(value) => {
                    wrongs.push(wrong(field.name, "unknown_word", &value.to_string()));
                }
                _ => {}
            }
        }
        for name in self.details.keys() {
            if !kind.fields.iter().any(|field| field.name == name) {
                wrongs.push(wrong(name, "unknown_word", name));
            }
        }
        wrongs
    }
}

/// Reads a GeoJSON geometry that is already WGS-84.
///
/// # Errors
/// Why it is not a shape.
pub fn shape(geometry: &Value) -> Result<Shape, NotAShape> {
    let geometry: geojson::Geometry = serde_json::from_value(geometry.clone())
        .map_err(|_| NotAShape::Unsupported("not GeoJSON"))?;
    shape_from_geojson(&geometry)
}

/// Reads a GeoJSON geometry measured in `datum` and writes it in WGS-84.
///
/// # Errors
/// Why it is not a shape.
pub fn to_wgs84(geometry: &Value, datum: Datum) -> Result<Value, NotAShape> {
    let shape = datum.maps().shape_to_wgs84(&shape(geometry)?)?;
    Ok(serde_json::to_value(shape_to_geojson(&shape)).expect("a geometry is JSON"))
}
