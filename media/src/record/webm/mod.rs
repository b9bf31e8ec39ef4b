//! WebM for VP8, VP9, AV1 and Opus (RFC 9559, RFC 8794): one cluster is one fragment.
//!
//! `EBML Segment[Info Tracks Void(reserve) Cluster…]`. When the segment is closed, its size and duration are filled in
//! and the reserve becomes `Cues`, all in place, so that closing needs no room on a full disk.

mod ebml;
mod read;

pub(super) use read::read;

use super::gaps;
use super::model::{Fragment, Gap, Layout, Picture, Sample, TrackCodec};
use crate::rtp::MediaKind;
use ebml::{float, id, master, number, put, signed, size_of_eight, text, void};

const PICTURE_TRACK: u64 = 1;
const SOUND_TRACK: u64 = 2;
/// Places a player may be told to begin at; key frames beyond are thinned out.
const CUES_MAX: usize = 1_024;
/// Bytes of one cue at most.
const CUE_LEN: usize = 32;
const RESERVE: usize = CUES_MAX * CUE_LEN + 64;
/// Seconds from 1970 to 2001.
const EPOCH_S: i64 = 978_307_200;

/// Where the fields that closing fills in are, counted from the first byte of the file.
struct Places {
    segment_size: u64,
    segment_start: u64,
    duration: u64,
    reserve: u64,
}

