//! What was run, how long it took, and what came of it.

use std::time::{Duration, Instant};

use crate::interrupt;
use crate::run::Trouble;

/// Tests counted in the output of a step.
#[derive(Default)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
    /// Names of failed tests, as their runner wrote them.
    pub failures: Vec<String>,
}

impl Tally {
    /// Reads vitest's `Tests  1 failed | 11 passed | 2 skipped (14)`.
    pub fn read_vitest(&mut self, line: &str) {
        let line = line.trim();
        if let Some(failure) = line.strip_prefix("FAIL ") {
            self.failures.push(failure.trim().to_owned());
        }
        let Some(counts) = line.strip_prefix("Tests ") else {
            return;
        };
        for part in counts.split('|') {
            let mut words = part.split_whitespace();
            let (Some(count), Some(word)) = (
                words.next().and_then(|word| word.parse::<u64>().ok()),
                words.next(),
            ) else {
                continue;
            };
            match word {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                _ => self.skipped += count,
            }
        }
    }
}

struct Step {
    name: String,
    took: Duration,
    outcome: Result<(), String>,
    tally: Tally,
}

/// The run so far.
pub struct Report {
    started: Instant,
    steps: Vec<Step>,
    notes: Vec<String>,
}

impl Report {
    pub fn new() -> Report {
        Report {
            started: Instant::now(),
            steps: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Runs one step. `Ok(false)` means it failed and others may go on; `Err` means that we were interrupted.
    pub fn step(
        &mut self,
        name: &str,
        work: impl FnOnce(&mut Tally) -> Result<(), Trouble>,
    ) -> Result<bool, Trouble> {
        println!(
            "\n=== {name} (after {}) ===",
            minutes(self.started.elapsed())
        );
        let started = Instant::now();
        let mut tally = Tally::default();
        let outcome = work(&mut tally).map_err(|trouble| trouble.to_string());
        if interrupt::raised() {
            return Err(Trouble::new(
                "interrupted; everything that was started has been stopped",
            ));
        }
        let took = started.elapsed();
        let good = outcome.is_ok();
        match &outcome {
            Ok(()) => println!("[{name}] ok in {}", minutes(took)),
            Err(trouble) => println!("[{name}] FAILED in {}: {trouble}", minutes(took)),
        }
        self.steps.push(Step {
            name: name.to_owned(),
            took,
            outcome,
            tally,
        });
        Ok(good)
    }

    pub fn note(&mut self, words: &str) {
        self.notes.push(words.to_owned());
    }

    pub fn slowest(&self, mut tests: Vec<(f64, String)>) {
        tests.sort_by(|left, right| right.0.total_cmp(&left.0));
        println!("\n=== slowest tests ===");
        for (seconds, name) in tests.iter().take(10) {
            println!("{seconds:8.2} s  {name}");
        }
    }

    pub fn largest(&self, files: &[(usize, String)]) {
        println!("\n=== largest files (lines) ===");
        for (lines, path) in files.iter().take(10) {
            println!("{lines:8}    {path}");
        }
    }

    /// Prints the table, the result and the last plain line.
    pub fn finish(self) -> Result<(), Trouble> {
        println!("\n=== steps ===");
        let mut total = Tally::default();
        for step in &self.steps {
            let word = if step.outcome.is_ok() { "ok" } else { "FAILED" };
            println!(
                "{:<10} {word:<7} {:>9}  {}",
                step.name,
                minutes(step.took),
                counts(&step.tally)
            );
            total.passed += step.tally.passed;
            total.skipped += step.tally.skipped;
            // A step without a failed test of its own that does not hold counts as one.
            total.failed += step.tally.failed.max(u64::from(step.outcome.is_err()));
        }
        println!(
            "{:<10} {:<7} {:>9}",
            "total",
            "",
            minutes(self.started.elapsed())
        );
        for note in &self.notes {
            println!("{note}");
        }
        let broken: Vec<&Step> = self
            .steps
            .iter()
            .filter(|step| step.outcome.is_err())
            .collect();
        for step in &broken {
            println!(
                "\n{} does not hold: {}",
                step.name,
                step.outcome.as_ref().err().map_or("", String::as_str)
            );
            step.tally
                .failures
                .iter()
                .for_each(|failure| println!("    {failure}"));
        }
        let good = broken.is_empty() && total.failed == 0 && self.notes.is_empty();
        println!(
            "\n{}",
            if good {
                "check: everything holds"
            } else {
                "check: NOT everything holds"
            }
        );
        let skipped = if total.skipped > 0 {
            format!(", {} skipped", total.skipped)
        } else {
            String::new()
        };
        println!("{} passed, {} failed{skipped}", total.passed, total.failed);
        if good { Ok(()) } else { Err(Trouble::new("")) }
    }
}

fn counts(tally: &Tally) -> String {
    if tally.passed + tally.failed + tally.skipped == 0 {
        return String::new();
    }
    format!(
        "{} passed, {} failed, {} skipped",
        tally.passed, tally.failed, tally.skipped
    )
}

fn minutes(took: Duration) -> String {
    let seconds = took.as_secs();
    if seconds >= 60 {
        format!("{}m{:02}s", seconds / 60, seconds % 60)
    } else {
        format!("{:.1}s", took.as_secs_f32())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vitest_counts_are_read_in_any_order() {
        let mut tally = Tally::default();
        tally.read_vitest("      Tests  1 failed | 11 passed | 2 skipped (14)");
        assert_eq!((tally.passed, tally.failed, tally.skipped), (11, 1, 2));
    }

    #[test]
    fn a_line_that_is_no_summary_counts_nothing() {
        let mut tally = Tally::default();
        tally.read_vitest(" Test Files  3 passed (3)");
        assert_eq!(tally.passed, 0);
    }
}
