//! Where tests find the data that has no licence to be in the repository.

use std::path::PathBuf;

/// The file, or `None` with a line that says the test was skipped.
pub fn data(name: &str) -> Option<PathBuf> {
    let folder = std::env::var("FENGHUOTAI_TEST_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data").to_owned());
    let path = PathBuf::from(folder).join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!(
        "SKIPPED: {} is absent; set FENGHUOTAI_TEST_DATA to the folder of test data",
        path.display()
    );
    None
}
