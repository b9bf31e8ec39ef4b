//! The written contract: `docs/openapi.json` is what the server says, and each of its types has its own name.

use std::{collections::BTreeMap, fs, path::Path};

use fenghuotai::app;
use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_document_in_the_repository_is_what_the_server_says() {
    let written = fs::read_to_string(root().join("docs/openapi.json")).expect("docs/openapi.json");
    let written: Value = serde_json::from_str(&written).expect("JSON");
    let said: Value = serde_json::from_str(&app::openapi()).expect("JSON");
    assert!(
        written == said,
        "docs/openapi.json is behind the routes: run `cargo xtask bless` and read the difference"
    );
}

#[test]
fn an_answer_always_carries_every_field() {
    let document: Value = serde_json::from_str(&app::openapi()).expect("JSON");
    let incident = &document["components"]["schemas"]["Incident"];
    let required = incident["required"].as_array().expect("required");
    assert!(required.contains(&"level".into()), "{required:?}");
    // A request may leave out what it does not say.
    let change = &document["components"]["schemas"]["Change"];
    assert_eq!(change["required"], serde_json::json!(["version"]));
}

/// Two types under one name silently become one of them in the document.
#[test]
fn no_two_types_of_the_document_share_a_name() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (file, text) in crate::architecture::sources("src") {
        let mut derived = false;
        let mut name = None;
        for line in text.lines().map(str::trim_start) {
            if line.starts_with("#[derive(") {
                derived = line.contains("ToSchema");
                name = None;
            } else if let Some(rest) = line.strip_prefix("#[schema(as = ") {
                name = rest.split([')', ',']).next().map(str::to_owned);
            } else if let Some(rest) = line
                .strip_prefix("pub struct ")
                .or_else(|| line.strip_prefix("pub enum "))
            {
                if derived {
                    let own = rest.split([' ', '<', '(', ';']).next().unwrap_or_default();
                    places
                        .entry(name.take().unwrap_or_else(|| own.to_owned()))
                        .or_default()
                        .push(file.clone());
                }
                derived = false;
            }
        }
    }
    assert!(
        places.len() > 50,
        "the scan finds the types: {}",
        places.len()
    );
    places.retain(|_, files| files.len() > 1);
    assert!(
        places.is_empty(),
        "give one of them `#[schema(as = …)]`: {places:#?}"
    );
}
