//! A file cut at any byte is made whole again and lost no more than its last fragment.

use proptest::prelude::*;

use super::publisher::{Shelf, Written, captured_us, patch, read, record};
use crate::record::model::TrackCodec;
use crate::record::salvage::{patches, summary};

fn recorded(codec: TrackCodec) -> Written {
    let (mut reel, mut shelf) = record(codec, 8, |_, packet| Some(packet));
    reel.finish();
    shelf.take(&mut reel);
    shelf.files.pop().expect("one segment")
}

fn check(file: &Written, cut: usize) {
    let whole = read(file.container, &file.bytes).expect("the file is whole");
    let mut left = file.bytes[..cut].to_vec();
    let Some((contents, mets)) = read(file.container, &left) else {
        let first = whole.0.fragments[0];
        assert!(
            (cut as u64) < first.offset + first.len,
            "a whole fragment was not found in {cut} bytes"
        );
        return;
    };
    let kept = contents.fragments.len();
    assert_eq!(contents.fragments, whole.0.fragments[..kept]);
    assert_eq!(mets, whole.1[..mets.len()]);
    // Nothing that is there in whole is thrown away.
    if let Some(next) = whole.0.fragments.get(kept) {
        assert!(cut as u64 - contents.whole < next.len);
    }
    left.truncate(contents.whole as usize);
    patch(&mut left, patches(file.container, &contents));
    let again = read(file.container, &left).expect("what was made whole can be read");
    assert_eq!(again.0, contents);
    assert_eq!(again.1, mets);
    let summary = summary(again.0);
    assert_eq!(summary.bytes, left.len() as u64);
    let last = mets.iter().filter_map(|met| captured_us(&left, met)).max();
    assert!(last.is_some_and(|last| summary.duration_us >= last - file.started_us));
}

#[test]
fn a_closed_segment_reads_as_its_writer_said() {
    for codec in [TrackCodec::Vp8, TrackCodec::H264] {
        let file = recorded(codec);
        let (contents, mets) = read(file.container, &file.bytes).expect("whole");
        let told = file.summary.clone().expect("closed");
        assert_eq!(contents.whole, file.bytes.len() as u64);
        let found = summary(contents);
        assert_eq!(found.bytes, told.bytes);
        assert_eq!(found.gaps, told.gaps);
        assert_eq!(found.picture, told.picture);
        assert!(found.duration_us.abs_diff(told.duration_us) < 40_000);
        assert_eq!(found.picture.map(|p| (p.width, p.height)), Some((640, 360)));
        let carried = mets
            .iter()
            .filter(|met| captured_us(&file.bytes, met).is_some());
        assert!(carried.count() >= 8 * 75 - 3);
    }
}

#[test]
fn fragments_stay_below_the_two_seconds_a_crash_may_cost() {
    for codec in [TrackCodec::Vp8, TrackCodec::H264] {
        let file = recorded(codec);
        let (contents, _) = read(file.container, &file.bytes).expect("whole");
        for fragment in &contents.fragments {
            assert!(
                fragment.end_us - fragment.start_us < 1_000_000,
                "{fragment:?}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_prefix_can_be_made_whole(part in 0.0..1.0_f64, mp4: bool) {
        thread_local! {
            static FILES: [Written; 2] = [recorded(TrackCodec::Vp8), recorded(TrackCodec::H264)];
        }
        FILES.with(|files| {
            let file = &files[usize::from(mp4)];
            check(file, (file.bytes.len() as f64 * part) as usize);
        });
    }
}

#[test]
fn a_file_whose_end_never_reached_the_disk_is_cut_there() {
    let file = recorded(TrackCodec::Vp8);
    let (contents, _) = read(file.container, &file.bytes).expect("whole");
    let last = contents.fragments.last().expect("some");
    let mut torn = file.bytes.clone();
    // The length was written, the bytes were not.
    torn[last.offset as usize..].fill(0);
    let (left, _) = read(file.container, &torn).expect("most of it");
    assert_eq!(left.fragments.len(), contents.fragments.len() - 1);
}

#[test]
fn nothing_is_found_in_rubbish() {
    for container in [
        crate::record::Container::Mp4,
        crate::record::Container::Webm,
    ] {
        assert!(read(container, &[]).is_none());
        assert!(read(container, &[0; 4_096]).is_none());
        assert!(read(container, &[0xff; 4_096]).is_none());
    }
    assert!(Shelf::default().files.is_empty());
}
