//! The tasks of the house: check, demo, bench, bless, dist, fuzz, and no others to remember.

mod bench;
mod bless;
mod check;
mod demo;
mod dist;
mod fuzz;
mod interrupt;
mod place;
mod run;
mod web;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "The tasks of the house",
    disable_help_subcommand = true
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run everything that must hold: format, lints, licences, tests on both databases and in the browser
    Check(check::Options),
    /// Build and start the demonstration city on this machine
    Demo(demo::Options),
    /// Measure; prints one JSON object per line and case
    Bench(bench::Options),
    /// Rewrite the reviewed snapshots: OpenAPI file, its TypeScript types, expected test outputs
    Bless,
    /// Feed every reader of bytes from the network with chance, for a while each
    Fuzz(fuzz::Options),
    /// Build the release archive with its systemd unit
    Dist,
}

fn main() -> ExitCode {
    interrupt::listen();
    let done = match Arguments::parse().task {
        Task::Check(options) => check::run(&options),
        Task::Demo(options) => demo::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Bless => bless::run(),
        Task::Fuzz(options) => fuzz::run(&options),
        Task::Dist => dist::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("{trouble}");
            ExitCode::FAILURE
        }
    }
}
