//! Builds all test binaries once, then runs them: all on SQLite, the feature tests again on PostgreSQL.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::report::Tally;
use crate::place;
use crate::run::{self, Trouble};

/// The one binary whose tests use a database, so the one that runs on both.
const FEATURE_TESTS: &str = "it";

struct Binary {
    name: String,
    path: PathBuf,
    bench: bool,
    folder: PathBuf,
}

/// The test binaries of the workspace and how long their tests took.
#[derive(Default)]
pub struct Suites {
    binaries: Vec<Binary>,
    times: Vec<(f64, String)>,
}

impl Suites {
    /// Compiles the server and every test and bench, once.
    pub fn build(&mut self, step: &str) -> Result<(), Trouble> {
        let arguments = [
            "test",
            "--workspace",
            "--all-targets",
            "--no-run",
            "--locked",
        ];
        let mut messages = Vec::new();
        run::stream_lines(
            step,
            place::cargo()
                .args(arguments)
                .arg("--message-format=json-render-diagnostics"),
            |line| match line.starts_with('{') {
                true => {
                    messages.extend(serde_json::from_str::<Value>(line).ok());
                    false
                }
                false => true,
            },
        )?;
        self.binaries = messages.iter().filter_map(binary).collect();
        self.binaries
            .sort_by(|left, right| left.name.cmp(&right.name));
        if self.binaries.is_empty() {
            Err(Trouble::new("cargo built no test binary"))
        } else {
            Ok(())
        }
    }

    /// Runs the tests; with `postgres`, only those that speak to a database.
    pub fn run(
        &mut self,
        step: &str,
        tally: &mut Tally,
        postgres: Option<&str>,
    ) -> Result<(), Trouble> {
        let mut troubles = Vec::new();
        for binary in self.binaries.iter().filter(|binary| !binary.bench) {
            if postgres.is_some() && binary.name != FEATURE_TESTS {
                continue;
            }
            println!("[{step}] {}", binary.name);
            let mut command = binary.command();
            // The harness knows each test's time, but shows it only with its unstable options switched on.
            command
                .env("RUSTC_BOOTSTRAP", "1")
                .args(["-Zunstable-options", "--report-time"]);
            match postgres {
                Some(url) => command.env("FENGHUOTAI_TEST_POSTGRES", url),
                None => command.env_remove("FENGHUOTAI_TEST_POSTGRES"),
            };
            let times = &mut self.times;
            let ran = run::stream_lines(step, &mut command, |line| {
                times.extend(
                    read_libtest(line, tally).map(|(time, test)| (time, format!("{step} {test}"))),
                );
                true
            });
            troubles.extend(
                ran.err()
                    .map(|trouble| format!("{}: {trouble}", binary.name)),
            );
        }
        if troubles.is_empty() {
            Ok(())
        } else {
            Err(Trouble::new(troubles.join("; ")))
        }
    }

    /// Runs every benchmark at a size that only proves that it works.
    pub fn run_benches(&self, step: &str, tally: &mut Tally) -> Result<(), Trouble> {
        for binary in self.binaries.iter().filter(|binary| binary.bench) {
            let mut cases = 0_u64;
            let mut command = binary.command();
            run::stream_lines(step, command.arg("--tiny"), |line| {
                let case = serde_json::from_str::<Value>(line)
                    .is_ok_and(|value| value["bench"].is_string());
                cases += u64::from(case);
                true
            })?;
            if cases == 0 {
                return Err(Trouble::new(format!(
                    "bench {} printed no JSON line with a \"bench\" name",
                    binary.name
                )));
            }
            tally.passed += 1;
        }
        Ok(())
    }

    pub fn slowest(self) -> Vec<(f64, String)> {
        self.times
    }
}

impl Binary {
    /// Cargo starts tests in their package's folder; so do we.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command
            .current_dir(&self.folder)
            .env("CARGO_MANIFEST_DIR", &self.folder);
        command
    }
}

fn binary(message: &Value) -> Option<Binary> {
    let kinds = message["target"]["kind"].as_array()?;
    let is = |kind: &str| kinds.iter().any(|value| value == kind);
    let test = message["profile"]["test"].as_bool()?;
    let manifest = PathBuf::from(message["manifest_path"].as_str()?);
    let path = message["executable"].as_str()?;
    if is("example") || !(test || is("bench")) {
        return None;
    }
    Some(Binary {
        name: message["target"]["name"].as_str()?.to_owned(),
        path: PathBuf::from(path),
        bench: is("bench"),
        folder: manifest.parent()?.to_owned(),
    })
}

/// Counts one line of a test harness; a finished test's time in seconds and its name are returned.
fn read_libtest(line: &str, tally: &mut Tally) -> Option<(f64, String)> {
    if let Some(counts) = line.strip_prefix("test result: ") {
        let count = |word: &str| -> u64 {
            let part = counts
                .split([';', '.'])
                .find(|part| part.trim().ends_with(word));
            part.and_then(|part| part.split_whitespace().next()?.parse().ok())
                .unwrap_or(0)
        };
        tally.passed += count("passed");
        tally.failed += count("failed");
        tally.skipped += count("ignored");
        return None;
    }
    let (name, outcome) = line.strip_prefix("test ")?.split_once(" ... ")?;
    if outcome.starts_with("FAILED") {
        tally.failures.push(name.to_owned());
    }
    let (_, time) = outcome.rsplit_once('<')?;
    Some((time.strip_suffix("s>")?.parse().ok()?, name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_harness_is_understood() {
        let mut tally = Tally::default();
        let time = read_libtest(
            "test incident::a_report_is_kept ... ok <0.125s>",
            &mut tally,
        );
        assert_eq!(time, Some((0.125, "incident::a_report_is_kept".to_owned())));
        assert!(read_libtest("test floor ... FAILED <1.000s>", &mut tally).is_some());
        let summary = "test result: FAILED. 12 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 1.0s";
        assert_eq!(read_libtest(summary, &mut tally), None);
        assert_eq!((tally.passed, tally.failed, tally.skipped), (12, 1, 2));
        assert_eq!(tally.failures, ["floor"]);
    }
}
