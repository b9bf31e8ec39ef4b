//! Fragmented MP4 for H.264 with Opus (ISO/IEC 14496-12, -15; "Encapsulation of Opus in ISO Base Media File Format").
//!
//! `ftyp moov free(reserve) [free(gaps)] moof mdat …`. When the segment is closed, the reserve becomes a `sidx` in
//! place, so that closing needs no room on a full disk.

mod boxes;
mod read;

pub(super) use read::read;

use super::gaps;
use super::model::{Fragment, Gap, Layout, Picture, Sample};
use crate::rtp::MediaKind;
use boxes::{full, open, put, put_u16, put_u32, put_u64};

const PICTURE_TRACK: u32 = 1;
const SOUND_TRACK: u32 = 2;
const PICTURE_HZ: i64 = 90_000;
const SOUND_HZ: i64 = 48_000;
/// References an index holds at most; fragments beyond are merged into fewer references.
const REFERENCES_MAX: usize = 1_024;
const SIDX_FIXED: usize = 40;
const RESERVE: usize = SIDX_FIXED + 12 * REFERENCES_MAX + 8;
/// Seconds from 1904 to 1970.
const EPOCH_S: i64 = 2_082_844_800;

fn ticks(us: i64, hz: i64) -> u64 {
    (us * (hz / 1_000) / 1_000).max(0) as u64
}

/// What stands before the first fragment.
pub(super) fn header(layout: &Layout) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, b"ftyp", |out| {
        out.extend_from_slice(b"iso6\0\0\0\0iso6isomdash");
    });
    put(&mut out, b"moov", |out| {
        full(out, b"mvhd", 1, 0, |out| {
            let made = (layout.started_us / 1_000_000 + EPOCH_S) as u64;
            put_u64(out, made);
            put_u64(out, made);
            put_u32(out, 1_000);
            put_u64(out, 0);
            put_u32(out, 0x1_0000);
            put_u16(out, 0x100);
            out.extend_from_slice(&[0; 10]);
            matrix(out);
            out.extend_from_slice(&[0; 24]);
            put_u32(out, SOUND_TRACK + 1);
        });
        if let Some(picture) = &layout.picture {
            track(out, PICTURE_TRACK, PICTURE_HZ, Some(picture));
        }
        if layout.sound {
            track(out, SOUND_TRACK, SOUND_HZ, None);
        }
        put(out, b"mvex", |out| {
            let tracks = [
                (PICTURE_TRACK, layout.picture.is_some()),
                (SOUND_TRACK, layout.sound),
            ];
            for (track, _) in tracks.into_iter().filter(|(_, there)| *there) {
                full(out, b"trex", 0, 0, |out| {
                    for value in [track, 1, 0, 0, 0] {
                        put_u32(out, value);
                    }
                });
            }
        });
    });
    put(&mut out, b"free", |out| {
        out.extend_from_slice(&[0; RESERVE - 8])
    });
    out
}

fn matrix(out: &mut Vec<u8>) {
    for value in [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000] {
        put_u32(out, value);
    }
}

fn track(out: &mut Vec<u8>, id: u32, hz: i64, picture: Option<&Picture>) {
    put(out, b"trak", |out| {
        // Enabled, in the movie.
        full(out, b"tkhd", 0, 3, |out| {
            for value in [0, 0, id, 0, 0, 0, 0] {
                put_u32(out, value);
            }
            put_u16(out, 0);
            put_u16(out, 0);
            put_u16(out, if picture.is_none() { 0x100 } else { 0 });
            put_u16(out, 0);
            matrix(out);
            put_u32(
                out,
                picture.map_or(0, |picture| u32::from(picture.width) << 16),
            );
            put_u32(
                out,
                picture.map_or(0, |picture| u32::from(picture.height) << 16),
            );
        });
        put(out, b"mdia", |out| {
            full(out, b"mdhd", 0, 0, |out| {
                for value in [0, 0, hz as u32, 0] {
                    put_u32(out, value);
                }
                // Language: undetermined.
                put_u16(out, 0x55c4);
                put_u16(out, 0);
            });
            full(out, b"hdlr", 0, 0, |out| {
                put_u32(out, 0);
                out.extend_from_slice(if picture.is_some() { b"vide" } else { b"soun" });
                out.extend_from_slice(&[0; 13]);
            });
            put(out, b"minf", |out| {
                if picture.is_some() {
                    full(out, b"vmhd", 0, 1, |out| out.extend_from_slice(&[0; 8]));
                } else {
                    full(out, b"smhd", 0, 0, |out| out.extend_from_slice(&[0; 4]));
                }
                put(out, b"dinf", |out| {
                    full(out, b"dref", 0, 0, |out| {
                        put_u32(out, 1);
                        full(out, b"url ", 0, 1, |_| {});
                    });
                });
                put(out, b"stbl", |out| sample_table(out, picture));
            });
        });
    });
}

