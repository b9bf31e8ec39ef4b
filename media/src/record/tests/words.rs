//! Small readers: Opus lengths, redundancy, names.

use crate::record::depacketise::{
    SHORT_SILENCE, SHORT_SILENCE_US, SILENCE, SILENCE_US, duration_us, whole,
};
use crate::record::model::TrackCodec;

#[test]
fn an_opus_packet_says_how_long_it_sounds() {
    assert_eq!(duration_us(&SILENCE), Some(SILENCE_US));
    assert_eq!(duration_us(&SHORT_SILENCE), Some(SHORT_SILENCE_US));
    for (toc, us) in [
        (0x78, 20_000),
        (0x08, 20_000),
        (0x18, 60_000),
        (0xe0, 2_500),
        (0x79, 40_000),
    ] {
        assert_eq!(duration_us(&[toc, 0]), Some(us), "{toc:#x}");
    }
    assert_eq!(duration_us(&[0x7b, 3, 0]), Some(60_000));
    assert_eq!(duration_us(&[0x7b, 0x3f]), None, "longer than Opus allows");
    assert_eq!(duration_us(&[]), None);
}

#[test]
fn of_redundant_sound_the_newest_is_kept() {
    // One older block of three bytes, then the newest.
    let packet = [0x80 | 111, 0x0f, 0x00, 3, 111, 1, 2, 3, 0x78, 42];
    let frame = whole(TrackCodec::RedOpus, &[&packet], &mut Default::default()).expect("sound");
    assert_eq!(frame.data, [0x78, 42]);
    assert!(whole(TrackCodec::RedOpus, &[&[0x80, 0]], &mut Default::default()).is_none());
}

#[test]
fn a_picture_without_its_beginning_is_none() {
    let mut sets = Default::default();
    assert!(whole(TrackCodec::Vp8, &[&[0x00, 1, 2, 3]], &mut sets).is_none());
    assert!(whole(TrackCodec::Vp9, &[&[0x04, 1, 2, 3]], &mut sets).is_none());
    assert!(whole(TrackCodec::H264, &[&[0x7c, 0x05, 1, 2]], &mut sets).is_none());
    assert!(whole(TrackCodec::Av1, &[&[0x90, 1, 2]], &mut sets).is_none());
}

#[test]
fn what_has_no_container_is_not_recorded() {
    assert_eq!(TrackCodec::named("vp8"), Some(TrackCodec::Vp8));
    assert_eq!(TrackCodec::named("PCMU"), None);
}
