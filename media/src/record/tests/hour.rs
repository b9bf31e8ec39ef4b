//! An hour of four publishers with wrong clocks, in virtual time: sound stays in step with the picture.

use super::publisher::{EPOCH_US, Shelf, Track, captured_us, read};
use crate::record::model::TrackCodec;
use crate::record::reel::Reel;
use crate::rtp::MediaKind;

const HOUR_US: i64 = 3_600_000_000;
/// What the trade accepts between sound and picture.
const IN_STEP_US: i64 = 80_000;

/// Codec, and how wrong picture and sound clocks are, parts per million.
const PUBLISHERS: [(TrackCodec, i64, i64); 4] = [
    (TrackCodec::Vp8, 0, 0),
    (TrackCodec::Vp8, 100, -100),
    (TrackCodec::H264, -150, 150),
    (TrackCodec::H264, 40, 200),
];

#[test]
fn an_hour_of_four_publishers_stays_in_step() {
    for (codec, picture_ppm, sound_ppm) in PUBLISHERS {
        let mut pictures = Track::new(codec);
        pictures.ppm = picture_ppm;
        pictures.delay_us = 60_000;
        let mut sounds = Track::new(TrackCodec::Opus);
        sounds.ppm = sound_ppm;
        let mut reel = Reel::new(true, true);
        let mut shelf = Shelf::default();
        for beat in 0..HOUR_US / 20_000 {
            // A packet is 960 samples of a clock that is wrong, so it does not take exactly 20 ms.
            let at_us = EPOCH_US + beat * 20_000 * 1_000_000 / (1_000_000 + sound_ppm);
            // Reports come only after five seconds, as browsers send them.
            let reports = beat > 250;
            (sounds.reports, pictures.reports) = (reports, reports);
            let mut packets = sounds.frame(at_us, true);
            if beat % 5 == 0 {
                packets.extend(pictures.frame(at_us, beat % 1_000 == 0));
                reel.tick(at_us);
            }
            for packet in packets {
                reel.packet(packet.arrived_us, packet);
            }
            shelf.take(&mut reel);
        }
        reel.finish();
        shelf.take(&mut reel);
        assert_eq!(shelf.files.len(), 1, "an hour is one file");
        let file = &shelf.files[0];
        let (contents, mets) = read(file.container, &file.bytes).expect("whole");
        let worst = |kind| {
            let off = mets
                .iter()
                .filter(|met| met.kind == kind)
                .filter_map(|met| {
                    Some(file.started_us + met.at_us - captured_us(&file.bytes, met)?)
                });
            off.fold((i64::MAX, i64::MIN), |(least, most), off| {
                (least.min(off), most.max(off))
            })
        };
        let (picture, sound) = (worst(MediaKind::Video), worst(MediaKind::Audio));
        let apart = (picture.1 - sound.0).max(sound.1 - picture.0);
        assert!(
            apart <= IN_STEP_US,
            "{codec:?}: pictures off by {picture:?}, sound by {sound:?} µs"
        );
        let ends = contents.fragments.iter().map(|fragment| fragment.end_us);
        let duration_us = ends.max().expect("fragments");
        assert!(duration_us.abs_diff(HOUR_US) < 1_500_000, "{duration_us}");
        let carried = mets
            .iter()
            .filter(|met| met.kind == MediaKind::Audio && captured_us(&file.bytes, met).is_some())
            .count() as i64;
        let sent = HOUR_US / 20_000;
        // Only what a fast clock makes too many is left out.
        assert!(
            sent - carried <= HOUR_US / 1_000_000 * sound_ppm.max(0) / 20_000 + 10,
            "{carried} of {sent}"
        );
        assert!(contents.gaps.is_empty(), "{:?}", contents.gaps);
    }
}
