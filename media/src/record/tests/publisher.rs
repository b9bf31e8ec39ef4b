//! A publisher in virtual time: makes packets whose payload says when it was captured, and plays a reel's files.

use crate::record::container::{Container, Contents, Met};
use crate::record::model::{Packet, SenderClock, Summary, TrackCodec};
use crate::record::reel::{Output, Reel};
use crate::rtp::MediaKind;

/// When virtual time begins, microseconds since 1970.
pub(super) const EPOCH_US: i64 = 1_800_000_000_000_000;
const MAGIC: &[u8; 8] = b"captured";

/// One track's way of counting.
pub(super) struct Track {
    pub(super) codec: TrackCodec,
    /// Its clock runs so much too fast, parts per million.
    pub(super) ppm: i64,
    /// What the way to us takes, microseconds.
    pub(super) delay_us: i64,
    /// Whether it has sent a report.
    pub(super) reports: bool,
    pub(super) stream: u32,
    index: u64,
    origin: u32,
}

impl Track {
    pub(super) fn new(codec: TrackCodec) -> Self {
        Self {
            codec,
            ppm: 0,
            delay_us: 20_000,
            reports: true,
            stream: 1,
            index: 70_000,
            origin: 0xffff_f000,
        }
    }

    fn timestamp(&self, at_us: i64) -> u32 {
        let rate = match self.codec.kind() {
            MediaKind::Audio => 48_000,
            MediaKind::Video => 90_000,
        };
        let passed = i128::from(at_us - EPOCH_US) * i128::from(1_000_000 + self.ppm) / 1_000_000;
        self.origin
            .wrapping_add((passed * rate / 1_000_000) as i64 as u32)
    }

    /// The packets of one frame captured at `at_us`.
    pub(super) fn frame(&mut self, at_us: i64, keyframe: bool) -> Vec<Packet> {
        let payloads = payloads(self.codec, at_us, keyframe);
        let last = payloads.len() - 1;
        let report_us = at_us - (at_us - EPOCH_US) % 5_000_000;
        payloads
            .into_iter()
            .enumerate()
            .map(|(number, payload)| {
                self.index += 1;
                Packet {
                    stream: self.stream,
                    index: self.index,
                    timestamp: self.timestamp(at_us),
                    marker: number == last,
                    codec: self.codec,
                    arrived_us: at_us + self.delay_us,
                    clock: self.reports.then(|| SenderClock {
                        timestamp: self.timestamp(report_us),
                        wall_us: report_us,
                    }),
                    dropped: 0,
                    payload,
                }
            })
            .collect()
    }
}

fn payloads(codec: TrackCodec, at_us: i64, keyframe: bool) -> Vec<Vec<u8>> {
    let mut tag = MAGIC.to_vec();
    tag.extend_from_slice(&at_us.to_be_bytes());
    match codec {
        TrackCodec::Opus | TrackCodec::RedOpus => {
            let mut packet = vec![0x78];
            packet.extend(tag);
            vec![packet]
        }
        TrackCodec::H264 => {
            let mut slice = vec![if keyframe { 0x65 } else { 0x41 }];
            slice.extend(tag);
            if !keyframe {
                return vec![slice];
            }
            // Parameter sets together, the picture in two fragments.
            let mut sets = vec![0x78];
            for unit in [sps(40, 23), vec![0x68, 0xce, 0x3c, 0x80]] {
                sets.extend_from_slice(&(unit.len() as u16).to_be_bytes());
                sets.extend(unit);
            }
            let (front, back) = slice[1..].split_at(8);
            let fragment = |flags: u8, body: &[u8]| [&[0x7c, flags | 5], body].concat();
            vec![sets, fragment(0x80, front), fragment(0x40, back)]
        }
        _ => {
            let mut frame = vec![u8::from(!keyframe), 0, 0];
            frame.extend_from_slice(&[0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01]);
            frame.extend(tag);
            let (front, back) = frame.split_at(6);
            vec![[&[0x10], front].concat(), [&[0x00], back].concat()]
        }
    }
}

