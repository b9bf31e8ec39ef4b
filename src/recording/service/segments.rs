//! Segments that are whole: hashed, put into the catalogue, told to the journal. After a crash, made whole first.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sm3::{Digest as _, Sm3};

use crate::conference::{self, RecordedSegment};
use crate::identity::VenueId;
use crate::platform::{Ctx, Failure, Fault};
use crate::recording::model::{Picture, RecordingId, Segment, SegmentId};
use crate::recording::service::entries;
use crate::recording::store;

/// Ending of a file in which not one fragment is whole; it is kept, and not looked at again.
const EMPTY: &str = "empty";

/// Whose segment a file is, by where it lies: `<recording>/<venue>/<file>`.
fn place(path: &Path) -> Option<(RecordingId, VenueId, String)> {
    let file = path.file_name()?.to_str()?.to_owned();
    let venue = path.parent()?;
    let recording = venue.parent()?.file_name()?.to_str()?;
    Some((
        RecordingId::parse(recording)?,
        VenueId::parse(venue.file_name()?.to_str()?)?,
        file,
    ))
}

/// The recording a folder of a venue belongs to.
pub fn recording_of(folder: &Path) -> Option<RecordingId> {
    RecordingId::parse(folder.parent()?.file_name()?.to_str()?)
}

/// Puts a whole segment into the catalogue; one that is there already stays as it is.
#[tracing::instrument(name = "recording.keep_segment", skip_all, fields(path = %recorded.path.display()))]
pub async fn keep(ctx: &Ctx, recorded: RecordedSegment, salvaged: bool) -> Result<(), Failure> {
    let Some((recording_id, venue_id, file)) = place(&recorded.path) else {
        return Ok(());
    };
    let Some(recording) = store::by_id(&ctx.db, &recording_id).await? else {
        return Ok(());
    };
    let venue_name = conference::find(ctx, &recording.conference_id)
        .await?
        .and_then(|conference| Some(conference.venues.get(&venue_id)?.name.clone()))
        .unwrap_or_else(|| venue_id.to_string());
    let path = recorded.path.clone();
    let hash = tokio::task::spawn_blocking(move || hash(&path))
        .await
        .map_err(|error| Fault::new("hashing a recording", error))?
        .map_err(|error| Fault::new("hashing a recording", error))?;
    let now = ctx.clock.now();
    let segment = Segment {
        id: SegmentId::new(now),
        recording_id,
        venue_id,
        venue_name,
        file,
        started_at: recorded.started_at,
        duration_ms: recorded.duration_ms,
        bytes: recorded.bytes,
        picture: recorded.picture.map(|(codec, width, height)| Picture {
            codec: codec.to_owned(),
            width: i64::from(width),
            height: i64::from(height),
        }),
        sound: recorded.sound,
        gaps: recorded.gaps.into_iter().map(Into::into).collect(),
        hash,
        salvaged,
    };
    let mut tx = ctx.db.begin().await?;
    if store::insert_segment(&mut tx, &segment).await? {
        tx.append(entries::segment_kept(&recording, &segment), now)
            .await?;
        tx.commit().await?;
    }
    Ok(())
}

fn hash(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut sm3 = Sm3::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex::encode(sm3.finalize())),
            len => sm3.update(&buffer[..len]),
        }
    }
}

/// Files that no catalogue line speaks of: what was being written when the process ended.
pub async fn orphans(ctx: &Ctx) -> Result<Vec<PathBuf>, Fault> {
    let root = ctx.config.recording_folder();
    let found = tokio::task::spawn_blocking(move || files_under(&root))
        .await
        .map_err(|error| Fault::new("looking for open recordings", error))?;
    let mut orphans = Vec::new();
    let mut known: Option<(RecordingId, Vec<(VenueId, String)>)> = None;
    for path in found {
        let Some((recording, venue, file)) = place(&path) else {
            continue;
        };
        if known.as_ref().is_none_or(|(id, _)| *id != recording) {
            let rows = store::segments(&ctx.db, &recording).await?;
            let names = rows.into_iter().map(|row| (row.venue_id, row.file));
            known = Some((recording, names.collect()));
        }
        let listed = known
            .as_ref()
            .is_some_and(|(_, names)| names.contains(&(venue, file)));
        if !listed {
            orphans.push(path);
        }
    }
    Ok(orphans)
}

fn files_under(root: &Path) -> Vec<PathBuf> {
    let inside = |path: PathBuf| -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(path) else {
            return Vec::new();
        };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        paths
    };
    let ours = |path: &PathBuf| {
        path.extension()
            .is_some_and(|ending| ending == "mp4" || ending == "webm")
    };
    inside(root.to_owned())
        .into_iter()
        .flat_map(inside)
        .flat_map(inside)
        .filter(ours)
        .collect()
}

/// Makes a file whole and puts it into the catalogue.
pub async fn salvage(ctx: &Ctx, path: PathBuf) -> Result<(), Failure> {
    let file = path.clone();
    let salvaged = tokio::task::spawn_blocking(move || conference::salvage_recording(&file))
        .await
        .map_err(|error| Fault::new("making a recording whole", error))?;
    match salvaged {
        Ok(Some(recorded)) => {
            tracing::warn!(path = %path.display(), "a recording that a crash left open is whole again");
            keep(ctx, recorded, true).await
        }
        Ok(None) => {
            let mut name = path.clone().into_os_string();
            name.push(".");
            name.push(EMPTY);
            let _ = std::fs::rename(&path, name);
            Ok(())
        }
        Err(error) => Err(Fault::new(format!("making {} whole", path.display()), error).into()),
    }
}
