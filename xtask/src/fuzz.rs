//! Feeds every reader of bytes from the network with chance, guided by coverage, for a while each.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use clap::Args;

use crate::place;
use crate::run::{Trouble, stream};

#[derive(Args)]
pub struct Options {
    /// How long each reader is fed, in seconds
    #[arg(default_value_t = 60)]
    seconds: u32,
    /// Only this one
    #[arg(long)]
    only: Option<String>,
    /// A folder with further inputs, one folder per reader
    #[arg(long)]
    seeds: Option<PathBuf>,
}

pub fn run(options: &Options) -> Result<(), Trouble> {
    let installed = Command::new("cargo-fuzz")
        .args(["fuzz", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !installed.is_ok_and(|status| status.success()) {
        return Err(Trouble::new(
            "cargo-fuzz is not installed: `cargo install cargo-fuzz`, and a C++ compiler for libFuzzer",
        ));
    }
    let home = place::root().join("fuzz");
    for target in targets(&home)? {
        if options.only.as_ref().is_some_and(|only| *only != target) {
            continue;
        }
        // What is found goes to the build folder; the committed corpus is read and stays small.
        let found = home.join("target/corpus").join(&target);
        fs::create_dir_all(&found)
            .map_err(|error| Trouble::new(format!("{}: {error}", found.display())))?;
        let mut command = Command::new("cargo-fuzz");
        command
            .current_dir(place::root())
            // The compiler's sanitizer flags are behind this gate on a stable toolchain.
            .env("RUSTC_BOOTSTRAP", "1")
            .args(["fuzz", "run", "--fuzz-dir"])
            .arg(&home)
            .arg(&target)
            .arg(&found)
            .arg(home.join("corpus").join(&target));
        let seeds = options.seeds.as_ref().map(|seeds| seeds.join(&target));
        if let Some(seeds) = seeds.filter(|seeds| seeds.is_dir()) {
            command.arg(seeds);
        }
        command
            .arg("--")
            .arg(format!("-max_total_time={}", options.seconds))
            .args(["-rss_limit_mb=512", "-timeout=5", "-print_final_stats=1"]);
        stream(&target, &mut command)?;
    }
    Ok(())
}

/// Every target there is, by name.
fn targets(home: &std::path::Path) -> Result<Vec<String>, Trouble> {
    let entries = fs::read_dir(home.join("fuzz_targets"))
        .map_err(|error| Trouble::new(format!("the fuzz targets cannot be listed: {error}")))?;
    let mut targets: Vec<String> = entries
        .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_str()?.to_owned()))
        .collect();
    targets.sort();
    Ok(targets)
}
