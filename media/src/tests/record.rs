//! A publisher over the wire is recorded as it is, whether anybody watches or not.

use std::time::{Duration, Instant};

use super::peer::{PATIENCE, Peer, during, server, until};
use crate::record::{Disk, Ended, RecordEvent, Recorder, TrackCodec, salvage};
use crate::{MediaKind, Published, SourceId};

fn source(published: &Published, kind: MediaKind) -> SourceId {
    let track = published.tracks.iter().find(|track| track.kind == kind);
    track.expect("both kinds are published").source
}

#[test]
fn what_a_publisher_sends_is_in_the_file() {
    let (media, _events) = server();
    let (recorder, recorded) = Recorder::start(Box::new(Disk), 0).expect("threads");
    let folder = std::env::temp_dir().join(format!("fenghuotai-tap-{}", std::process::id()));
    let (mut sender, published) = Peer::publisher(&media);
    until(&mut [&mut sender], "the connection", |peers| {
        peers[0].connected
    });

    let taps = recorder.begin(folder.clone(), true, true);
    let (picture, sound) = (
        source(&published, MediaKind::Video),
        source(&published, MediaKind::Audio),
    );
    media.tap(picture, taps.picture).expect("it is there");
    media.tap(sound, taps.sound).expect("it is there");
    let begun = Instant::now();
    let (mut pictures, mut sounds) = (0, 0);
    during(&mut [&mut sender], Duration::from_millis(2_500), |peers| {
        let passed = begun.elapsed().as_millis();
        if passed >= pictures * 33 {
            // A browser sends a key frame when it is asked, and the recorder asks.
            let key = std::mem::take(&mut peers[0].keyframe_requests) > 0;
            peers[0].send_picture(key, 1);
            pictures += 1;
        }
        if passed >= sounds * 20 {
            peers[0].send_sound(2);
            sounds += 1;
        }
    });
    for source in [picture, sound] {
        media.tap(source, None).expect("it is there");
        media.tap(source, None).expect("twice is harmless");
    }
    recorder.end(taps.reel);

    let event = || recorded.recv_timeout(PATIENCE).expect("an event");
    let RecordEvent::Segment { path, summary, .. } = event() else {
        panic!("a segment comes first")
    };
    assert!(matches!(
        event(),
        RecordEvent::Ended {
            why: Ended::Asked,
            ..
        }
    ));
    assert_eq!(
        summary.picture.as_ref().map(|picture| picture.codec),
        Some(TrackCodec::Vp8)
    );
    assert!(summary.sound);
    let seconds = summary.duration_us as f64 / 1_000_000.0;
    assert!((1.0..3.5).contains(&seconds), "{seconds} s");
    let again = salvage(&path).expect("readable").expect("whole");
    assert_eq!(again.cut_bytes, 0);
    assert_eq!(again.summary.bytes, summary.bytes);
    media.remove(published.peer);
    assert!(media.tap(picture, None).is_err(), "a source that has gone");
    let _ = std::fs::remove_dir_all(folder);
}
