//! Makes a segment whole that its writer could not close: cut after the last whole fragment, index filled in.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::container::{Container, Contents};
use super::gaps;
use super::model::Summary;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Salvaged {
    pub summary: Summary,
    /// Microseconds since 1970.
    pub started_us: i64,
    /// Bytes after the last whole fragment, now gone.
    pub cut_bytes: u64,
}

/// Makes the segment at `path` whole; `None` when not one fragment of it is. Harmless on a whole segment.
///
/// # Errors
/// When the file cannot be read or written, or its name ends in none of ours.
pub fn salvage(path: &Path) -> io::Result<Option<Salvaged>> {
    let container = path
        .extension()
        .and_then(|ending| Container::of_ending(ending.to_str()?))
        .ok_or(io::ErrorKind::InvalidInput)?;
    let file = File::options().read(true).write(true).open(path)?;
    let Some(contents) = container.read(&file, &mut |_| {})? else {
        return Ok(None);
    };
    let before = file.metadata()?.len();
    if before > contents.whole {
        file.set_len(contents.whole)?;
    }
    for (at, bytes) in patches(container, &contents) {
        file.write_all_at(&bytes, at)?;
    }
    file.sync_all()?;
    Ok(Some(Salvaged {
        started_us: contents.layout.started_us,
        cut_bytes: before - contents.whole,
        summary: summary(contents),
    }))
}

pub(super) fn patches(container: Container, contents: &Contents) -> Vec<(u64, Vec<u8>)> {
    container.close(&contents.layout, contents.reserve_at, &contents.fragments)
}

pub(super) fn summary(contents: Contents) -> Summary {
    let ends = contents.fragments.iter().map(|fragment| fragment.end_us);
    let duration_us = ends.max().unwrap_or_default();
    let mut found = contents.gaps;
    found.extend(gaps::tail(contents.picture_end_us, duration_us));
    Summary {
        duration_us,
        bytes: contents.whole,
        gaps: gaps::join(found),
        picture: contents.layout.picture,
        sound: contents.layout.sound,
    }
}
