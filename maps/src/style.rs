//! The style under the live objects: from tiles, from a plain GeoJSON base, or from nothing at all.
//!
//! No `glyphs` and no `sprite`: labels are drawn with the fonts of the machine, nothing is fetched from outside.

use serde_json::{Value, json};

use crate::tiles::{About, TileKind};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Theme {
    #[default]
    Dark,
    Light,
}

/// What lies under the live objects, with the address each part is fetched from.
#[derive(Clone, Debug, Default)]
pub struct Base<'a> {
    /// The archive and its address with `{z}/{x}/{y}`.
    pub tiles: Option<(&'a About, &'a str)>,
    /// The address of a GeoJSON file with `kind` = river, lake, urban, place, airport.
    pub geojson: Option<&'a str>,
}

struct Colours {
    ground: &'static str,
    water: &'static str,
    urban: &'static str,
    green: &'static str,
    road: &'static str,
    rail: &'static str,
    building: &'static str,
    label: &'static str,
    halo: &'static str,
}

const DARK: Colours = Colours {
    ground: "#0f171f",
    water: "#1c4164",
    urban: "#222f3b",
    green: "#13211d",
    road: "#33424f",
    rail: "#3a3f4a",
    building: "#212d38",
    label: "#a9bac9",
    halo: "#0c1218",
};

const LIGHT: Colours = Colours {
    ground: "#f3f1ec",
    water: "#bcd7ec",
    urban: "#e5e2da",
    green: "#dfe9d6",
    road: "#ffffff",
    rail: "#c3bfb8",
    building: "#dcd8cf",
    label: "#46525e",
    halo: "#ffffff",
};

const FONT: [&str; 1] = ["Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif"];

/// A MapLibre style (specification version 8).
pub fn style(theme: Theme, base: &Base<'_>) -> Value {
    let colours = match theme {
        Theme::Dark => &DARK,
        Theme::Light => &LIGHT,
    };
    let mut sources = serde_json::Map::new();
    let mut layers = vec![json!({
        "id": "ground", "type": "background", "paint": { "background-color": colours.ground },
    })];
    if let Some(address) = base.geojson {
        sources.insert("base".into(), json!({ "type": "geojson", "data": address }));
        layers.extend(plain_layers(colours, base.tiles.is_none()));
    }
    if let Some((about, address)) = base.tiles {
        let kind = match about.kind {
            TileKind::Vector => "vector",
            TileKind::Picture => "raster",
        };
        let mut source = json!({
            "type": kind, "tiles": [address], "minzoom": about.min_zoom, "maxzoom": about.max_zoom, "bounds": about.bounds,
        });
        if let Some(credit) = &about.attribution {
            source["attribution"] = json!(credit);
        }
        if about.kind == TileKind::Picture {
            source["tileSize"] = json!(256);
            layers.push(picture_layer(theme));
        } else {
            layers.extend(vector_layers(colours, &about.layers));
        }
        sources.insert("tiles".into(), source);
    }
    json!({ "version": 8, "name": "Fenghuotai", "sources": sources, "layers": layers })
}

fn picture_layer(theme: Theme) -> Value {
    // Foreign pictures are bright; the marks above them must stay the brightest thing.
    let (saturation, brightest) = if theme == Theme::Dark {
        (-0.6, 0.55)
    } else {
        (-0.25, 1.0)
    };
    json!({
        "id": "tiles", "type": "raster", "source": "tiles",
        "paint": { "raster-saturation": saturation, "raster-brightness-max": brightest },
    })
}

fn plain_layers(colours: &Colours, with_labels: bool) -> Vec<Value> {
    let of = |kind: &str| json!(["==", ["get", "kind"], kind]);
    let mut layers = vec![
        json!({ "id": "base-urban", "type": "fill", "source": "base", "filter": of("urban"),
            "paint": { "fill-color": colours.urban } }),
        json!({ "id": "base-lake", "type": "fill", "source": "base", "filter": of("lake"),
            "paint": { "fill-color": colours.water } }),
        json!({ "id": "base-river", "type": "line", "source": "base", "filter": of("river"),
            "paint": { "line-color": colours.water, "line-width": ["interpolate", ["linear"], ["zoom"], 5, 1, 10, 3] } }),
    ];
    if with_labels {
        layers.push(json!({ "id": "base-label", "type": "symbol", "source": "base",
            "filter": ["in", ["get", "kind"], ["literal", ["place", "airport", "lake"]]],
            "layout": {
                "text-field": ["coalesce", ["get", "name"], ["get", "name_en"], ""], "text-font": FONT, "text-size": 12,
                "text-padding": 6,
            },
            "paint": { "text-color": colours.label, "text-halo-color": colours.halo, "text-halo-width": 1.2 } }));
    }
    layers
}

