//! A named thing on the map, and its one encoding that all viewers share.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::geom::{BBox, Shape, shape_to_geojson};

/// What is put on the map. The pair of layer and id names it.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// Such as `incident` or `region`.
    pub layer: String,
    pub id: String,
    /// Who may see it, in words of the caller's policy, such as a division code. Keep the number of classes small.
    pub class: String,
    pub shape: Shape,
    /// Shown to every viewer of the class. `layer` and `id` are added.
    pub properties: Map<String, Value>,
}

/// A feature as it stands on the board.
#[derive(Debug)]
pub struct Placed {
    /// `layer/id`, unique on the board.
    pub name: String,
    pub layer: String,
    pub class: String,
    pub shape: Shape,
    pub bbox: BBox,
    /// GeoJSON Feature, encoded once.
    pub json: String,
}

impl From<Feature> for Arc<Placed> {
    fn from(feature: Feature) -> Self {
        let name = name(&feature.layer, &feature.id);
        let mut properties = feature.properties;
        properties.insert("layer".to_owned(), Value::from(feature.layer.clone()));
        properties.insert("id".to_owned(), Value::from(feature.id));
        let json = json!({
            "type": "Feature",
            "id": &name,
            "geometry": shape_to_geojson(&feature.shape),
            "properties": properties,
        });
        Arc::new(Placed {
            name,
            layer: feature.layer,
            class: feature.class,
            bbox: feature.shape.bbox(),
            shape: feature.shape,
            json: json.to_string(),
        })
    }
}

pub fn name(layer: &str, id: &str) -> String {
    format!("{layer}/{id}")
}
