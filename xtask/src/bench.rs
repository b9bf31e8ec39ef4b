//! Starts a benchmark in the release profile; the numbers are JSON lines on standard output.

use std::os::unix::process::CommandExt;

use clap::{Args, ValueEnum};

use crate::place;
use crate::run::Trouble;

#[derive(Args)]
pub struct Options {
    /// What to measure
    subject: Subject,
    /// Passed on to the benchmark
    #[arg(last = true)]
    rest: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Subject {
    /// CPU per forwarded packet, memory and latency of the media server
    Media,
    /// Spatial queries, fences and delivery of the live map
    Maps,
}

/// Becomes the benchmark; returns only when it does not start.
pub fn run(options: &Options) -> Result<(), Trouble> {
    let (package, bench) = match options.subject {
        Subject::Media => ("fenghuotai-media", "media"),
        Subject::Maps => ("fenghuotai-maps", "maps"),
    };
    let error = place::cargo()
        .args([
            "bench",
            "--locked",
            "--package",
            package,
            "--bench",
            bench,
            "--",
        ])
        .args(&options.rest)
        .exec();
    Err(Trouble::new(format!(
        "the benchmark does not start: {error}"
    )))
}
