//! Assets as clients see them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        ObjectBuilder,
        schema::{SchemaType, Type},
    },
};

use super::{
    kind::{FieldValue, KINDS},
    model::{Asset, AssetId, Contact, Datum, Draft, Status},
};
use crate::platform::{Millis, http::contract::one_of, import::OnProblem};

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AssetSeen {
    pub id: AssetId,
    pub kind: String,
    pub name: String,
    pub division: String,
    pub address: String,
    /// GeoJSON geometry, WGS-84.
    #[schema(schema_with = geometry_or_null)]
    pub geometry: Option<Value>,
    pub datum_in: Datum,
    pub org: String,
    /// Masked: `138****0001`. `POST …/reveal` shows them in full and records the look.
    pub contacts: Vec<Contact>,
    pub status: Status,
    #[schema(value_type = Object)]
    pub details: Map<String, Value>,
    pub source: String,
    pub source_id: String,
    pub verified_at: Option<Millis>,
    pub updated_at: Millis,
    pub version: i64,
}

impl From<Asset> for AssetSeen {
    fn from(asset: Asset) -> Self {
        Self {
            id: asset.id,
            kind: asset.kind.code.to_owned(),
            name: asset.name,
            division: asset.division.as_str().to_owned(),
            address: asset.address,
            geometry: asset.geometry,
            datum_in: asset.datum_in,
            org: asset.org,
            contacts: asset.contacts.iter().map(Contact::masked).collect(),
            status: asset.status,
            details: asset.details,
            source: asset.source,
            source_id: asset.source_id,
            verified_at: asset.verified_at,
            updated_at: asset.updated_at,
            version: asset.version,
        }
    }
}

/// Contacts in full, after a look that was recorded.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = AssetRevealed)]
pub struct Revealed {
    pub contacts: Vec<Contact>,
}

/// An asset and how far it is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Near {
    #[serde(flatten)]
    pub asset: AssetSeen,
    /// Metres on a sphere of 6 371 008.8 m, to the nearest place of the asset; 0 inside an area.
    pub distance_m: f64,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
pub struct Found {
    pub items: Vec<Near>,
    /// There are more than the limit.
    pub truncated: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KindCount {
    pub kind: String,
    pub total: i64,
    /// Without a place on the map.
    pub placeless: i64,
    /// Not confirmed within a year.
    pub unverified: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KindSeen {
    pub code: String,
    pub zh: String,
    pub en: String,
    pub helps: bool,
    pub fields: Vec<FieldSeen>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldSeen {
    pub name: String,
    pub zh: String,
    pub en: String,
    #[schema(schema_with = values)]
    pub value: String,
    pub required: bool,
}

fn geometry_or_null() -> utoipa::openapi::Schema {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Object, Type::Null]))
        .property("type", ObjectBuilder::new().schema_type(Type::String))
        .property(
            "coordinates",
            ObjectBuilder::new().schema_type(SchemaType::AnyValue),
        )
        .into()
}

fn values() -> utoipa::openapi::Schema {
    one_of(&["text", "count", "amount", "bearing", "yes_no"])
}

/// The table of kinds, for forms.
#[must_use]
pub fn kinds() -> Vec<KindSeen> {
    let value = |value: FieldValue| match value {
        FieldValue::Text => "text",
        FieldValue::Count => "count",
        FieldValue::Amount => "amount",
        FieldValue::Bearing => "bearing",
        FieldValue::YesNo => "yes_no",
    };
    KINDS
        .iter()
        .map(|kind| KindSeen {
            code: kind.code.to_owned(),
            zh: kind.zh.to_owned(),
            en: kind.en.to_owned(),
            helps: kind.helps,
            fields: kind
                .fields
                .iter()
                .map(|field| FieldSeen {
                    name: field.name.to_owned(),
                    zh: field.zh.to_owned(),
                    en: field.en.to_owned(),
                    value: value(field.value).to_owned(),
                    required: field.required,
                })
                .collect(),
        })
        .collect()
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewAsset {
    #[serde(default)]
    pub id: Option<AssetId>,
    #[serde(flatten)]
    pub draft: Draft,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct ChangedAsset {
    pub version: i64,
    #[serde(flatten)]
    pub draft: Draft,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AssetQuery {
    /// Name, kind, address or organisation; characters, pinyin or initials.
    #[serde(default)]
    pub q: String,
    #[serde(default)]
    pub division: String,
    pub kind: Option<String>,
    pub after: Option<String>,
    pub limit: Option<usize>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PlaceQuery {
    pub lon: f64,
    pub lat: f64,
    /// Metres; for `within` only.
    #[serde(default)]
    pub radius_m: f64,
    /// Codes of kinds, separated by commas; all when empty.
    #[serde(default)]
    pub kinds: String,
    /// Of each kind for `nearest`, in all for `within`.
    pub limit: Option<usize>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// Name of the list: the same number from the same list is the same asset.
    pub source: String,
    /// What the coordinates are measured in.
    #[param(inline)]
    pub datum: Datum,
    /// Kind of lines that name none.
    pub kind: Option<String>,
    /// Division of lines that name none.
    pub division: Option<String>,
    #[serde(default)]
    pub preview: bool,
    #[serde(default)]
    #[param(inline)]
    pub on_problem: OnProblem,
}
