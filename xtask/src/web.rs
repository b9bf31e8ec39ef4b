//! The user interface's own tools, called with its own package manager.

use std::path::PathBuf;
use std::process::Command;

use crate::place;
use crate::run::{self, Trouble};

/// `npm` in the folder of the user interface.
pub fn npm(arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command
        .current_dir(place::web())
        .args(arguments)
        .env("NO_COLOR", "1")
        .env("npm_config_update_notifier", "false");
    command
}

/// Installs exactly what the lock file names; skips the work when that was done for this very lock file.
pub fn install(step: &str) -> Result<(), Trouble> {
    let lock = read("package-lock.json")?;
    let stamp = place::web().join("node_modules/.installed-lock");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        println!("[{step}] node_modules matches package-lock.json, nothing to install");
        return Ok(());
    }
    run::stream(
        step,
        &mut npm(&["ci", "--no-audit", "--no-fund", "--loglevel=error"]),
    )?;
    std::fs::write(&stamp, lock)
        .map_err(|error| Trouble::new(format!("{}: {error}", stamp.display())))
}

/// Builds `web/dist`, which the server embeds.
pub fn build(step: &str) -> Result<(), Trouble> {
    run::stream(step, &mut npm(&["run", "build"]))
}

/// The bytes of a file in the folder of the user interface.
pub fn read(name: &str) -> Result<Vec<u8>, Trouble> {
    let path: PathBuf = place::web().join(name);
    std::fs::read(&path).map_err(|error| Trouble::new(format!("{}: {error}", path.display())))
}
