//! What is missing is marked, silence stands in for sound, and a key frame is asked for.

use super::publisher::{EPOCH_US, captured_us, read, record};
use crate::record::model::{Cause, Gap, TrackCodec};
use crate::record::reel::Reel;
use crate::rtp::MediaKind;

const CODECS: [TrackCodec; 2] = [TrackCodec::Vp8, TrackCodec::H264];

fn finished(reel: &mut Reel, shelf: &mut super::publisher::Shelf) {
    reel.finish();
    shelf.take(reel);
}

#[test]
fn a_lost_packet_of_a_picture_is_a_gap_up_to_the_next_key_frame() {
    for codec in CODECS {
        let mut asked = false;
        let (mut reel, mut shelf) = record(codec, 8, |at_us, packet| {
            let lost = packet.codec == codec && at_us == 2_000_000 && packet.marker;
            (!lost).then_some(packet)
        });
        asked |= reel.wants_keyframe(EPOCH_US + 60_000_000);
        finished(&mut reel, &mut shelf);
        let gaps = &shelf.files[0].summary.as_ref().expect("closed").gaps;
        let [gap] = gaps[..] else {
            panic!("one gap, not {gaps:?}")
        };
        assert_eq!((gap.kind, gap.cause), (MediaKind::Video, Cause::Lost));
        assert!((1_990_000..=2_010_000).contains(&gap.from_us), "{gap:?}");
        assert_eq!(gap.until_us, 5_000_000, "the next key frame");
        assert!(asked, "an old key frame is renewed");
    }
}

#[test]
fn a_gap_asks_for_a_key_frame_at_once() {
    let (reel, _) = record(TrackCodec::Vp8, 3, |at_us, packet| {
        let lost = packet.codec == TrackCodec::Vp8 && at_us == 2_000_000 && packet.marker;
        (!lost).then_some(packet)
    });
    assert!(reel.wants_keyframe(EPOCH_US + 3_000_000));
    let (reel, _) = record(TrackCodec::Vp8, 3, |_, packet| Some(packet));
    assert!(!reel.wants_keyframe(EPOCH_US + 3_000_000));
}

#[test]
fn packets_out_of_order_leave_no_trace() {
    for codec in CODECS {
        let mut held = None;
        let (mut reel, mut shelf) = record(codec, 4, |at_us, packet| {
            // One packet comes 120 ms later than it should, as a repair does.
            if packet.codec == codec && at_us == 2_000_000 && packet.marker {
                held = Some(packet);
                return None;
            }
            match held.take_if(|_| at_us >= 2_120_000) {
                Some(late) if packet.codec == codec => Some(late),
                late => {
                    held = held.take().or(late);
                    Some(packet)
                }
            }
        });
        finished(&mut reel, &mut shelf);
        let file = &shelf.files[0];
        let gaps = &file.summary.as_ref().expect("closed").gaps;
        // The packet it took the place of is the one that is missing.
        assert!(gaps.iter().all(|gap| gap.from_us > 2_060_000), "{gaps:?}");
        let (_, mets) = read(file.container, &file.bytes).expect("whole");
        let late = mets.iter().any(|met| {
            met.kind == MediaKind::Video
                && captured_us(&file.bytes, met) == Some(EPOCH_US + 2_000_000)
        });
        assert!(late, "the repaired frame is there");
    }
}

#[test]
fn a_closed_microphone_is_silence_of_the_same_length() {
    for codec in CODECS {
        let (mut reel, mut shelf) = record(codec, 9, |at_us, mut packet| {
            let closed =
                packet.codec == TrackCodec::Opus && (2_000_000..6_000_000).contains(&at_us);
            // A gate that was shut begins the numbering anew.
            if packet.codec == TrackCodec::Opus && at_us >= 6_000_000 {
                packet.stream = 2;
            }
            (!closed).then_some(packet)
        });
        finished(&mut reel, &mut shelf);
        let file = &shelf.files[0];
        let gaps = &file.summary.as_ref().expect("closed").gaps;
        let [gap] = gaps[..] else {
            panic!("one gap, not {gaps:?}")
        };
        assert_eq!((gap.kind, gap.cause), (MediaKind::Audio, Cause::Absent));
        assert!(gap.from_us.abs_diff(2_000_000) <= 20_000, "{gap:?}");
        assert!(gap.until_us.abs_diff(6_000_000) <= 40_000, "{gap:?}");
        let (_, mets) = read(file.container, &file.bytes).expect("whole");
        let sounds: Vec<i64> = mets
            .iter()
            .filter(|met| met.kind == MediaKind::Audio)
            .map(|met| met.at_us)
            .collect();
        for pair in sounds.windows(2) {
            let step = pair[1] - pair[0];
            assert!(step == 20_000 || step == 10_000, "sound is unbroken");
        }
        let after = mets
            .iter()
            .filter(|met| met.kind == MediaKind::Audio)
            .filter_map(|met| captured_us(&file.bytes, met))
            .find(|at| *at >= EPOCH_US + 5_000_000);
        assert!(
            after.is_some_and(|at| at <= EPOCH_US + 6_040_000),
            "the first syllable is kept: {after:?}"
        );
    }
}

#[test]
fn a_full_queue_is_told_apart_from_a_bad_line() {
    let mut dropped = 0;
    let (mut reel, mut shelf) = record(TrackCodec::Vp8, 8, |at_us, mut packet| {
        if packet.codec == TrackCodec::Vp8 {
            if (2_000_000..2_200_000).contains(&at_us) {
                dropped += 1;
                return None;
            }
            packet.dropped = std::mem::take(&mut dropped);
        }
        Some(packet)
    });
    finished(&mut reel, &mut shelf);
    let gaps = &shelf.files[0].summary.as_ref().expect("closed").gaps;
    assert!(
        matches!(
            gaps[..],
            [Gap {
                kind: MediaKind::Video,
                cause: Cause::Overload,
                ..
            }]
        ),
        "{gaps:?}"
    );
}