fn sample_table(out: &mut Vec<u8>, picture: Option<&Picture>) {
    full(out, b"stsd", 0, 0, |out| {
        put_u32(out, 1);
        match picture {
            Some(picture) => picture_entry(out, picture),
            None => sound_entry(out),
        }
    });
    for kind in [b"stts", b"stsc", b"stco"] {
        full(out, kind, 0, 0, |out| put_u32(out, 0));
    }
    full(out, b"stsz", 0, 0, |out| out.extend_from_slice(&[0; 8]));
}

/// `avc3`: parameter sets may also stand inside the samples, where a new size is announced.
fn picture_entry(out: &mut Vec<u8>, picture: &Picture) {
    put(out, b"avc3", |out| {
        out.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 1]);
        out.extend_from_slice(&[0; 16]);
        put_u16(out, picture.width);
        put_u16(out, picture.height);
        put_u32(out, 0x48_0000);
        put_u32(out, 0x48_0000);
        put_u32(out, 0);
        put_u16(out, 1);
        out.extend_from_slice(&[0; 32]);
        put_u16(out, 0x18);
        put_u16(out, 0xffff);
        put(out, b"avcC", |out| out.extend_from_slice(&picture.private));
    });
}

fn sound_entry(out: &mut Vec<u8>) {
    put(out, b"Opus", |out| {
        out.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 1]);
        out.extend_from_slice(&[0; 8]);
        put_u16(out, 2);
        put_u16(out, 16);
        put_u32(out, 0);
        put_u32(out, (SOUND_HZ as u32) << 16);
        put(out, b"dOps", |out| {
            // Version 0, stereo, nothing to skip, 48 kHz, no gain, plain mapping.
            out.extend_from_slice(&[0, 2]);
            put_u16(out, 0);
            put_u32(out, SOUND_HZ as u32);
            put_u16(out, 0);
            out.push(0);
        });
    });
}

/// One fragment; `samples` are in order of time per kind.
pub(super) fn fragment(number: u32, samples: &[Sample], gaps: &[Gap]) -> Vec<u8> {
    let mut out = Vec::new();
    if !gaps.is_empty() {
        put(&mut out, b"free", |out| {
            out.extend_from_slice(&gaps::write(gaps))
        });
    }
    let of = |kind| -> Vec<&Sample> {
        samples
            .iter()
            .filter(|sample| sample.kind == kind)
            .collect()
    };
    let (pictures, sounds) = (of(MediaKind::Video), of(MediaKind::Audio));
    let start = out.len();
    let mut data_offsets = Vec::new();
    put(&mut out, b"moof", |out| {
        full(out, b"mfhd", 0, 0, |out| put_u32(out, number));
        for (track, hz, samples) in [
            (PICTURE_TRACK, PICTURE_HZ, &pictures),
            (SOUND_TRACK, SOUND_HZ, &sounds),
        ] {
            if !samples.is_empty() {
                data_offsets.push(traf(out, track, hz, samples));
            }
        }
    });
    let mut data_at = out.len() - start + 8;
    for (at, samples) in data_offsets
        .into_iter()
        .zip([&pictures, &sounds].into_iter().filter(|s| !s.is_empty()))
    {
        out[at..at + 4].copy_from_slice(&(data_at as u32).to_be_bytes());
        data_at += samples
            .iter()
            .map(|sample| sample.data.len())
            .sum::<usize>();
    }
    put(&mut out, b"mdat", |out| {
        for sample in pictures.iter().chain(&sounds) {
            out.extend_from_slice(&sample.data);
        }
    });
    out
}

