//! The largest files that people wrote, as a reminder to split them.

use std::process::Command;

use crate::place;

/// Line counts of tracked sources, largest first.
pub fn largest() -> Vec<(usize, String)> {
    let listed = Command::new("git")
        .current_dir(place::root())
        .args(["ls-files", "*.rs", "*.ts", "*.vue", "*.sql", "*.css"])
        .output();
    let Ok(listed) = listed else {
        return Vec::new();
    };
    let mut sizes: Vec<(usize, String)> = String::from_utf8_lossy(&listed.stdout)
        .lines()
        .filter(|path| !path.ends_with("schema.d.ts"))
        .filter_map(|path| {
            let text = std::fs::read_to_string(place::root().join(path)).ok()?;
            Some((text.lines().count(), path.to_owned()))
        })
        .collect();
    sizes.sort_by(|left, right| right.cmp(left));
    sizes
}
