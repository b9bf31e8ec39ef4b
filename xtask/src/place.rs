//! Where things lie: the repository, the build directory, a free port.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::Trouble;

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the repository")
}

/// The folder of the user interface.
pub fn web() -> PathBuf {
    root().join("web")
}

/// A cargo that works on this repository, wherever it is called from.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// What `cargo metadata` knows about every package of the build.
pub fn metadata() -> Result<serde_json::Value, Trouble> {
    let output = cargo()
        .args(["metadata", "--format-version=1", "--locked"])
        .output()
        .map_err(|error| Trouble::new(format!("cargo metadata does not start: {error}")))?;
    if !output.status.success() {
        return Err(Trouble::new(format!(
            "cargo metadata fails: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )));
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| Trouble::new(format!("cargo metadata is not JSON: {error}")))
}

/// The server's binary of the given profile folder (`debug`, `release`).
pub fn server(profile: &str) -> Result<PathBuf, Trouble> {
    let metadata = metadata()?;
    let target = metadata["target_directory"]
        .as_str()
        .ok_or_else(|| Trouble::new("cargo names no build directory"))?;
    Ok(Path::new(target).join(profile).join("fenghuotai"))
}

/// A TCP port that is free now.
pub fn free_port() -> Result<u16, Trouble> {
    let listener = TcpListener::bind("127.0.0.1:0")
        .map_err(|error| Trouble::new(format!("no free port: {error}")))?;
    let address = listener
        .local_addr()
        .map_err(|error| Trouble::new(format!("no free port: {error}")))?;
    Ok(address.port())
}

/// The first of `names` that lies on the PATH.
pub fn program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
        .find(|file| file.is_file())
}
