//! Every dependency, of the server and of the user interface, has a licence that allows shipping it.

use serde_json::Value;

use super::report::Tally;
use super::spdx;
use crate::place;
use crate::run::Trouble;

/// Licences that fit an Apache-2.0 product, each with its reason.
const ALLOWED: [(&str, &str); 15] = [
    ("0BSD", "no conditions"),
    ("Apache-2.0", "ours"),
    ("BSD-2-Clause", "notice only"),
    ("BSD-3-Clause", "notice only"),
    ("BlueOak-1.0.0", "notice only"),
    ("BSL-1.0", "notice in source only"),
    ("CC0-1.0", "public domain dedication"),
    (
        "CDLA-Permissive-2.0",
        "data: root certificates, notice only",
    ),
    ("ISC", "notice only"),
    ("MIT", "notice only"),
    ("MIT-0", "no conditions"),
    ("MPL-2.0", "copyleft by file; we change none of these files"),
    ("Unicode-3.0", "data tables, notice only"),
    ("Unlicense", "public domain dedication"),
    ("Zlib", "notice in source only"),
];

/// Packages whose own metadata does not say it well: name, what holds, where it was read.
const READ_BY_HAND: [(&str, &str, &str); 3] = [
    (
        "caniuse-lite",
        "CC-BY-4.0",
        "data used while building, never shipped",
    ),
    (
        "argparse",
        "Python-2.0",
        "permissive; used while building, never shipped",
    ),
    (
        "aws-lc-sys",
        "ISC AND (Apache-2.0 OR ISC) AND OpenSSL",
        "OpenSSL part is permissive with notice, see NOTICE",
    ),
];

struct Package {
    name: String,
    version: String,
    licence: Option<String>,
}

/// Refuses the first run with a dependency whose licence is unknown or not allowed; names all of them.
pub fn check(tally: &mut Tally) -> Result<(), Trouble> {
    let mut packages = rust()?;
    let rust_count = packages.len();
    packages.extend(npm()?);
    println!(
        "[licences] {rust_count} Rust and {} npm packages",
        packages.len() - rust_count
    );
    let bad: Vec<String> = packages
        .iter()
        .filter(|package| !good(package))
        .map(described)
        .collect();
    tally.failed += bad.len() as u64;
    bad.iter().for_each(|line| println!("[licences] {line}"));
    if bad.is_empty() {
        Ok(())
    } else {
        Err(Trouble::new(format!(
            "{} without an allowed licence",
            bad.len()
        )))
    }
}

fn good(package: &Package) -> bool {
    if READ_BY_HAND.iter().any(|(name, licence, _)| {
        *name == package.name && package.licence.as_deref() == Some(*licence)
    }) {
        return true;
    }
    let allowed = |name: &str| ALLOWED.iter().any(|(allowed, _)| *allowed == name);
    package
        .licence
        .as_deref()
        .is_some_and(|licence| spdx::satisfied(licence, &allowed))
}

fn described(package: &Package) -> String {
    let licence = package.licence.as_deref().unwrap_or("none stated");
    format!(
        "{} {}: {licence} is not on the list of allowed licences",
        package.name, package.version
    )
}

fn rust() -> Result<Vec<Package>, Trouble> {
    let metadata = place::metadata()?;
    let packages = metadata["packages"].as_array().cloned().unwrap_or_default();
    Ok(packages
        .iter()
        .map(|package| Package {
            name: text(&package["name"]).unwrap_or_default(),
            version: text(&package["version"]).unwrap_or_default(),
            licence: text(&package["license"]),
        })
        .collect())
}

/// From the lock file; where it names no licence, from the installed package itself.
fn npm() -> Result<Vec<Package>, Trouble> {
    let path = place::web().join("package-lock.json");
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let lock: Value = serde_json::from_slice(&crate::web::read("package-lock.json")?)
        .map_err(|error| Trouble::new(format!("{}: {error}", path.display())))?;
    let entries = lock["packages"].as_object().cloned().unwrap_or_default();
    Ok(entries
        .iter()
        .filter(|(place, _)| !place.is_empty())
        .map(|(place, entry)| Package {
            name: place
                .rsplit("node_modules/")
                .next()
                .unwrap_or(place)
                .to_owned(),
            version: text(&entry["version"]).unwrap_or_default(),
            licence: text(&entry["license"]).or_else(|| installed(place)),
        })
        .collect())
}

fn installed(place: &str) -> Option<String> {
    let manifest = std::fs::read(place::web().join(place).join("package.json")).ok()?;
    let manifest: Value = serde_json::from_slice(&manifest).ok()?;
    text(&manifest["license"])
        .or_else(|| text(&manifest["license"]["type"]))
        .or_else(|| text(&manifest["licenses"][0]["type"]))
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}
