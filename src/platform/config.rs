//! How the process is set up. No file is needed; every problem in one is reported at once.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[serde(default)]
pub struct Config {
    /// Where everything lasting lives: database, recordings, certificates. Created when absent.
    pub data_dir: PathBuf,
    pub http: Http,
    pub database: Database,
    pub media: Media,
    pub map: Map,
    pub recording: Recording,
    /// Serve the page's files from here instead of the ones inside the program (development).
    pub ui_dir: Option<PathBuf>,
    /// One JSON object per log line.
    pub log_json: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[serde(default)]
pub struct Http {
    /// Plain HTTP on a loopback address, TLS on any other.
    pub listen: SocketAddr,
    /// PEM certificate chain and key; without them a LAN address gets one from an own CA made at first start.
    pub certificate: Option<PathBuf>,
    pub private_key: Option<PathBuf>,
    /// Names and addresses the own certificate is for, beside the listening address.
    pub names: Vec<String>,
    /// A client must send its whole request head within this time.
    pub header_read_timeout_ms: u64,
    /// Open connections from one address.
    pub connections_per_address: usize,
    /// A reverse proxy in front ends TLS: cookies are marked secure although we speak plain HTTP.
    pub behind_tls_proxy: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Default)]
#[serde(default)]
pub struct Database {
    /// `postgres://user@host/name`; without it SQLite in the data directory.
    pub postgres: Option<String>,
    /// Schema inside the PostgreSQL database.
    pub schema: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[serde(default)]
pub struct Media {
    /// The one UDP port of all media.
    pub listen: SocketAddr,
    /// The one TCP port for venues whose firewall lets no UDP through.
    pub listen_tcp: Option<SocketAddr>,
    /// Addresses told to clients; the listening address when empty, every local one when that is unspecified.
    pub advertised: Vec<IpAddr>,
    /// Worker threads; 0 = cores minus one, at least one.
    pub workers: usize,
}

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Default)]
#[serde(default)]
pub struct Map {
    /// A PMTiles archive shown under the live objects.
    pub pmtiles: Option<PathBuf>,
    /// A GeoJSON file drawn as the plain base map when there are no tiles.
    pub base_geojson: Option<PathBuf>,
    /// Longitude, latitude and zoom the map opens with.
    pub centre: Option<[f64; 3]>,
}

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[serde(default)]
pub struct Recording {
    /// Where recordings lie; `recordings` in the data directory when absent.
    pub directory: Option<PathBuf>,
    /// Below this much free space, bytes, recording stops with an alarm; meetings go on.
    pub low_water_bytes: u64,
}

impl Default for Recording {
    fn default() -> Self {
        Self {
            directory: None,
            low_water_bytes: 2 << 30,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("data"),
            http: Http::default(),
            database: Database::default(),
            media: Media::default(),
            map: Map::default(),
            recording: Recording::default(),
            ui_dir: None,
            log_json: false,
        }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8470)),
            certificate: None,
            private_key: None,
            names: Vec::new(),
            header_read_timeout_ms: 10_000,
            connections_per_address: 256,
            behind_tls_proxy: false,
        }
    }
}

impl Default for Media {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8471)),
            listen_tcp: None,
            advertised: Vec::new(),
            workers: 0,
        }
    }
}

impl Config {
    /// Reads a TOML file.
    ///
    /// # Errors
    /// Every problem found: unreadable, not TOML, unknown keys by their full path, values out of bounds.
    pub fn read(path: &Path) -> Result<Self, Vec<String>> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| vec![format!("{}: {error}", path.display())])?;
        Self::parse(&text)
    }

    /// # Errors
    /// Every problem found, see [`Config::read`].
    pub fn parse(text: &str) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let toml = toml::Deserializer::parse(text).map_err(|error| vec![error.to_string()])?;
        let config: Self =
            serde_ignored::deserialize(toml, |key| problems.push(format!("unknown key: {key}")))
                .map_err(|error| vec![error.to_string()])?;
        problems.extend(config.problems());
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(problems)
        }
    }

    /// What is wrong with the values, all of it.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.http.certificate.is_some() != self.http.private_key.is_some() {
            problems.push(
                "http.certificate and http.private_key belong together: give both or neither"
                    .to_owned(),
            );
        }
        if !(100..=120_000).contains(&self.http.header_read_timeout_ms) {
            problems.push("http.header_read_timeout_ms must be between 100 and 120000".to_owned());
        }
        if self.http.connections_per_address == 0 {
            problems.push("http.connections_per_address must be at least 1".to_owned());
        }
        if self.media.workers > 64 {
            problems.push("media.workers must be at most 64".to_owned());
        }
        if let Some([longitude, latitude, zoom]) = self.map.centre
            && !((-180.0..=180.0).contains(&longitude)
                && (-85.0..=85.0).contains(&latitude)
                && (0.0..=22.0).contains(&zoom))
        {
            problems.push("map.centre must be [longitude, latitude, zoom]".to_owned());
        }
        if let Some(url) = &self.database.postgres
            && !(url.starts_with("postgres://") || url.starts_with("postgresql://"))
        {
            problems.push("database.postgres must begin with postgres://".to_owned());
        }
        problems
    }

    /// Where recordings lie.
    #[must_use]
    pub fn recording_folder(&self) -> PathBuf {
        self.recording
            .directory
            .clone()
            .unwrap_or_else(|| self.data_dir.join("recordings"))
    }

    /// TLS is ours to speak: the address can be reached from other machines.
    #[must_use]
    pub fn tls(&self) -> bool {
        self.http.certificate.is_some()
            || !(self.http.listen.ip().is_loopback() || self.http.behind_tls_proxy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_is_the_default() {
        assert_eq!(Config::parse(""), Ok(Config::default()));
        assert!(!Config::default().tls(), "plain HTTP on loopback");
    }

    #[test]
    fn every_problem_is_reported_at_once_and_unknown_keys_by_their_full_path() {
        let problems = Config::parse(
            "[http]\nlistne = 1\ncertificate = \"a.pem\"\nheader_read_timeout_ms = 1\n[map]\ncentre = [1.0, 99.0, 3.0]\n",
        )
        .unwrap_err();
        expect_test::expect![[r#"
            [
                "unknown key: http.listne",
                "http.certificate and http.private_key belong together: give both or neither",
                "http.header_read_timeout_ms must be between 100 and 120000",
                "map.centre must be [longitude, latitude, zoom]",
            ]
        "#]]
        .assert_debug_eq(&problems);
    }
}
