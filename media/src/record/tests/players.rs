//! What ffmpeg encodes, cut into packets and recorded, ffmpeg decodes again without a complaint.

use std::path::Path;
use std::process::{Command, Stdio};

use super::publisher::{EPOCH_US, Shelf, Track};
use crate::record::model::{Packet, TrackCodec};
use crate::record::reel::Reel;

const FRAMES: usize = 90;
const MTU: usize = 1_100;

fn have_ffmpeg() -> bool {
    let there = ["ffmpeg", "ffprobe"].iter().all(|tool| {
        Command::new(tool)
            .arg("-version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    });
    if !there {
        eprintln!(
            "SKIPPED: ffmpeg and ffprobe are not installed, so no other player has read our recordings"
        );
    }
    there
}

fn run(tool: &str, arguments: &[&str]) -> (Vec<u8>, String) {
    let done = Command::new(tool)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("it is installed");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{tool} {arguments:?}: {said}");
    (done.stdout, said)
}

/// Encoded frames of a moving test picture, each whether it is a key frame.
fn encoded(codec: TrackCodec) -> Vec<(bool, Vec<u8>)> {
    let encoder: &[&str] = match codec {
        TrackCodec::H264 => &[
            "libx264",
            "-profile:v",
            "baseline",
            "-tune",
            "zerolatency",
            "-x264-params",
            "sliced-threads=0",
            "-f",
            "h264",
        ],
        TrackCodec::Vp9 => &[
            "libvpx-vp9",
            "-deadline",
            "realtime",
            "-cpu-used",
            "8",
            "-lag-in-frames",
            "0",
            "-f",
            "ivf",
        ],
        TrackCodec::Av1 => &[
            "libaom-av1",
            "-cpu-used",
            "8",
            "-usage",
            "realtime",
            "-lag-in-frames",
            "0",
            "-f",
            "ivf",
        ],
        _ => &[
            "libvpx",
            "-deadline",
            "realtime",
            "-cpu-used",
            "8",
            "-auto-alt-ref",
            "0",
            "-f",
            "ivf",
        ],
    };
    let frames = FRAMES.to_string();
    let mut arguments = vec![
        "-loglevel",
        "error",
        "-f",
        "lavfi",
        "-i",
        "testsrc=size=320x180:rate=30",
    ];
    arguments.extend([
        "-frames:v",
        &frames,
        "-g",
        "30",
        "-b:v",
        "400k",
        "-pix_fmt",
        "yuv420p",
        "-c:v",
    ]);
    arguments.extend(encoder);
    arguments.push("-");
    let (stream, _) = run("ffmpeg", &arguments);
    match codec {
        TrackCodec::H264 => access_units(&stream),
        _ => ivf(&stream, codec),
    }
}

fn ivf(stream: &[u8], codec: TrackCodec) -> Vec<(bool, Vec<u8>)> {
    let mut frames = Vec::new();
    let mut rest = &stream[32..];
    while let Some((head, after)) = rest.split_at_checked(12) {
        let len = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let (frame, after) = after.split_at(len);
        let key = match codec {
            TrackCodec::Vp8 => frame[0] & 1 == 0,
            TrackCodec::Vp9 => frame[0] & 0x04 == 0,
            _ => obus(frame).iter().any(|unit| unit[0] >> 3 & 0xf == 1),
        };
        frames.push((key, frame.to_vec()));
        rest = after;
    }
    frames
}

/// Units between start codes, joined to access units at each slice.
fn access_units(stream: &[u8]) -> Vec<(bool, Vec<u8>)> {
    let starts: Vec<usize> = (0..stream.len().saturating_sub(3))
        .filter(|at| stream[*at..*at + 3] == [0, 0, 1])
        .map(|at| at + 3)
        .collect();
    let mut frames = Vec::new();
    let mut open: Vec<u8> = Vec::new();
    for (number, start) in starts.iter().enumerate() {
        let end = starts.get(number + 1).map_or(stream.len(), |next| next - 3);
        let mut unit = &stream[*start..end];
        while let [front @ .., 0] = unit {
            unit = front;
        }
        open.extend_from_slice(&(unit.len() as u32).to_be_bytes());
        open.extend_from_slice(unit);
        if matches!(unit[0] & 0x1f, 1 | 5) {
            frames.push((unit[0] & 0x1f == 5, std::mem::take(&mut open)));
        }
    }
    frames
}

fn obus(unit: &[u8]) -> Vec<Vec<u8>> {
    let mut units = Vec::new();
    let mut at = 0;
    while at < unit.len() {
        let start = at;
        let mut len = 0;
        at += 1 + usize::from(unit[start] & 4 != 0);
        for turn in 0.. {
            let byte = unit[at];
            at += 1;
            len |= usize::from(byte & 0x7f) << (7 * turn);
            if byte & 0x80 == 0 {
                break;
            }
        }
        at += len;
        units.push(unit[start..at].to_vec());
    }
    units
}

/// One frame's payloads as a browser would send them.
fn payloads(codec: TrackCodec, key: bool, frame: &[u8]) -> Vec<Vec<u8>> {
    match codec {
        TrackCodec::H264 => {
            let mut out = Vec::new();
            let mut rest = frame;
            while let Some((len, after)) = rest.split_at_checked(4) {
                let len = u32::from_be_bytes([len[0], len[1], len[2], len[3]]) as usize;
                let (unit, after) = after.split_at(len);
                rest = after;
                if len <= MTU {
                    out.push(unit.to_vec());
                    continue;
                }
                let last = (len - 1).div_ceil(MTU) - 1;
                for (number, part) in unit[1..].chunks(MTU).enumerate() {
                    let flags = u8::from(number == 0) << 7 | u8::from(number == last) << 6;
                    let head = [unit[0] & 0xe0 | 28, flags | unit[0] & 0x1f];
                    out.push([&head[..], part].concat());
                }
            }
            out
        }
        TrackCodec::Av1 => {
            // One unit per packet, cut where it is too long.
            let mut out: Vec<Vec<u8>> = Vec::new();
            for unit in obus(frame) {
                if unit[0] >> 3 & 0xf == 2 {
                    continue;
                }
                let last = unit.len().div_ceil(MTU) - 1;
                for (number, part) in unit.chunks(MTU).enumerate() {
                    let head = u8::from(number > 0) << 7 | u8::from(number < last) << 6 | 1 << 4;
                    out.push([&[head], part].concat());
                }
            }
            out
        }
        _ => {
            let last = frame.len().div_ceil(MTU) - 1;
            let head = |number: usize| match codec {
                TrackCodec::Vp9 => {
                    u8::from(!key) << 6 | u8::from(number == 0) << 3 | u8::from(number == last) << 2
                }
                _ => u8::from(number == 0) << 4,
            };
            let part = |(number, part): (usize, &[u8])| [&[head(number)], part].concat();
            frame.chunks(MTU).enumerate().map(part).collect()
        }
    }
}

fn recorded(codec: TrackCodec) -> Shelf {
    let (mut reel, mut shelf) = (Reel::new(true, true), Shelf::default());
    let mut sounds = Track::new(TrackCodec::Opus);
    let mut index = 0;
    for (number, (key, frame)) in encoded(codec).into_iter().enumerate() {
        let at_us = EPOCH_US + number as i64 * 1_000_000 / 30;
        let payloads = payloads(codec, key, &frame);
        let last = payloads.len() - 1;
        for (part, payload) in payloads.into_iter().enumerate() {
            index += 1;
            let packet = Packet {
                stream: 1,
                index,
                timestamp: number as u32 * 3_000,
                marker: part == last,
                codec,
                arrived_us: at_us,
                clock: None,
                dropped: 0,
                payload,
            };
            reel.packet(at_us, packet);
        }
        // Sound: silence that a decoder takes, as our own packets are.
        for packet in sounds.frame(at_us, true) {
            let payload = crate::record::depacketise::SILENCE.to_vec();
            reel.packet(
                at_us,
                Packet {
                    payload,
                    arrived_us: at_us,
                    ..packet
                },
            );
        }
        reel.tick(at_us);
    }
    reel.finish();
    shelf.take(&mut reel);
    shelf
}

fn check(codec: TrackCodec, name: &str) {
    if !have_ffmpeg() {
        return;
    }
    let shelf = recorded(codec);
    assert_eq!(shelf.files.len(), 1, "{name}");
    let file = &shelf.files[0];
    let told = file.summary.as_ref().expect("closed");
    assert!(told.gaps.is_empty(), "{name}: {:?}", told.gaps);
    let path = std::env::temp_dir().join(format!(
        "fenghuotai-player-{}-{name}.{}",
        std::process::id(),
        file.container.ending()
    ));
    std::fs::write(&path, &file.bytes).expect("room");
    decode(&path, name, FRAMES);
    // A crash in the middle, and the salvage after it.
    std::fs::write(&path, &file.bytes[..file.bytes.len() * 2 / 3]).expect("room");
    let salvaged = crate::record::salvage(&path)
        .expect("readable")
        .expect("most of it");
    assert!(salvaged.cut_bytes > 0, "{name}");
    decode(&path, name, 20);
    let _ = std::fs::remove_file(path);
}

fn decode(path: &Path, name: &str, at_least: usize) {
    let path = path.to_str().expect("a plain name");
    let (_, complaints) = run(
        "ffmpeg",
        &["-loglevel", "warning", "-i", path, "-f", "null", "-"],
    );
    assert_eq!(complaints.trim(), "", "{name}");
    let probe = [
        "-v",
        "error",
        "-count_frames",
        "-select_streams",
        "v:0",
        "-of",
        "csv=p=0",
    ];
    let (counted, _) = run(
        "ffprobe",
        &[
            &probe[..],
            &["-show_entries", "stream=nb_read_frames", path],
        ]
        .concat(),
    );
    let counted: usize = String::from_utf8_lossy(&counted)
        .trim()
        .trim_end_matches(',')
        .parse()
        .expect("a number");
    assert!(
        counted >= at_least,
        "{name}: {counted} frames of {at_least}"
    );
    let (duration, _) = run(
        "ffprobe",
        &[
            "-v",
            "error",
            "-show_entries",
            "format=duration",
            "-of",
            "csv=p=0",
            path,
        ],
    );
    let duration: f64 = String::from_utf8_lossy(&duration)
        .trim()
        .parse()
        .unwrap_or_else(|_| panic!("{name}: the duration is told"));
    let expected = counted as f64 / 30.0;
    assert!(
        (duration - expected).abs() < 0.2,
        "{name}: {duration} s, not {expected}"
    );
}

#[test]
fn ffmpeg_plays_vp8() {
    check(TrackCodec::Vp8, "vp8");
}

#[test]
fn ffmpeg_plays_vp9() {
    check(TrackCodec::Vp9, "vp9");
}

#[test]
fn ffmpeg_plays_av1() {
    check(TrackCodec::Av1, "av1");
}

#[test]
fn ffmpeg_plays_h264() {
    check(TrackCodec::H264, "h264");
}
