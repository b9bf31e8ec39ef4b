//! The frames of `docs/PROTOCOL.md`, both ways.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::platform::{Millis, journal::Cursor};

/// What a client may say.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Say {
    Hello {
        /// Free text for the log: `web 0.1.0`.
        #[serde(default)]
        client: String,
    },
    Subscribe {
        sub: u32,
        topics: Vec<String>,
        #[serde(default)]
        from: Option<Cursor>,
    },
    Unsubscribe {
        sub: u32,
    },
    Command {
        id: String,
        method: String,
        path: String,
        #[serde(default)]
        body: Option<Value>,
    },
    View {
        sub: u32,
        layers: Vec<String>,
        /// West, south, east, north in degrees.
        bbox: [f64; 4],
        zoom: f64,
    },
    Ping {
        #[serde(default)]
        at: i64,
    },
}

/// What the server says. `entry` frames are composed from the shared text of the entry, see [`entry`].
#[derive(Debug, Serialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Tell<'a> {
    Welcome {
        session: &'a str,
        epoch: &'a str,
        head_seq: i64,
        server_time: Millis,
        beat_ms: u64,
        limits: Limits,
    },
    /// The subscription has everything up to here; what follows is live.
    Live {
        sub: u32,
        seq: i64,
    },
    /// Forget what this subscription told you, fetch the state anew; entries after `seq` follow.
    Reset {
        sub: u32,
        reason: Reason,
        seq: i64,
    },
    Result {
        id: &'a str,
        status: u16,
        body: Value,
    },
    /// A frame that could not be obeyed, with the problem as over HTTP.
    Refused {
        #[serde(skip_serializing_if = "Option::is_none")]
        sub: Option<u32>,
        problem: Value,
    },
    Beat {
        server_time: Millis,
        head_seq: i64,
    },
    Pong {
        at: i64,
    },
    Bye {
        code: &'a str,
        retry_ms: u64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The database was made anew or restored.
    Epoch,
    /// The place asked for lies further back than the server replays.
    Gap,
    /// What this account may see has changed.
    Rights,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub struct Limits {
    pub frame_bytes: usize,
    pub subscriptions: usize,
    pub topics: usize,
    pub commands_under_way: usize,
    pub replay_entries: i64,
}

pub const LIMITS: Limits = Limits {
    frame_bytes: 256 * 1024,
    subscriptions: 64,
    topics: 64,
    commands_under_way: 16,
    replay_entries: 20_000,
};

impl Tell<'_> {
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("frames are JSON")
    }
}

/// An `entry` frame around the entry's own JSON.
#[must_use]
pub fn entry(sub: u32, entry: &str) -> String {
    format!(r#"{{"op":"entry","sub":{sub},"entry":{entry}}}"#)
}
