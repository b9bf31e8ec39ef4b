//! Reads back what this writer writes, as far as it is whole.

use std::io;

use super::ebml::id;
use super::{EPOCH_S, PICTURE_TRACK, RESERVE, SOUND_TRACK};
use crate::record::container::{Contents, Met};
use crate::record::depacketise::{SILENCE_US, duration_us};
use crate::record::file::{Bytes, bytes};
use crate::record::gaps;
use crate::record::model::{Layout, Picture, TrackCodec};
use crate::rtp::MediaKind;

/// A cluster is never longer.
const CLUSTER_MAX: u64 = 256 << 20;
const HEADER_MAX: u64 = 1 << 20;
/// How long the last picture of a segment is taken to stand.
const PICTURE_US: i64 = 33_000;

/// Name, place of the body and its length; no length when it is unknown.
struct Element {
    id: u32,
    body: u64,
    len: Option<u64>,
}

pub(in crate::record) fn read(
    file: &(impl Bytes + ?Sized),
    meet: &mut dyn FnMut(Met),
) -> io::Result<Option<Contents>> {
    let total = file.len()?;
    let mut layout = Layout {
        picture: None,
        sound: false,
        started_us: 0,
    };
    let mut reserve_at = None;
    let mut contents: Option<Contents> = None;
    let mut at = 0;
    while let Some(element) = element(file, at)? {
        let start = at;
        if element.id == id::SEGMENT {
            at = element.body;
            continue;
        }
        let Some(len) = element.len else { break };
        let end = element.body + len;
        if end > total || len > CLUSTER_MAX {
            break;
        }
        at = end;
        match element.id {
            id::EBML => {}
            id::VOID => reserve_at = reserve_at.or(Some(start)),
            id::CUES => reserve_at = reserve_at.or(Some(start)),
            id::INFO | id::TRACKS if len <= HEADER_MAX => {
                let Some(body) = bytes(file, element.body, len as usize)? else {
                    break;
                };
                if describe(&body, &mut layout).is_none() {
                    break;
                }
            }
            id::CLUSTER => {
                let (Some(body), Some(reserve_at)) =
                    (bytes(file, element.body, len as usize)?, reserve_at)
                else {
                    break;
                };
                let Some((mets, end_us, mut marked)) = parse_cluster(&body, element.body) else {
                    break;
                };
                let contents = contents.get_or_insert_with(|| Contents {
                    layout: layout.clone(),
                    reserve_at,
                    fragments: Vec::new(),
                    gaps: Vec::new(),
                    picture_end_us: None,
                    whole: reserve_at + RESERVE as u64,
                });
                contents.take(end, &mets, end_us);
                contents.gaps.append(&mut marked);
                mets.into_iter().for_each(&mut *meet);
            }
            _ => break,
        }
    }
    Ok(contents)
}

fn element(file: &(impl Bytes + ?Sized), at: u64) -> io::Result<Option<Element>> {
    let available = file.len()?.saturating_sub(at).min(12) as usize;
    let Some(head) = bytes(file, at, available)? else {
        return Ok(None);
    };
    Ok(head_of(&head).map(|(id, len, read)| Element {
        id,
        body: at + read as u64,
        len,
    }))
}

/// Name, length and how many bytes they took.
fn head_of(bytes: &[u8]) -> Option<(u32, Option<u64>, usize)> {
    let id_len = bytes.first()?.leading_zeros() as usize + 1;
    if id_len > 4 {
        return None;
    }
    let id = bytes
        .get(..id_len)?
        .iter()
        .fold(0, |id, byte| id << 8 | u32::from(*byte));
    let first = *bytes.get(id_len)?;
    let size_len = first.leading_zeros() as usize + 1;
    if size_len > 8 {
        return None;
    }
    let marked = bytes
        .get(id_len..id_len + size_len)?
        .iter()
        .fold(0, |size, byte| size << 8 | u64::from(*byte));
    let mask = (1_u64 << (7 * size_len)) - 1;
    let size = marked & mask;
    Some((id, (size != mask).then_some(size), id_len + size_len))
}

