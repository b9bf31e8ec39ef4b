//! Recording in the conference's words: a venue's sources become a reel, what the recorder reports becomes facts.

use std::io;
use std::path::{Path, PathBuf};

use fenghuotai_media::{MediaKind, record as media};
use tokio::sync::mpsc;

use super::{Link, SourceId, TrackKind};
use crate::platform::Millis;

/// Reports waiting for the catalogue; the thread that passes them on waits, the recorder does not.
const EVENTS_MAX: usize = 1_024;

/// What the recorder reports.
#[derive(Clone, Debug)]
pub enum Recorded {
    /// A file is whole.
    Segment(RecordedSegment),
    /// A reel's last file is whole.
    Ended { folder: PathBuf, why: RecorderEnded },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecorderEnded {
    Asked,
    DiskFull,
    DiskFailed,
}

/// One whole file.
#[derive(Clone, Debug)]
pub struct RecordedSegment {
    pub path: PathBuf,
    pub started_at: Millis,
    pub duration_ms: i64,
    pub bytes: i64,
    /// Codec, width, height.
    pub picture: Option<(&'static str, u16, u16)>,
    pub sound: bool,
    pub gaps: Vec<RecordedGap>,
}

/// Milliseconds since the file's start.
#[derive(Clone, Debug)]
pub struct RecordedGap {
    /// `picture`, `sound`
    pub track: &'static str,
    /// `lost`, `overload`, `absent`
    pub cause: &'static str,
    pub from_ms: i64,
    pub until_ms: i64,
}

/// One venue being recorded: as long as its connection stands.
#[derive(Debug)]
pub struct Reel {
    id: media::ReelId,
    sources: Vec<SourceId>,
}

pub(super) fn start(
    low_water_bytes: u64,
) -> io::Result<(media::Recorder, mpsc::Receiver<Recorded>)> {
    let (recorder, events) = media::Recorder::start(Box::new(media::Disk), low_water_bytes)?;
    let (tell, told) = mpsc::channel(EVENTS_MAX);
    std::thread::Builder::new()
        .name("record-events".to_owned())
        .spawn(move || {
            for event in events {
                if tell.blocking_send(recorded(event)).is_err() {
                    return;
                }
            }
        })?;
    Ok((recorder, told))
}

impl Link {
    /// Records a venue's first picture and first sound into `folder`.
    pub fn record(&self, folder: PathBuf, sources: &[(SourceId, TrackKind)]) -> Reel {
        let first = |wanted| {
            sources
                .iter()
                .find(|(_, kind)| *kind == wanted)
                .map(|(source, _)| *source)
        };
        let (picture, sound) = (first(TrackKind::Video), first(TrackKind::Audio));
        let taps = self
            .recorder
            .begin(folder, picture.is_some(), sound.is_some());
        let pairs = [(picture, taps.picture), (sound, taps.sound)];
        let mut tapped = Vec::new();
        for (source, tap) in pairs {
            let Some(source) = source else { continue };
            match self.media.tap(source, tap) {
                Ok(()) => tapped.push(source),
                // It has just gone; its event is on the way.
                Err(why) => tracing::info!(%why, %source, "a source is not recorded"),
            }
        }
        Reel {
            id: taps.reel,
            sources: tapped,
        }
    }

    pub fn stop_recording(&self, reel: Reel) {
        for source in reel.sources {
            // One that has gone is not tapped any more.
            let _ = self.media.tap(source, None);
        }
        self.recorder.end(reel.id);
    }
}

/// Makes a file whole that a crash left open; `None` when nothing of it is.
///
/// # Errors
/// When it cannot be read or written.
pub fn salvage(path: &Path) -> io::Result<Option<RecordedSegment>> {
    let salvaged = media::salvage(path)?;
    Ok(salvaged.map(|whole| segment(path.to_owned(), whole.started_us, whole.summary)))
}

fn recorded(event: media::RecordEvent) -> Recorded {
    match event {
        media::RecordEvent::Segment {
            path,
            started_us,
            summary,
            ..
        } => Recorded::Segment(segment(path, started_us, summary)),
        media::RecordEvent::Ended { directory, why, .. } => Recorded::Ended {
            folder: directory,
            why: match why {
                media::Ended::Asked => RecorderEnded::Asked,
                media::Ended::DiskFull { .. } => RecorderEnded::DiskFull,
                media::Ended::Failed(_) => RecorderEnded::DiskFailed,
            },
        },
    }
}

fn segment(path: PathBuf, started_us: i64, summary: media::Summary) -> RecordedSegment {
    let gap = |gap: media::Gap| RecordedGap {
        track: match gap.kind {
            MediaKind::Video => "picture",
            MediaKind::Audio => "sound",
        },
        cause: gap.cause.word(),
        from_ms: gap.from_us / 1_000,
        until_ms: gap.until_us / 1_000,
    };
    RecordedSegment {
        path,
        started_at: Millis(started_us / 1_000),
        duration_ms: summary.duration_us / 1_000,
        bytes: summary.bytes as i64,
        picture: summary
            .picture
            .map(|picture| (picture.codec.word(), picture.width, picture.height)),
        sound: summary.sound,
        gaps: summary.gaps.into_iter().map(gap).collect(),
    }
}