/// Layers of the common schemas (OpenMapTiles, Shortbread, Protomaps) by their names; others stay unseen.
fn vector_layers(colours: &Colours, known: &[String]) -> Vec<Value> {
    let mut layers = Vec::new();
    let mut add = |names: &[&str], make: &dyn Fn(&str) -> Value| {
        for name in names
            .iter()
            .filter(|name| known.iter().any(|layer| layer == *name))
        {
            let mut layer = make(name);
            layer["id"] = json!(format!(
                "tiles-{name}-{}",
                layer["type"].as_str().unwrap_or_default()
            ));
            layer["source"] = json!("tiles");
            layer["source-layer"] = json!(name);
            layers.push(layer);
        }
    };
    let fill = |colour: &'static str| move |_: &str| json!({ "type": "fill", "filter": ["==", ["geometry-type"], "Polygon"], "paint": { "fill-color": colour } });
    let line = |colour: &'static str, from: f64, to: f64| {
        move |_: &str| {
            json!({ "type": "line", "filter": ["==", ["geometry-type"], "LineString"],
                "layout": { "line-cap": "round", "line-join": "round" },
                "paint": { "line-color": colour, "line-width": ["interpolate", ["exponential", 1.5], ["zoom"], 8, from, 16, to] } })
        }
    };
    let label = |size: f64| {
        move |_: &str| {
            json!({ "type": "symbol",
                "layout": { "text-field": ["coalesce", ["get", "name:zh"], ["get", "name"], ["get", "name:latin"], ""], "text-font": FONT, "text-size": size },
                "paint": { "text-color": colours.label, "text-halo-color": colours.halo, "text-halo-width": 1.2 } })
        }
    };
    add(
        &["landcover", "park", "landuse", "land"],
        &fill(colours.green),
    );
    add(&["ocean", "water", "water_polygons"], &fill(colours.water));
    add(&["waterway", "water_lines"], &line(colours.water, 0.5, 4.0));
    add(&["building", "buildings"], &fill(colours.building));
    add(
        &["transportation", "streets", "roads"],
        &line(colours.road, 0.4, 8.0),
    );
    add(&["transit"], &line(colours.rail, 0.4, 2.0));
    add(&["transportation_name", "street_labels"], &|_| {
        json!({ "type": "symbol", "minzoom": 12,
            "layout": { "symbol-placement": "line", "text-field": ["coalesce", ["get", "name"], ["get", "name:latin"], ""], "text-font": FONT, "text-size": 11 },
            "paint": { "text-color": colours.label, "text-halo-color": colours.halo, "text-halo-width": 1.2 } })
    });
    add(&["place", "place_labels", "places"], &label(13.0));
    layers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(kind: TileKind, layers: &[&str]) -> About {
        About {
            kind,
            min_zoom: 0,
            max_zoom: 14,
            bounds: [9.0, 47.0, 10.0, 48.0],
            layers: layers.iter().map(|layer| (*layer).to_owned()).collect(),
            attribution: Some("© somebody".into()),
        }
    }

    /// Every layer has its source, every id is there once, and nothing points outside.
    fn check(style: &Value) {
        let mut ids = std::collections::BTreeSet::new();
        for layer in style["layers"].as_array().unwrap() {
            assert!(
                ids.insert(layer["id"].as_str().unwrap().to_owned()),
                "{layer}"
            );
            if let Some(source) = layer.get("source") {
                assert!(
                    style["sources"].get(source.as_str().unwrap()).is_some(),
                    "{layer}"
                );
            }
        }
        assert!(!style.to_string().contains("http"), "{style}");
        assert!(style.get("glyphs").is_none() && style.get("sprite").is_none());
    }

    #[test]
    fn a_style_needs_no_tiles() {
        let style = style(Theme::Dark, &Base::default());
        check(&style);
        assert_eq!(style["layers"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn every_base_makes_a_whole_style_in_both_themes() {
        let vector = about(
            TileKind::Vector,
            &["water", "transportation", "place", "building", "unknown"],
        );
        let picture = about(TileKind::Picture, &[]);
        for theme in [Theme::Dark, Theme::Light] {
            for tiles in [
                None,
                Some((&vector, "/tiles/{z}/{x}/{y}")),
                Some((&picture, "/tiles/{z}/{x}/{y}")),
            ] {
                for geojson in [None, Some("/base.geojson")] {
                    check(&style(theme, &Base { tiles, geojson }));
                }
            }
        }
    }

    #[test]
    fn an_archive_is_credited_and_its_known_layers_are_drawn() {
        let vector = about(TileKind::Vector, &["water", "unknown"]);
        let style = style(
            Theme::Light,
            &Base {
                tiles: Some((&vector, "/t/{z}/{x}/{y}")),
                geojson: None,
            },
        );
        assert_eq!(style["sources"]["tiles"]["attribution"], "© somebody");
        let ids: Vec<&str> = style["layers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|layer| layer["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids, ["ground", "tiles-water-fill"]);
    }
}
