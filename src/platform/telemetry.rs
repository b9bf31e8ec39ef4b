//! Logs: a sentence that reads alone, plus fields to search by.

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// `FENGHUOTAI_LOG` sets the filter (default `info`); `json` writes one object per line.
pub fn start(json: bool) {
    let filter = EnvFilter::try_from_env("FENGHUOTAI_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let registry = tracing_subscriber::registry().with(filter);
    // A second start in one process (tests) keeps the first.
    let _ = if json {
        registry
            .with(fmt::layer().json().with_writer(std::io::stderr))
            .try_init()
    } else {
        registry
            .with(fmt::layer().compact().with_writer(std::io::stderr))
            .try_init()
    };
}