/// Writes one track's part; gives the place of its data offset.
fn traf(out: &mut Vec<u8>, track: u32, hz: i64, samples: &[&Sample]) -> usize {
    const KEY: u32 = 0x0200_0000;
    const OTHER: u32 = 0x0101_0000;
    let mut offset_at = 0;
    put(out, b"traf", |out| {
        // Offsets count from the fragment's first byte.
        full(out, b"tfhd", 0, 0x02_0000, |out| put_u32(out, track));
        full(out, b"tfdt", 1, 0, |out| {
            put_u64(out, ticks(samples[0].at_us, hz))
        });
        // Data offset, and for each sample duration, size and flags.
        full(out, b"trun", 0, 0x701, |out| {
            put_u32(out, samples.len() as u32);
            offset_at = out.len();
            put_u32(out, 0);
            for (number, sample) in samples.iter().enumerate() {
                let at = ticks(sample.at_us, hz);
                let end = match samples.get(number + 1) {
                    Some(next) => ticks(next.at_us, hz),
                    None => ticks(sample.at_us + sample.duration_us, hz),
                };
                put_u32(out, (end - at) as u32);
                put_u32(out, sample.data.len() as u32);
                put_u32(out, if sample.keyframe { KEY } else { OTHER });
            }
        });
    });
    offset_at
}

/// What is written over the reserve at `reserve_at` when the segment is whole.
pub(super) fn index(layout: &Layout, reserve_at: u64, fragments: &[Fragment]) -> (u64, Vec<u8>) {
    let (track, hz) = match layout.picture {
        Some(_) => (PICTURE_TRACK, PICTURE_HZ),
        None => (SOUND_TRACK, SOUND_HZ),
    };
    let references = references(fragments);
    let mut out = Vec::new();
    full(&mut out, b"sidx", 1, 0, |out| {
        put_u32(out, track);
        put_u32(out, hz as u32);
        put_u64(
            out,
            references
                .first()
                .map_or(0, |first| ticks(first.start_us, hz)),
        );
        // From the end of this box to the first fragment: what is left of the reserve.
        put_u64(out, (RESERVE - SIDX_FIXED - 12 * references.len()) as u64);
        put_u16(out, 0);
        put_u16(out, references.len() as u16);
        for reference in &references {
            put_u32(out, reference.len as u32 & 0x7fff_ffff);
            let (start, end) = (ticks(reference.start_us, hz), ticks(reference.end_us, hz));
            put_u32(out, (end - start) as u32);
            put_u32(out, if reference.key { 0x9000_0000 } else { 0 });
        }
    });
    let left = RESERVE - out.len();
    let start = open(&mut out, b"free");
    out.resize(start + left, 0);
    boxes::close(&mut out, start);
    (reserve_at, out)
}

/// Fragments joined so that each reference begins where a player may, and there are not too many.
fn references(fragments: &[Fragment]) -> Vec<Fragment> {
    let mut references: Vec<Fragment> = Vec::new();
    for fragment in fragments {
        match references.last_mut() {
            Some(last) if !fragment.key => extend(last, fragment),
            _ => references.push(*fragment),
        }
    }
    let each = references.len().div_ceil(REFERENCES_MAX).max(1);
    let mut fewer: Vec<Fragment> = references
        .chunks(each)
        .map(|chunk| {
            let mut joined = chunk[0];
            chunk[1..].iter().for_each(|next| extend(&mut joined, next));
            joined
        })
        .collect();
    // References tile the timeline: each ends where the next begins.
    for at in 1..fewer.len() {
        fewer[at - 1].end_us = fewer[at].start_us;
    }
    fewer
}

fn extend(reference: &mut Fragment, next: &Fragment) {
    reference.len += next.len;
    reference.end_us = reference.end_us.max(next.end_us);
}

/// The reserve is the last box of the header.
pub(super) fn reserve_at(header: &[u8]) -> u64 {
    (header.len() - RESERVE) as u64
}
