//! From a clean clone to a city that can be looked at.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use clap::Args;

use crate::run::{self, Trouble};
use crate::{place, web};

#[derive(Args)]
pub struct Options {
    /// Begin anew: forget what an earlier demonstration left behind
    #[arg(long)]
    fresh: bool,
    /// Feed real call records through the intake API, this many times faster than they came in
    #[arg(long, value_name = "SPEED", num_args = 0..=1, default_missing_value = "60")]
    replay: Option<f64>,
    /// Where the server listens
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
}

/// Installs, builds, seeds and serves; returns only when something fails.
pub fn run(options: &Options) -> Result<(), Trouble> {
    let data = place::root().join("data/demo");
    println!("[1/4] packages of the user interface");
    web::install("npm")?;
    println!("[2/4] user interface");
    web::build("web")?;
    println!("[3/4] server (the first build takes some minutes)");
    run::stream(
        "build",
        place::cargo().args(["build", "--locked", "--package", "fenghuotai"]),
    )?;
    if options.fresh {
        forget(&data)?;
    }
    println!("[4/4] demonstration city in {}", data.display());
    let mut server = Command::new(place::server("debug")?);
    server
        .current_dir(place::root())
        .arg("demo")
        .arg("--data-dir")
        .arg(&data);
    if let Some(speed) = options.replay {
        server.args(["--replay", &speed.to_string()]);
    }
    if let Some(address) = &options.listen {
        server.args(["--listen", address]);
    }
    Err(Trouble::new(format!(
        "the server does not start: {}",
        server.exec()
    )))
}

fn forget(data: &Path) -> Result<(), Trouble> {
    match std::fs::remove_dir_all(data) {
        Ok(()) => {
            println!("      the earlier demonstration is forgotten");
            Ok(())
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Trouble::new(format!("{}: {error}", data.display()))),
    }
}
