//! Base-map tiles from a PMTiles archive: opened and checked once, read by z/x/y, passed on as they are stored.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use pmtiles::{AsyncPmTilesReader, HashMapCache, MmapBackend, TileCoord, TileType};
use serde_json::Value;

/// An archive that can be served. The file must not be changed while it is open: put a new one beside it.
pub struct Archive {
    reader: AsyncPmTilesReader<MmapBackend, HashMapCache>,
    about: About,
}

/// What a style needs to know of an archive.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    pub kind: TileKind,
    pub min_zoom: u8,
    pub max_zoom: u8,
    /// West, south, east, north.
    pub bounds: [f64; 4],
    /// Ids of the vector layers inside, empty for pictures.
    pub layers: Vec<String>,
    /// Whom to credit; shown on the map.
    pub attribution: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TileKind {
    Vector,
    Picture,
}

/// Why a file cannot be the base map.
#[derive(Debug, thiserror::Error)]
#[error("{} is not a usable PMTiles archive: {why}", path.display())]
pub struct Unusable {
    pub path: PathBuf,
    pub why: String,
}

/// A tile as it is stored.
#[derive(Clone, Debug)]
pub struct Tile {
    pub bytes: Bytes,
    pub content_type: &'static str,
    /// `gzip`, when the archive stores its tiles so.
    pub content_encoding: Option<&'static str>,
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Archive")
            .field("about", &self.about)
            .finish_non_exhaustive()
    }
}

impl Archive {
    /// Opens the file and reads its header, directory and metadata, so that a bad one is refused now and not
    /// when somebody looks at the map.
    pub async fn open(path: &Path) -> Result<Self, Unusable> {
        let unusable = |why: String| Unusable {
            path: path.to_owned(),
            why,
        };
        let size = std::fs::metadata(path)
            .map_err(|error| unusable(error.to_string()))?
            .len();
        if size == 0 {
            return Err(unusable("the file is empty".to_owned()));
        }
        // Directories are read once: without the cache every tile decodes its leaf directory anew (0.4 ms).
        let reader = AsyncPmTilesReader::new_with_cached_path(HashMapCache::default(), path)
            .await
            .map_err(|error| unusable(error.to_string()))?;
        let header = reader.get_header();
        if header.spec_version() != 3 {
            return Err(unusable(format!(
                "version {} is not supported, only version 3",
                header.spec_version()
            )));
        }
        if header.min_zoom > header.max_zoom {
            return Err(unusable(
                "the lowest zoom lies above the highest".to_owned(),
            ));
        }
        let kind = match header.tile_type {
            TileType::Mvt => TileKind::Vector,
            TileType::Png | TileType::Jpeg | TileType::Webp | TileType::Avif => TileKind::Picture,
            other => return Err(unusable(format!("tiles of type {other:?} cannot be shown"))),
        };
        let metadata = reader
            .get_metadata()
            .await
            .map_err(|error| unusable(format!("metadata: {error}")))?;
        let metadata: Value = serde_json::from_str(&metadata)
            .map_err(|error| unusable(format!("metadata: {error}")))?;
        let about = About {
            kind,
            min_zoom: header.min_zoom,
            max_zoom: header.max_zoom,
            bounds: [
                header.min_longitude,
                header.min_latitude,
                header.max_longitude,
                header.max_latitude,
            ],
            layers: layer_ids(&metadata),
            attribution: metadata
                .get("attribution")
                .and_then(Value::as_str)
                .map(str::to_owned),
        };
        Ok(Self { reader, about })
    }

    pub fn about(&self) -> &About {
        &self.about
    }

    /// The tile, or `None` where the archive has none (also outside the pyramid).
    pub async fn tile(&self, z: u8, x: u32, y: u32) -> Result<Option<Tile>, String> {
        let Ok(coord) = TileCoord::new(z, x, y) else {
            return Ok(None);
        };
        let header = self.reader.get_header();
        let tile = self
            .reader
            .get_tile(coord)
            .await
            .map_err(|error| error.to_string())?;
        Ok(tile.map(|bytes| Tile {
            bytes,
            content_type: header.tile_type.content_type(),
            content_encoding: header.tile_compression.content_encoding(),
        }))
    }
}

/// Some writers put the list inside a text named `json`, as MBTiles has it.
fn layer_ids(metadata: &Value) -> Vec<String> {
    let nested: Option<Value> = metadata
        .get("json")
        .and_then(Value::as_str)
        .and_then(|text| serde_json::from_str(text).ok());
    let list = |metadata: &Value| {
        metadata
            .get("vector_layers")
            .and_then(Value::as_array)
            .cloned()
    };
    let layers = list(metadata).or_else(|| list(nested.as_ref()?));
    layers
        .into_iter()
        .flatten()
        .filter_map(|layer| Some(layer.get("id")?.as_str()?.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::data;

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(future)
    }

    fn refusal(path: &Path) -> String {
        run(Archive::open(path))
            .expect_err("the file is unusable")
            .to_string()
    }

    #[test]
    fn files_that_are_no_archive_are_refused_with_the_reason() {
        let dir = std::env::temp_dir().join(format!("fht_maps_tiles_{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = dir.join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        assert!(refusal(&dir.join("absent.pmtiles")).contains("No such file"));
        assert!(refusal(&file("empty.pmtiles", b"")).contains("the file is empty"));
        assert!(
            refusal(&file(
                "text.pmtiles",
                b"this is a letter, not a map, whatever its name says"
            ))
            .contains("magic")
        );
        let mut short = b"PMTiles\x03".to_vec();
        short.resize(60, 0);
        assert!(refusal(&file("short.pmtiles", &short)).contains("not a usable PMTiles archive"));
        std::fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn the_bad_archives_of_the_test_data_are_refused_cleanly() {
        for name in ["empty.pmtiles", "invalid.pmtiles", "invalid_v4.pmtiles"] {
            let Some(path) = data(&format!("basemap/bad_or_small/{name}")) else {
                return;
            };
            assert!(
                refusal(&path).contains("not a usable PMTiles archive"),
                "{name}"
            );
        }
    }

    #[test]
    fn a_real_archive_says_what_it_holds_and_gives_its_tiles() {
        let Some(path) = data("basemap/liechtenstein.pmtiles") else {
            return;
        };
        let archive = run(Archive::open(&path)).unwrap();
        assert_eq!(archive.about().kind, TileKind::Vector);
        assert!(
            archive
                .about()
                .layers
                .iter()
                .any(|layer| layer == "transportation"),
            "{:?}",
            archive.about()
        );
        let (z, x, y) = (10, 539, 359);
        let tile = run(archive.tile(z, x, y))
            .unwrap()
            .expect("Vaduz has a tile");
        assert_eq!(tile.content_type, "application/vnd.mapbox-vector-tile");
        assert_eq!(tile.content_encoding, Some("gzip"));
        assert_eq!(tile.bytes[..2], [0x1f, 0x8b]);
        assert!(
            run(archive.tile(10, 0, 0)).unwrap().is_none(),
            "the ocean has none"
        );
        assert!(
            run(archive.tile(40, 0, 0)).unwrap().is_none(),
            "no such zoom"
        );
    }
}
