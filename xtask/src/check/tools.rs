//! Which programs the check needs, and how they get here.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::place;
use crate::run::{self, Trouble};

/// Oldest Node that the user interface's tools run on.
const NODE_MAJOR_MIN: u32 = 20;

/// Makes sure that everything is present; installs Debian packages only when `install` and we are root.
pub fn provide(full: bool) -> Result<(), Trouble> {
    let mut problems = Vec::new();
    node(&mut problems);
    for component in ["fmt", "clippy"] {
        let works = place::cargo()
            .args([component, "--version"])
            .output()
            .is_ok_and(|output| output.status.success());
        if !works {
            problems.push(format!(
                "cargo {component} is missing: rustup component add {}",
                component.replace("fmt", "rustfmt")
            ));
        }
    }
    if full {
        packages(&mut problems)?;
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Trouble::new(problems.join("; ")))
    }
}

/// The folder with `initdb` and `postgres`, the newest if there are several.
pub fn postgres_folder() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("FENGHUOTAI_POSTGRES_BIN") {
        return Some(PathBuf::from(named));
    }
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse().ok()?,
                entry.path().join("bin"),
            ))
        })
        .filter(|(_, folder)| folder.join("initdb").is_file())
        .collect();
    versions.sort();
    versions
        .pop()
        .map(|(_, folder)| folder)
        .or_else(|| place::program(&["initdb"])?.parent().map(Path::to_owned))
}

/// The browser of the browser tests.
pub fn chromium() -> Option<PathBuf> {
    match std::env::var_os("FENGHUOTAI_CHROMIUM") {
        Some(named) => Some(PathBuf::from(named)),
        None => place::program(&["chromium", "chromium-browser", "google-chrome"]),
    }
}

fn chinese_font() -> bool {
    let listed = Command::new("fc-list")
        .args([":lang=zh-cn", "family"])
        .output();
    listed.is_ok_and(|output| !output.stdout.is_empty())
}

fn node(problems: &mut Vec<String>) {
    let version = Command::new("node").arg("--version").output().ok();
    let version = version
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_default();
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major >= NODE_MAJOR_MIN => println!("[tools] node {version}"),
        Some(_) => problems.push(format!(
            "node {version} is too old, {NODE_MAJOR_MIN} or newer is needed"
        )),
        None => problems.push(format!(
            "node is missing, {NODE_MAJOR_MIN} or newer is needed"
        )),
    }
}

fn packages(problems: &mut Vec<String>) -> Result<(), Trouble> {
    let wanted = missing();
    if wanted.is_empty() {
        println!("[tools] browser, Chinese font and PostgreSQL are here");
        return Ok(());
    }
    // SAFETY: geteuid has no preconditions.
    let root = unsafe { libc::geteuid() } == 0;
    if !root || place::program(&["apt-get"]).is_none() {
        problems.push(format!(
            "missing Debian packages, install them as root: apt-get install {}",
            wanted.join(" ")
        ));
        return Ok(());
    }
    println!("[tools] installing {}", wanted.join(" "));
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["-qq", "-y"])
            .args(arguments);
        command
    };
    run::stream("tools", &mut apt(&["update"]))?;
    let mut arguments = vec!["install", "--no-install-recommends"];
    arguments.extend(&wanted);
    run::stream("tools", &mut apt(&arguments))?;
    problems.extend(
        missing()
            .iter()
            .map(|package| format!("{package} was installed, but is not found")),
    );
    Ok(())
}

fn missing() -> Vec<&'static str> {
    let mut wanted = Vec::new();
    if chromium().is_none() {
        wanted.push("chromium");
    }
    if place::program(&["fc-list"]).is_none() {
        wanted.push("fontconfig");
    }
    if !chinese_font() {
        wanted.push("fonts-noto-cjk");
    }
    if postgres_folder().is_none() {
        wanted.push("postgresql");
    }
    wanted
}