/// The elements of a body with their offset in it.
fn inner(body: &[u8]) -> impl Iterator<Item = Option<(u32, usize, &[u8])>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = body.get(at..).filter(|rest| !rest.is_empty())?;
        let found = head_of(rest).and_then(|(id, len, read)| {
            let content = rest.get(read..)?.get(..usize::try_from(len?).ok()?)?;
            let offset = at + read;
            at = offset + content.len();
            Some((id, offset, content))
        });
        if found.is_none() {
            at = body.len();
        }
        Some(found)
    })
}

fn whole_number(body: &[u8]) -> u64 {
    body.iter()
        .fold(0, |value, byte| value << 8 | u64::from(*byte))
}

/// Takes over what `Info` or `Tracks` say; both hold elements of different names.
fn describe(body: &[u8], layout: &mut Layout) -> Option<()> {
    for found in inner(body) {
        let (name, _, content) = found?;
        match name {
            id::DATE_UTC => {
                let since_2001_us = (whole_number(content) as i64) / 1_000;
                layout.started_us = since_2001_us + EPOCH_S * 1_000_000;
            }
            id::TRACK_ENTRY => describe_track(content, layout)?,
            _ => {}
        }
    }
    Some(())
}

fn describe_track(entry: &[u8], layout: &mut Layout) -> Option<()> {
    let mut picture = Picture {
        codec: TrackCodec::Vp8,
        width: 0,
        height: 0,
        private: Vec::new(),
    };
    for found in inner(entry) {
        let (name, _, content) = found?;
        match name {
            id::CODEC_ID => {
                picture.codec = match content {
                    b"V_VP8" => TrackCodec::Vp8,
                    b"V_VP9" => TrackCodec::Vp9,
                    b"V_AV1" => TrackCodec::Av1,
                    b"A_OPUS" => TrackCodec::Opus,
                    _ => return None,
                }
            }
            id::CODEC_PRIVATE => picture.private = content.to_vec(),
            id::VIDEO => {
                for found in inner(content) {
                    match found? {
                        (id::PIXEL_WIDTH, _, value) => picture.width = whole_number(value) as u16,
                        (id::PIXEL_HEIGHT, _, value) => picture.height = whole_number(value) as u16,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    if picture.codec == TrackCodec::Opus {
        layout.sound = true;
    } else {
        layout.picture = Some(picture);
    }
    Some(())
}

type Cluster = (Vec<Met>, i64, Vec<crate::record::model::Gap>);

/// The samples of a cluster whose body begins at `at`, when the last of them ends, and its gaps.
fn parse_cluster(body: &[u8], at: u64) -> Option<Cluster> {
    let (mut base_ms, mut mets, mut end_us, mut gaps) = (0, Vec::new(), 0, Vec::new());
    for found in inner(body) {
        let (name, offset, content) = found?;
        match name {
            id::TIMESTAMP => base_ms = whole_number(content) as i64,
            id::VOID => gaps.append(&mut gaps::read(content)),
            id::SIMPLE_BLOCK => {
                let (head, data) = content.split_at_checked(4)?;
                let kind = match u64::from(head[0] & 0x7f) {
                    PICTURE_TRACK => MediaKind::Video,
                    SOUND_TRACK => MediaKind::Audio,
                    _ => return None,
                };
                let since_ms = i64::from(i16::from_be_bytes([head[1], head[2]]));
                let at_us = (base_ms + since_ms) * 1_000;
                let duration = match kind {
                    MediaKind::Audio => duration_us(data).unwrap_or(SILENCE_US),
                    MediaKind::Video => PICTURE_US,
                };
                end_us = end_us.max(at_us + duration);
                mets.push(Met {
                    kind,
                    at_us,
                    keyframe: head[3] & 0x80 != 0,
                    offset: at + offset as u64 + 4,
                    len: data.len() as u64,
                });
            }
            _ => return None,
        }
    }
    (!mets.is_empty()).then_some((mets, end_us, gaps))
}
