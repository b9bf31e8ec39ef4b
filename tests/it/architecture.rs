//! The walls of the house: what a file may not know, and which rooms may call which.

use std::{collections::BTreeMap, fs, path::Path};

/// `room → rooms it may call`, each with a word why. Everything else travels through the journal.
const EDGES: &[(&str, &[&str], &str)] = &[
    ("platform", &[], "knows no word of the domain"),
    (
        "region",
        &["identity", "platform"],
        "who may import divisions",
    ),
    (
        "identity",
        &["platform", "region"],
        "an account belongs to a division",
    ),
    (
        "audit",
        &["identity", "platform", "region"],
        "who did it, and who may read that",
    ),
    (
        "incident",
        &["audit", "identity", "platform", "region"],
        "a place lies in a division",
    ),
    (
        "expert",
        &["audit", "identity", "incident", "platform", "region"],
        "matching looks at the incident's category",
    ),
    (
        "infrastructure",
        &["audit", "identity", "incident", "platform", "region"],
        "surroundings of an incident",
    ),
    (
        "conference",
        &["audit", "identity", "incident", "platform", "region"],
        "a consultation belongs to an incident",
    ),
    (
        "consultation",
        &[
            "audit",
            "conference",
            "expert",
            "identity",
            "incident",
            "infrastructure",
            "platform",
            "region",
        ],
        "one click from an incident to a meeting with the right people",
    ),
    (
        "recording",
        &["conference", "identity", "platform", "region"],
        "what is recorded is a conference",
    ),
    (
        "situation",
        &[
            "conference",
            "identity",
            "incident",
            "infrastructure",
            "platform",
            "region",
        ],
        "what the live map shows, and whether people are consulting about it",
    ),
    (
        "demo",
        &["identity", "platform", "region"],
        "accounts before anybody can sign in; everything else goes through the API",
    ),
    (
        "gateway",
        &["identity", "platform", "region", "situation"],
        "whose socket it is, and its map views",
    ),
];

/// `word → files that may say it`. A wall in one line each.
const WALLS: &[(&str, &[&str], &str)] = &[
    (
        "sqlx::",
        &["src/platform/db/"],
        "only the database names a driver",
    ),
    (
        "fenghuotai_media",
        &["src/conference/link", "src/app.rs", "src/main.rs"],
        "the rest of the house speaks of venues",
    ),
    (
        "fenghuotai_maps::live",
        &["src/situation/link"],
        "the rest of the house speaks of the situation",
    ),
    (
        "SystemTime",
        &["src/platform/clock.rs"],
        "time is told, not asked",
    ),
    (
        "Instant::now",
        &["src/platform/", "src/gateway/socket.rs"],
        "time is told, not asked",
    ),
    (
        "tokio::spawn",
        &["src/platform/tasks.rs"],
        "tasks have names",
    ),
    ("std::process::exit", &[], "the process ends through main"),
];

/// File names (or folders) that do I/O; every other file of a slice is pure.
const SHELLS: &[&str] = &[
    "cookie", "demo", "feed", "ground", "guard", "hashing", "jobs", "keeper", "link", "mod",
    "owner", "routes", "service", "stage", "store", "views", "wire",
];

/// Words a pure file may not say.
const IMPURE: &[&str] = &[
    "axum::",
    "tokio::",
    "async fn",
    "platform::db",
    "platform::http",
    "platform::ctx",
    "Ctx",
];

pub fn sources(dir: &str) -> BTreeMap<String, String> {
    fn walk(dir: &Path, root: &Path, files: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(dir).expect("the sources are here") {
            let path = entry.expect("a directory entry").path();
            if path.is_dir() {
                walk(&path, root, files);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let name = path
                    .strip_prefix(root)
                    .expect("below the root")
                    .to_string_lossy()
                    .into_owned();
                files.insert(name, fs::read_to_string(&path).expect("readable source"));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = BTreeMap::new();
    walk(&root.join(dir), root, &mut files);
    files
}

/// Code without comments.
fn code(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

fn is_test(file: &str) -> bool {
    file.contains("/tests/") || file.ends_with("/tests.rs")
}

#[test]
fn rooms_call_each_other_only_along_the_edges() {
    let mut wrong = Vec::new();
    for (file, text) in sources("src") {
        let Some(room) = file
            .strip_prefix("src/")
            .and_then(|rest| rest.split_once('/'))
            .map(|(room, _)| room)
        else {
            continue;
        };
        if is_test(&file) || room == "demo" {
            continue;
        }
        let Some((_, may, _)) = EDGES.iter().find(|(from, ..)| *from == room) else {
            wrong.push(format!("{file}: the room {room} is not in the table"));
            continue;
        };
        let code = code(&text);
        for (to, ..) in EDGES {
            let named =
                code.contains(&format!("crate::{to}::")) || code.contains(&format!("\n    {to}::"));
            if named && *to != room && !may.contains(to) {
                wrong.push(format!("{file}: {room} → {to} is not drawn"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn walls_hold() {
    let mut wrong = Vec::new();
    for (file, text) in sources("src") {
        if is_test(&file) {
            continue;
        }
        let code = code(&text);
        for (word, may, why) in WALLS {
            if code.contains(word) && !may.iter().any(|allowed| file.starts_with(allowed)) {
                wrong.push(format!("{file} says {word}: {why}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn cores_are_pure() {
    let mut wrong = Vec::new();
    for (file, text) in sources("src") {
        let parts: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
        let slice = parts.get(1).copied().unwrap_or_default();
        let in_slice = EDGES.iter().any(|(room, ..)| *room == slice)
            && !["demo", "gateway", "platform"].contains(&slice);
        if !in_slice || is_test(&file) || parts[2..].iter().any(|part| SHELLS.contains(part)) {
            continue;
        }
        let code = code(&text);
        for word in IMPURE {
            if code.contains(word) {
                wrong.push(format!("{file} says {word}, but is not one of the shells"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_engines_have_never_heard_of_the_domain() {
    let mut wrong = Vec::new();
    for (dir, words) in [
        ("media/src", ["venue", "chair", "meeting", "incident"]),
        ("maps/src", ["venue", "chair", "conference", "participant"]),
    ] {
        for (file, text) in sources(dir) {
            for word in words {
                if code(&text).to_lowercase().contains(word) {
                    wrong.push(format!("{file} says {word}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_its_one_job_in_its_first_line() {
    let mut wrong = Vec::new();
    for dir in ["src", "media/src", "maps/src", "xtask/src", "tests"] {
        for (file, text) in sources(dir) {
            if !is_test(&file) && !text.starts_with("//!") {
                wrong.push(file);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn migrations_are_twins() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let list = |kind: &str| -> BTreeMap<String, String> {
        let dir = fs::read_dir(root.join(kind)).expect("migrations are here");
        dir.map(|entry| {
            let path = entry.expect("a directory entry").path();
            let name = path
                .file_name()
                .expect("a file")
                .to_string_lossy()
                .into_owned();
            (name, fs::read_to_string(path).expect("readable SQL"))
        })
        .collect()
    };
    let (sqlite, postgres) = (list("sqlite"), list("postgres"));
    assert_eq!(
        sqlite.keys().collect::<Vec<_>>(),
        postgres.keys().collect::<Vec<_>>()
    );
    for (name, sql) in &sqlite {
        let differs = sql.starts_with("-- differs: ") && postgres[name].starts_with("-- differs: ");
        assert!(
            differs || *sql == postgres[name],
            "{name} differs without saying why in its first line"
        );
    }
}
