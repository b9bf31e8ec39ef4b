//! The browser tests: the built server, real Chromium processes, real pictures and sound.

use super::report::Tally;
use super::tools;
use crate::place;
use crate::run::{self, Trouble};
use crate::web;

/// Runs every spec of `web/e2e` against the server that was built just now.
pub fn run(step: &str, tally: &mut Tally) -> Result<(), Trouble> {
    let chromium =
        tools::chromium().ok_or_else(|| Trouble::new("no Chromium: apt-get install chromium"))?;
    let server = place::server("debug")?;
    let mut command = web::npm(&[
        "exec",
        "--",
        "vitest",
        "run",
        "--config",
        "e2e/vitest.config.ts",
    ]);
    command
        .env("FENGHUOTAI_BIN", server)
        .env("FENGHUOTAI_CHROMIUM", chromium);
    run::stream_lines(step, &mut command, |line| {
        tally.read_vitest(line);
        true
    })
}