fn lay_out(layout: &Layout) -> (Vec<u8>, Places) {
    let mut out = Vec::new();
    master(&mut out, id::EBML, |out| {
        number(out, id::EBML_VERSION, 1);
        number(out, id::EBML_READ_VERSION, 1);
        number(out, id::EBML_MAX_ID_LENGTH, 4);
        number(out, id::EBML_MAX_SIZE_LENGTH, 8);
        text(out, id::DOC_TYPE, "webm");
        number(out, id::DOC_TYPE_VERSION, 4);
        number(out, id::DOC_TYPE_READ_VERSION, 2);
    });
    ebml::put_id(&mut out, id::SEGMENT);
    let segment_size = out.len() as u64;
    // Unknown size, as long as it grows.
    out.extend_from_slice(&[0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    let segment_start = out.len() as u64;
    master(&mut out, id::INFO, |out| {
        number(out, id::TIMESTAMP_SCALE, 1_000_000);
        let since_2001_ns = (layout.started_us - EPOCH_S * 1_000_000) * 1_000;
        signed(out, id::DATE_UTC, since_2001_ns);
        text(out, id::MUXING_APP, "fenghuotai");
        text(out, id::WRITING_APP, "fenghuotai");
        float(out, id::DURATION, 0.0);
    });
    let duration = out.len() as u64 - 8;
    master(&mut out, id::TRACKS, |out| {
        if let Some(picture) = &layout.picture {
            picture_entry(out, picture);
        }
        if layout.sound {
            sound_entry(out);
        }
    });
    let reserve = out.len() as u64;
    void(&mut out, RESERVE);
    let places = Places {
        segment_size,
        segment_start,
        duration,
        reserve,
    };
    (out, places)
}

/// What stands before the first cluster, and where in it the room for the index is.
pub(super) fn header(layout: &Layout) -> (Vec<u8>, u64) {
    let (out, places) = lay_out(layout);
    (out, places.reserve)
}

fn picture_entry(out: &mut Vec<u8>, picture: &Picture) {
    master(out, id::TRACK_ENTRY, |out| {
        number(out, id::TRACK_NUMBER, PICTURE_TRACK);
        number(out, id::TRACK_UID, PICTURE_TRACK);
        number(out, id::TRACK_TYPE, 1);
        number(out, id::FLAG_LACING, 0);
        let codec = match picture.codec {
            TrackCodec::Vp9 => "V_VP9",
            TrackCodec::Av1 => "V_AV1",
            _ => "V_VP8",
        };
        text(out, id::CODEC_ID, codec);
        if !picture.private.is_empty() {
            put(out, id::CODEC_PRIVATE, &picture.private);
        }
        master(out, id::VIDEO, |out| {
            number(out, id::PIXEL_WIDTH, u64::from(picture.width));
            number(out, id::PIXEL_HEIGHT, u64::from(picture.height));
        });
    });
}

fn sound_entry(out: &mut Vec<u8>) {
    // RFC 7845, 5.1: version 1, stereo, nothing to skip, 48 kHz, no gain, plain mapping.
    const HEAD: [u8; 19] = *b"OpusHead\x01\x02\0\0\x80\xbb\0\0\0\0\0";
    master(out, id::TRACK_ENTRY, |out| {
        number(out, id::TRACK_NUMBER, SOUND_TRACK);
        number(out, id::TRACK_UID, SOUND_TRACK);
        number(out, id::TRACK_TYPE, 2);
        number(out, id::FLAG_LACING, 0);
        text(out, id::CODEC_ID, "A_OPUS");
        put(out, id::CODEC_PRIVATE, &HEAD);
        number(out, id::CODEC_DELAY, 0);
        number(out, id::SEEK_PRE_ROLL, 80_000_000);
        master(out, id::AUDIO, |out| {
            float(out, id::SAMPLING_FREQUENCY, 48_000.0);
            number(out, id::CHANNELS, 2);
        });
    });
}

/// One cluster; `samples` are in order of time per kind.
pub(super) fn fragment(samples: &[Sample], gaps: &[Gap]) -> Vec<u8> {
    let mut ordered: Vec<&Sample> = samples.iter().collect();
    // Sound first at equal times: players want it at least as far as the picture.
    ordered.sort_by_key(|sample| (sample.at_us, sample.kind));
    let base_ms = ordered
        .first()
        .map_or(0, |sample| sample.at_us.div_euclid(1_000));
    let mut out = Vec::new();
    master(&mut out, id::CLUSTER, |out| {
        number(out, id::TIMESTAMP, base_ms as u64);
        for sample in ordered {
            let track = match sample.kind {
                MediaKind::Video => PICTURE_TRACK,
                MediaKind::Audio => SOUND_TRACK,
            };
            let since_ms = (sample.at_us.div_euclid(1_000) - base_ms) as i16;
            ebml::put_id(out, id::SIMPLE_BLOCK);
            ebml::put_size(out, sample.data.len() as u64 + 4);
            out.push(0x80 | track as u8);
            out.extend_from_slice(&since_ms.to_be_bytes());
            out.push(if sample.keyframe { 0x80 } else { 0 });
            out.extend_from_slice(&sample.data);
        }
        if !gaps.is_empty() {
            put(out, id::VOID, &gaps::write(gaps));
        }
    });
    out
}

/// What is filled in when the segment is whole.
pub(super) fn close(
    layout: &Layout,
    reserve_at: u64,
    fragments: &[Fragment],
) -> Vec<(u64, Vec<u8>)> {
    let (_, places) = lay_out(layout);
    debug_assert_eq!(
        places.reserve, reserve_at,
        "the header is a function of the layout"
    );
    let Some(last) = fragments.last() else {
        return Vec::new();
    };
    let end = last.offset + last.len;
    let duration_ms = fragments.iter().map(|f| f.end_us).max().unwrap_or(0) as f64 / 1_000.0;
    let begins: Vec<&Fragment> = fragments.iter().filter(|fragment| fragment.key).collect();
    let each = begins.len().div_ceil(CUES_MAX).max(1);
    let mut cues = Vec::new();
    let track = if layout.picture.is_some() {
        PICTURE_TRACK
    } else {
        SOUND_TRACK
    };
    master(&mut cues, id::CUES, |out| {
        for fragment in begins.into_iter().step_by(each) {
            master(out, id::CUE_POINT, |out| {
                number(out, id::CUE_TIME, (fragment.start_us / 1_000) as u64);
                master(out, id::CUE_TRACK_POSITIONS, |out| {
                    number(out, id::CUE_TRACK, track);
                    number(
                        out,
                        id::CUE_CLUSTER_POSITION,
                        fragment.offset - places.segment_start,
                    );
                });
            });
        }
    });
    let left = RESERVE - cues.len();
    void(&mut cues, left);
    vec![
        (
            places.segment_size,
            size_of_eight(end - places.segment_start).to_vec(),
        ),
        (places.duration, duration_ms.to_be_bytes().to_vec()),
        (places.reserve, cues),
    ]
}
