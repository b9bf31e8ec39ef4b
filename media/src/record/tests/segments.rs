//! When a segment begins and ends.

use super::publisher::{EPOCH_US, Shelf, Track, read, record};
use crate::record::container::Container;
use crate::record::model::TrackCodec;
use crate::record::reel::Reel;
use crate::rtp::MediaKind;

#[test]
fn the_codec_decides_the_container() {
    for (codec, container) in [
        (TrackCodec::H264, Container::Mp4),
        (TrackCodec::Vp8, Container::Webm),
    ] {
        let (mut reel, mut shelf) = record(codec, 2, |_, packet| Some(packet));
        reel.finish();
        shelf.take(&mut reel);
        assert_eq!(shelf.files[0].container, container);
        let (contents, _) = read(container, &shelf.files[0].bytes).expect("whole");
        assert!(contents.layout.sound);
        assert_eq!(
            contents.layout.picture.map(|picture| picture.codec),
            Some(codec)
        );
        // Both containers know when it was.
        assert!(contents.layout.started_us.abs_diff(EPOCH_US) < 1_000_000);
    }
}

#[test]
fn sound_does_not_wait_long_for_a_picture_and_a_picture_begins_a_segment() {
    let (mut reel, mut shelf) = record(TrackCodec::Vp8, 8, |at_us, packet| {
        let dark = packet.codec == TrackCodec::Vp8 && at_us < 5_000_000;
        (!dark).then_some(packet)
    });
    reel.finish();
    shelf.take(&mut reel);
    let pictures: Vec<bool> = shelf
        .files
        .iter()
        .map(|file| {
            let (contents, _) = read(file.container, &file.bytes).expect("whole");
            contents.layout.picture.is_some()
        })
        .collect();
    assert_eq!(pictures, [false, true]);
    let first = shelf.files[0].summary.as_ref().expect("closed");
    assert!(first.duration_us.abs_diff(5_000_000) < 100_000, "{first:?}");
}

#[test]
fn a_segment_ends_when_nothing_comes_and_another_begins_after() {
    let mut reel = Reel::new(true, true);
    let mut shelf = Shelf::default();
    let mut sounds = Track::new(TrackCodec::Opus);
    for second in (0..60).filter(|second| !(10..40).contains(second)) {
        for beat in 0..50 {
            let at_us = EPOCH_US + second * 1_000_000 + beat * 20_000;
            for packet in sounds.frame(at_us, true) {
                reel.packet(packet.arrived_us, packet);
            }
            reel.tick(at_us);
        }
        if second == 9 {
            for tenth in 100..400 {
                reel.tick(EPOCH_US + tenth * 100_000);
            }
        }
    }
    reel.finish();
    shelf.take(&mut reel);
    let lengths: Vec<i64> = shelf
        .files
        .iter()
        .map(|file| file.summary.as_ref().expect("closed").duration_us / 1_000_000)
        .collect();
    assert_eq!(lengths.len(), 2, "{lengths:?}");
    assert!(
        (19..=20).contains(&lengths[0]) && (19..=20).contains(&lengths[1]),
        "{lengths:?}"
    );
}

#[test]
fn another_layer_goes_on_in_the_same_segment() {
    let (mut reel, mut shelf) = record(TrackCodec::Vp8, 10, |at_us, mut packet| {
        if packet.codec == TrackCodec::Vp8 && at_us >= 5_000_000 {
            packet.stream = 2;
            packet.index += 5_000;
            packet.timestamp = packet.timestamp.wrapping_add(77_777);
            if let Some(clock) = &mut packet.clock {
                clock.timestamp = clock.timestamp.wrapping_add(77_777);
            }
        }
        Some(packet)
    });
    reel.finish();
    shelf.take(&mut reel);
    assert_eq!(shelf.files.len(), 1);
    let (contents, mets) = read(shelf.files[0].container, &shelf.files[0].bytes).expect("whole");
    assert!(contents.gaps.is_empty(), "{:?}", contents.gaps);
    let pictures: Vec<i64> = mets
        .iter()
        .filter(|met| met.kind == MediaKind::Video)
        .map(|met| met.at_us)
        .collect();
    for pair in pictures.windows(2) {
        assert!((39_000..=41_000).contains(&(pair[1] - pair[0])), "{pair:?}");
    }
}