/// A baseline parameter set for so many blocks of 16 pixels, the lowest eight lines cut off.
fn sps(width: u32, height: u32) -> Vec<u8> {
    let mut bits = String::new();
    let golomb = |value: u32| {
        let code = format!("{:b}", value + 1);
        "0".repeat(code.len() - 1) + &code
    };
    for value in [0, 0, 2, 1] {
        bits += &golomb(value);
    }
    bits += "0";
    bits += &golomb(width - 1);
    bits += &golomb(height - 1);
    bits += "111";
    for value in [0, 0, 0, 4] {
        bits += &golomb(value);
    }
    bits += "01";
    while !bits.len().is_multiple_of(8) {
        bits += "0";
    }
    let mut unit = vec![0x67, 0x42, 0xe0, 0x1f];
    for byte in bits.as_bytes().chunks(8) {
        let byte = std::str::from_utf8(byte).expect("digits");
        unit.push(u8::from_str_radix(byte, 2).expect("binary digits"));
    }
    unit
}

/// What a reel wrote: whole files, and what it said about each when it closed it.
#[derive(Default)]
pub(super) struct Shelf {
    pub(super) files: Vec<Written>,
}

pub(super) struct Written {
    pub(super) container: Container,
    pub(super) started_us: i64,
    pub(super) bytes: Vec<u8>,
    pub(super) summary: Option<Summary>,
}

impl Shelf {
    pub(super) fn take(&mut self, reel: &mut Reel) {
        for output in reel.take_output() {
            match output {
                Output::Begin {
                    container,
                    started_us,
                    header,
                } => self.files.push(Written {
                    container,
                    started_us,
                    bytes: header,
                    summary: None,
                }),
                Output::Append(bytes) => self.last().bytes.extend(bytes),
                Output::Finish { patches, summary } => {
                    let file = self.last();
                    patch(&mut file.bytes, patches);
                    file.summary = Some(summary);
                }
            }
        }
    }

    fn last(&mut self) -> &mut Written {
        self.files.last_mut().expect("a file has begun")
    }
}

pub(super) fn patch(bytes: &mut [u8], patches: Vec<(u64, Vec<u8>)>) {
    for (at, patch) in patches {
        let at = at as usize;
        bytes[at..at + patch.len()].copy_from_slice(&patch);
    }
}

/// Everything a reader finds.
pub(super) fn read(container: Container, bytes: &[u8]) -> Option<(Contents, Vec<Met>)> {
    let mut mets = Vec::new();
    let contents = container
        .read(bytes, &mut |met| mets.push(met))
        .expect("memory can be read")?;
    Some((contents, mets))
}

/// When a sample was captured by its own word; `None` for silence.
pub(super) fn captured_us(bytes: &[u8], met: &Met) -> Option<i64> {
    let data = &bytes[met.offset as usize..(met.offset + met.len) as usize];
    let tag = data
        .windows(MAGIC.len())
        .position(|window| window == MAGIC)?;
    let at = data.get(tag + 8..tag + 16)?;
    Some(i64::from_be_bytes(at.try_into().expect("eight bytes")))
}

/// Records so many seconds of 25 pictures and 50 packets of sound each; `pass` may change or withhold packets.
pub(super) fn record(
    picture: TrackCodec,
    seconds: i64,
    mut pass: impl FnMut(i64, Packet) -> Option<Packet>,
) -> (Reel, Shelf) {
    let mut reel = Reel::new(true, true);
    let mut shelf = Shelf::default();
    let mut pictures = Track::new(picture);
    let mut sounds = Track::new(TrackCodec::Opus);
    for beat in 0..seconds * 50 {
        let at_us = EPOCH_US + beat * 20_000;
        let mut packets = sounds.frame(at_us, true);
        if beat % 2 == 0 {
            packets.extend(pictures.frame(at_us, beat % 250 == 0));
        }
        for packet in packets {
            if let Some(packet) = pass(at_us - EPOCH_US, packet) {
                reel.packet(packet.arrived_us, packet);
            }
        }
        if beat % 5 == 0 {
            reel.tick(at_us + 20_000);
        }
        shelf.take(&mut reel);
    }
    (reel, shelf)
}
