//! Logs: a sentence that reads alone, plus fields to search by.

use std::io::IsTerminal as _;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// What a server says when nobody asks for more or less. The DTLS part warns of every extension it does not know,
/// and every browser sends three.
pub const SERVER: &str = "info,sqlx=warn,rtc_dtls=error";
/// What somebody sees who reads addresses and accounts on the same terminal.
pub const CALM: &str = "warn,rtc_dtls=error";

/// `FENGHUOTAI_LOG` sets the filter, `usual` when it is not set; `json` writes one object per line.
pub fn start(usual: &str, json: bool) {
    let filter =
        EnvFilter::try_from_env("FENGHUOTAI_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let registry = tracing_subscriber::registry().with(filter);
    // A second start in one process (tests) keeps the first.
    let _ = if json {
        registry
            .with(fmt::layer().json().with_writer(std::io::stderr))
            .try_init()
    } else {
        registry
            .with(
                fmt::layer()
                    .compact()
                    .with_ansi(std::io::stderr().is_terminal())
                    .with_writer(std::io::stderr),
            )
            .try_init()
    };
}
