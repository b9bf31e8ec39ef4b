//! What of an incident's or asset's row is shown on the map, and which rows are shown at all.

use serde::Deserialize;
use serde_json::{Value, json};

use super::link::{Area, Feature, LonLat, Shape};
use crate::{infrastructure, region::Division};

/// Statuses of incidents that are still being worked on; any other vanishes from the map.
pub const OPEN: [&str; 5] = [
    "reported",
    "verifying",
    "confirmed",
    "responding",
    "controlled",
];
pub const INCIDENT: &str = "incident";
pub const ASSET: &str = "asset";
pub const REGION: &str = "region";

/// The outline of a division with its name.
pub fn region(division: &Division, area: &Area) -> Feature {
    let mut properties = serde_json::Map::new();
    properties.insert("name".to_owned(), Value::from(division.name.clone()));
    Feature {
        layer: REGION.to_owned(),
        id: division.code.to_string(),
        class: division.code.to_string(),
        shape: Shape::Area(area.clone()),
        properties,
    }
}

/// The fields of an incident's row in the journal that the map needs.
#[derive(Debug, Deserialize)]
struct Row {
    id: String,
    number: String,
    title: String,
    category: String,
    level: Option<String>,
    status: String,
    division: String,
    place_text: String,
    lon: Option<f64>,
    lat: Option<f64>,
    exercise: bool,
    received_at: i64,
}

/// What becomes of something on the map.
#[derive(Debug, PartialEq)]
pub enum Change {
    Show(Box<Feature>),
    /// It is over or removed, or nobody knows where it is.
    Hide {
        layer: &'static str,
        id: String,
    },
}

/// The fields of an asset's row in the journal that the map needs.
#[derive(Debug, Deserialize)]
struct AssetRow {
    kind: String,
    name: String,
    status: String,
    geometry: Option<Value>,
}

/// Reads an asset's row as JSON. `None` when it is not one.
pub fn asset(id: &str, division: &str, row: &Value) -> Option<Change> {
    let row = AssetRow::deserialize(row).ok()?;
    let shape = row
        .geometry
        .and_then(|geometry| infrastructure::shape(&geometry).ok())
        .filter(|_| row.status != "removed");
    let Some(shape) = shape else {
        return Some(Change::Hide {
            layer: ASSET,
            id: id.to_owned(),
        });
    };
    let properties = json!({
        "kind": row.kind,
        "name": row.name,
        "status": row.status,
        "division": division,
    });
    let Value::Object(properties) = properties else {
        return None;
    };
    Some(Change::Show(Box::new(Feature {
        layer: ASSET.to_owned(),
        id: id.to_owned(),
        class: division.to_owned(),
        shape,
        properties,
    })))
}

/// Reads an incident's row as JSON. `None` when it is not one.
pub fn incident(row: &Value) -> Option<Change> {
    let row = Row::deserialize(row).ok()?;
    let place = row
        .lon
        .zip(row.lat)
        .and_then(|(lon, lat)| LonLat::new(lon, lat).ok());
    let Some(place) = place.filter(|_| OPEN.contains(&row.status.as_str())) else {
        return Some(Change::Hide {
            layer: INCIDENT,
            id: row.id,
        });
    };
    let properties = json!({
        "number": row.number,
        "title": row.title,
        "category": row.category,
        "level": row.level,
        "status": row.status,
        "division": row.division,
        "place": row.place_text,
        "exercise": row.exercise,
        "received_at": row.received_at,
    });
    let Value::Object(properties) = properties else {
        return None;
    };
    Some(Change::Show(Box::new(Feature {
        layer: INCIDENT.to_owned(),
        id: row.id,
        class: row.division,
        shape: Shape::Point(place),
        properties,
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(status: &str, lon: Value) -> Value {
        json!({
            "id": "a", "number": "220102-1", "title": "火灾", "category": "accident.work_safety.fire", "level": "II",
            "status": status, "division": "220102", "place_text": "人民大街", "lon": lon, "lat": 43.9,
            "exercise": false, "received_at": 5, "description": "not shown", "recorded_by": "nobody",
        })
    }

    #[test]
    fn an_open_incident_with_a_place_is_shown_without_its_description() {
        let Some(Change::Show(feature)) = incident(&row("responding", json!(125.3))) else {
            panic!("it is shown")
        };
        assert_eq!(
            (feature.class.as_str(), feature.layer.as_str()),
            ("220102", INCIDENT)
        );
        assert_eq!(feature.properties["level"], "II");
        assert!(!feature.properties.contains_key("description"));
    }

    #[test]
    fn what_is_over_a_draft_or_nowhere_is_hidden() {
        for status in [
            "draft",
            "closed",
            "archived",
            "dismissed",
            "duplicate",
            "transferred",
        ] {
            assert_eq!(
                incident(&row(status, json!(125.3))),
                Some(Change::Hide {
                    layer: INCIDENT,
                    id: "a".into()
                }),
                "{status}"
            );
        }
        assert_eq!(
            incident(&row("reported", Value::Null)),
            Some(Change::Hide {
                layer: INCIDENT,
                id: "a".into()
            })
        );
    }

    #[test]
    fn an_asset_is_shown_where_it_stands_until_it_is_removed() {
        let mut row = json!({
            "kind": "hospital", "name": "市医院", "status": "in_use", "source": "list",
            "geometry": { "type": "Polygon", "coordinates": [[[125.0, 43.0], [125.1, 43.0], [125.1, 43.1], [125.0, 43.0]]] },
        });
        let Some(Change::Show(feature)) = asset("a", "220102", &row) else {
            panic!("it is shown")
        };
        assert_eq!(
            (feature.class.as_str(), feature.layer.as_str()),
            ("220102", ASSET)
        );
        assert_eq!(feature.properties["kind"], "hospital");
        assert!(!feature.properties.contains_key("source"));
        let hidden = Some(Change::Hide {
            layer: ASSET,
            id: "a".into(),
        });
        row["status"] = json!("removed");
        assert_eq!(asset("a", "220102", &row), hidden);
        row["status"] = json!("in_use");
        row["geometry"] = Value::Null;
        assert_eq!(asset("a", "220102", &row), hidden);
        assert_eq!(asset("a", "220102", &Value::Null), None);
    }

    #[test]
    fn anything_else_is_no_incident() {
        assert_eq!(incident(&Value::Null), None);
        assert_eq!(incident(&json!({ "id": "a" })), None);
    }
}
