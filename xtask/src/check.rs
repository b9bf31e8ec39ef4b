//! Everything that must hold before a change may land, in one command.

mod browser;
mod licences;
mod postgres;
mod report;
mod rust_tests;
mod sizes;
mod spdx;
mod tools;

use std::time::Instant;

use clap::Args;

use crate::run::{self, Trouble};
use crate::{interrupt, place, web};
use report::{Report, Tally};
use rust_tests::Suites;

#[derive(Args)]
pub struct Options {
    /// The inner loop: no browser, SQLite only, nothing is installed
    #[arg(long)]
    quick: bool,
}

/// Runs all steps; an error means that at least one of them does not hold.
pub fn run(options: &Options) -> Result<(), Trouble> {
    let mut report = Report::new();
    let full = !options.quick;
    let has_web = place::web().join("package.json").is_file();

    report.step("tools", |_| tools::provide(full))?;
    let installed = !has_web || report.step("npm", |_| web::install("npm"))?;
    report.step("fmt", |_| fmt())?;
    report.step("licences", licences::check)?;
    let built_ui = if has_web && installed {
        web_steps(&mut report)?
    } else {
        !has_web
    };
    report.step("clippy", |_| clippy())?;
    let mut suites = Suites::default();
    let built = built_ui && report.step("build", |_| suites.build("build"))?;
    if built {
        report.step("tests", |tally| suites.run("tests", tally, None))?;
        if full {
            report.step("tests-pg", |tally| tests_on_postgres(&mut suites, tally))?;
            if has_web {
                report.step("browser", |tally| browser::run("browser", tally))?;
            }
        }
        report.step("benches", |tally| suites.run_benches("benches", tally))?;
    } else {
        report.note(
            "not run: the build does not stand, so no Rust, browser or bench test was started",
        );
    }
    report.slowest(suites.slowest());
    report.largest(&sizes::largest());
    report.finish()
}

fn web_steps(report: &mut Report) -> Result<bool, Trouble> {
    report.step("web-lint", |_| {
        run::stream("web-lint", &mut web::npm(&["run", "lint"]))
    })?;
    report.step("web-types", |_| {
        run::stream("web-types", &mut web::npm(&["run", "typecheck"]))
    })?;
    report.step("web-tests", |tally| {
        let mut command = web::npm(&["run", "test"]);
        run::stream_lines("web-tests", &mut command, |line| {
            tally.read_vitest(line);
            true
        })
    })?;
    report.step("web-build", |_| web::build("web-build"))
}

fn fmt() -> Result<(), Trouble> {
    run::stream("fmt", place::cargo().args(["fmt", "--all", "--check"]))
}

fn clippy() -> Result<(), Trouble> {
    run::stream(
        "clippy",
        place::cargo().args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ]),
    )
}

fn tests_on_postgres(suites: &mut Suites, tally: &mut Tally) -> Result<(), Trouble> {
    let started = Instant::now();
    let cluster = postgres::Cluster::start()?;
    println!(
        "[tests-pg] PostgreSQL answers after {:.1} s on port {}",
        started.elapsed().as_secs_f32(),
        cluster.port()
    );
    let result = suites.run("tests-pg", tally, Some(&cluster.url()));
    drop(cluster);
    if interrupt::raised() {
        Err(Trouble::new("interrupted"))
    } else {
        result
    }
}
