//! The thread and its files: nothing is overwritten, a full disk ends recordings and nothing else.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use super::publisher::{EPOCH_US, Track};
use crate::record::model::TrackCodec;
use crate::record::{Ended, RecordEvent, Recorder, Space, salvage};

/// A disk whose room a test decides.
struct Quota(Arc<AtomicU64>);

impl Space for Quota {
    fn free_bytes(&self, _: &Path) -> std::io::Result<u64> {
        Ok(self.0.load(Ordering::Relaxed))
    }
}

fn directory(name: &str) -> PathBuf {
    let path =
        std::env::temp_dir().join(format!("fenghuotai-record-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    path
}

fn event(events: &Receiver<RecordEvent>) -> RecordEvent {
    events
        .recv_timeout(Duration::from_secs(20))
        .expect("an event comes")
}

/// Feeds two seconds of picture and sound through the recorder's own queue.
fn feed(recorder: &Recorder, reel: crate::record::ReelId) {
    let (mut pictures, mut sounds) = (Track::new(TrackCodec::Vp8), Track::new(TrackCodec::Opus));
    for beat in 0..100 {
        let at_us = EPOCH_US + beat * 20_000;
        let mut packets = sounds.frame(at_us, true);
        packets.extend(pictures.frame(at_us, beat == 0));
        for packet in packets {
            recorder.0.queue.send((reel, packet)).expect("it runs");
        }
    }
}

/// Orders are looked at ten times a second.
fn heard() {
    let until = Instant::now() + Duration::from_millis(400);
    while Instant::now() < until {
        std::thread::yield_now();
    }
}

#[test]
fn two_reels_of_the_same_moment_are_two_files() {
    let room = Arc::new(AtomicU64::new(u64::MAX));
    let (recorder, events) = Recorder::start(Box::new(Quota(room)), 1 << 20).expect("threads");
    let place = directory("names");
    let mut paths = Vec::new();
    for _ in 0..2 {
        let reel = recorder.begin(place.clone(), true, true).reel;
        heard();
        feed(&recorder, reel);
        recorder.end(reel);
        let RecordEvent::Segment { path, summary, .. } = event(&events) else {
            panic!("a segment comes first")
        };
        assert!(matches!(
            event(&events),
            RecordEvent::Ended {
                why: Ended::Asked,
                ..
            }
        ));
        assert_eq!(
            std::fs::metadata(&path).expect("there").len(),
            summary.bytes
        );
        let again = salvage(&path).expect("readable").expect("whole");
        assert_eq!((again.cut_bytes, again.summary.gaps), (0, summary.gaps));
        paths.push(path);
    }
    assert_ne!(paths[0], paths[1]);
    let _ = std::fs::remove_dir_all(place);
}

#[test]
fn a_full_disk_closes_what_is_there_and_says_so() {
    let room = Arc::new(AtomicU64::new(1 << 30));
    let (recorder, events) =
        Recorder::start(Box::new(Quota(Arc::clone(&room))), 1 << 20).expect("threads");
    let place = directory("full");
    let reel = recorder.begin(place.clone(), true, true).reel;
    heard();
    feed(&recorder, reel);
    heard();
    room.store(1_000, Ordering::Relaxed);
    let RecordEvent::Segment { path, .. } = event(&events) else {
        panic!("what was recorded is closed")
    };
    assert!(salvage(&path).expect("readable").is_some());
    let full = RecordEvent::Ended {
        reel,
        directory: place.clone(),
        why: Ended::DiskFull { free_bytes: 1_000 },
    };
    assert_eq!(event(&events), full);
    // Packets still on the way disturb nobody.
    feed(&recorder, reel);
    let next = recorder.begin(place.clone(), true, true).reel;
    assert!(
        matches!(event(&events), RecordEvent::Ended { reel, why: Ended::DiskFull { .. }, .. } if reel == next)
    );
    recorder.stop();
    let _ = std::fs::remove_dir_all(place);
}
