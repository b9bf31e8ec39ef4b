//! What lies under the live objects: tiles from an archive, a plain base map, or nothing; opened once at the start.

use std::path::Path;

use bytes::Bytes;
use serde_json::Value;

use super::link::{Archive, BBox, Base, LonLat, Theme, Tile, style};
use crate::platform::{Fault, config};

const TILES: &str = "/api/v1/map/tiles/{z}/{x}/{y}";
const BASE: &str = "/api/v1/map/base.geojson";

#[derive(Debug)]
pub struct Ground {
    archive: Option<Archive>,
    base: Option<Bytes>,
    /// Longitude, latitude and zoom the map opens with.
    centre: [f64; 3],
}

/// Where a map opens that was told nothing: the whole country.
const COUNTRY: [f64; 3] = [104.0, 36.0, 3.5];

impl Ground {
    /// # Errors
    /// When a configured file is absent or not what it should be: better a clear word now than an empty map later.
    pub async fn open(config: &config::Map) -> Result<Self, Fault> {
        let archive = match &config.pmtiles {
            Some(path) => Some(
                Archive::open(path)
                    .await
                    .map_err(|unusable| Fault::new("opening map.pmtiles", unusable))?,
            ),
            None => None,
        };
        let base = match &config.base_geojson {
            Some(path) => Some(read_base(path)?),
            None => None,
        };
        let shown = base.as_ref().and_then(|(_, shown)| *shown);
        let shown = shown.or_else(|| BBox::try_from(archive.as_ref()?.about().bounds).ok());
        Ok(Self {
            centre: config.centre.or(shown.map(opening)).unwrap_or(COUNTRY),
            base: base.map(|(text, _)| text),
            archive,
        })
    }

    /// A MapLibre style with the address of everything it shows.
    #[must_use]
    pub fn style(&self, theme: Theme) -> Value {
        let mut style = style(
            theme,
            &Base {
                tiles: self
                    .archive
                    .as_ref()
                    .map(|archive| (archive.about(), TILES)),
                geojson: self.base.is_some().then_some(BASE),
            },
        );
        let [lon, lat, zoom] = self.centre;
        style["center"] = [lon, lat].as_slice().into();
        style["zoom"] = zoom.into();
        style
    }

    #[must_use]
    pub fn base(&self) -> Option<Bytes> {
        self.base.clone()
    }

    /// # Errors
    /// When the archive is damaged there.
    pub async fn tile(&self, z: u8, x: u32, y: u32) -> Result<Option<Tile>, Fault> {
        let Some(archive) = &self.archive else {
            return Ok(None);
        };
        archive
            .tile(z, x, y)
            .await
            .map_err(|why| Fault::new(format!("reading tile {z}/{x}/{y}"), why))
    }
}

/// The file as it is, and the box around its points.
fn read_base(path: &Path) -> Result<(Bytes, Option<BBox>), Fault> {
    let unusable =
        |why: String| Fault::new(format!("reading map.base_geojson {}", path.display()), why);
    let text = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    let json: Value =
        serde_json::from_slice(&text).map_err(|error| unusable(format!("not JSON: {error}")))?;
    let features = json["features"].as_array();
    let Some(features) = features.filter(|_| json["type"] == "FeatureCollection") else {
        return Err(unusable("not a GeoJSON FeatureCollection".to_owned()));
    };
    let points = features
        .iter()
        .filter(|feature| feature["geometry"]["type"] == "Point");
    let places = points.filter_map(|feature| {
        let at = &feature["geometry"]["coordinates"];
        LonLat::new(at[0].as_f64()?, at[1].as_f64()?).ok()
    });
    let shown = BBox::around(places);
    Ok((text.into(), shown))
}

/// The middle of a box, and a zoom at which about half of it is on a screen.
fn opening(shown: BBox) -> [f64; 3] {
    let centre = shown.centre();
    let width = (shown.east - shown.west).max(0.01);
    [
        centre.lon(),
        centre.lat(),
        ((360.0 / width).log2() + 2.0).clamp(1.0, 14.0),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn open(configure: impl FnOnce(&mut config::Map)) -> Result<Ground, String> {
        let mut config = config::Map::default();
        configure(&mut config);
        Ground::open(&config)
            .await
            .map_err(|fault| fault.to_string())
    }

    fn file(name: &str, text: &str) -> std::path::PathBuf {
        let path = std::env::temp_dir().join(format!("fht_ground_{}_{name}", std::process::id()));
        std::fs::write(&path, text).expect("the temporary directory can be written");
        path
    }

    #[tokio::test]
    async fn a_map_without_any_file_has_a_style() {
        let style = open(|_| {}).await.unwrap().style(Theme::Dark);
        assert_eq!(style["zoom"], 3.5);
        assert_eq!(style["sources"], serde_json::json!({}));
    }

    #[tokio::test]
    async fn a_plain_base_map_is_in_the_style_and_the_map_opens_on_it() {
        let point = r#"{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[125.3,43.9]}}"#;
        let path = file(
            "base.json",
            &format!(r#"{{"type":"FeatureCollection","features":[{point}]}}"#),
        );
        let ground = open(|map| map.base_geojson = Some(path.clone()))
            .await
            .unwrap();
        let style = ground.style(Theme::Light);
        assert_eq!(style["sources"]["base"]["data"], BASE);
        assert_eq!(style["center"], serde_json::json!([125.3, 43.9]));
        assert!(ground.base().is_some());
        let ground = open(|map| {
            map.base_geojson = Some(path.clone());
            map.centre = Some([1.0, 2.0, 3.0]);
        });
        assert_eq!(ground.await.unwrap().style(Theme::Dark)["zoom"], 3.0);
        std::fs::remove_file(path).unwrap();
    }

    #[tokio::test]
    async fn unusable_files_stop_the_start_with_their_name_and_the_reason() {
        let text = file("text.json", "not json");
        let message = open(|map| map.base_geojson = Some(text.clone()))
            .await
            .unwrap_err();
        assert!(
            message.contains("map.base_geojson") && message.contains("not JSON"),
            "{message}"
        );
        let message = open(|map| map.pmtiles = Some(text.clone()))
            .await
            .unwrap_err();
        assert!(
            message.contains("map.pmtiles") && message.contains("not a usable PMTiles archive"),
            "{message}"
        );
        let list = file("list.json", "[]");
        let message = open(|map| map.base_geojson = Some(list.clone()))
            .await
            .unwrap_err();
        assert!(message.contains("FeatureCollection"), "{message}");
        std::fs::remove_file(text).unwrap();
        std::fs::remove_file(list).unwrap();
    }
}
