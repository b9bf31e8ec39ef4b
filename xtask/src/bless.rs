//! Rewrites the files that are reviewed rather than written: OpenAPI, its TypeScript types, expected outputs.

use crate::place;
use crate::run::{self, Trouble};
use crate::web;

/// Afterwards `git diff` shows what changed; read it before committing.
pub fn run() -> Result<(), Trouble> {
    println!("[1/3] docs/openapi.json");
    run::stream(
        "build",
        place::cargo().args(["build", "--locked", "--package", "fenghuotai"]),
    )?;
    let output = std::process::Command::new(place::server("debug")?)
        .arg("openapi")
        .output()
        .map_err(|error| Trouble::new(format!("fenghuotai openapi does not start: {error}")))?;
    if !output.status.success() {
        return Err(Trouble::new(format!(
            "fenghuotai openapi: {}",
            String::from_utf8_lossy(&output.stderr)
        )));
    }
    let path = place::root().join("docs/openapi.json");
    std::fs::write(&path, output.stdout)
        .map_err(|error| Trouble::new(format!("{}: {error}", path.display())))?;

    println!("[2/3] web/src/api/schema.d.ts");
    web::install("npm")?;
    run::stream("types", &mut web::npm(&["run", "types"]))?;

    println!("[3/3] expected outputs");
    run::stream(
        "tests",
        place::cargo()
            .args(["test", "--workspace", "--locked"])
            .env("UPDATE_EXPECT", "1"),
    )
}
