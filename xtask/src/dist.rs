//! The release archive: one binary with the user interface inside, a systemd unit, the words.

use std::path::Path;
use std::process::Command;

use crate::place;
use crate::run::{self, Trouble};
use crate::web;

/// Files of the repository that travel with the binary.
const PAPERS: [&str; 6] = [
    "LICENSE",
    "NOTICE",
    "README.md",
    "docs/OPERATING.md",
    "docs/PROTOCOL.md",
    "xtask/dist/fenghuotai.service",
];

/// Builds `target/dist/fenghuotai-<version>-<machine>.tar.gz`.
pub fn run() -> Result<(), Trouble> {
    println!("[1/3] user interface");
    web::install("npm")?;
    web::build("web")?;
    println!("[2/3] server, release profile");
    run::stream(
        "build",
        place::cargo().args(["build", "--release", "--locked", "--package", "fenghuotai"]),
    )?;

    let server = place::server("release")?;
    let name = format!(
        "fenghuotai-{}-{}-linux",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::ARCH
    );
    let target = server
        .parent()
        .and_then(Path::parent)
        .ok_or_else(|| Trouble::new("no build directory"))?;
    let folder = target.join("dist").join(&name);
    println!("[3/3] {}.tar.gz", folder.display());
    fill(&folder, &server)
        .map_err(|error| Trouble::new(format!("{}: {error}", folder.display())))?;
    let archive = format!("{name}.tar.gz");
    let mut pack = Command::new("tar");
    pack.current_dir(target.join("dist")).args([
        "--owner=0",
        "--group=0",
        "--sort=name",
        "-czf",
        &archive,
        &name,
    ]);
    run::stream("tar", &mut pack)
}

fn fill(folder: &Path, server: &Path) -> std::io::Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    std::fs::copy(server, folder.join("fenghuotai"))?;
    for paper in PAPERS {
        let name = Path::new(paper).file_name().expect("papers are files");
        std::fs::copy(place::root().join(paper), folder.join(name))?;
    }
    Ok(())
}
