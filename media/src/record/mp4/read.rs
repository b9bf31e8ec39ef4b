//! Reads back what this writer writes, as far as it is whole.

use std::io;

use super::{EPOCH_S, PICTURE_HZ, PICTURE_TRACK, RESERVE, SOUND_HZ, SOUND_TRACK};
use crate::record::container::{Contents, Met};
use crate::record::file::{Bytes, bytes};
use crate::record::gaps;
use crate::record::model::{Fragment, Layout, Picture, TrackCodec};
use crate::rtp::MediaKind;

/// A fragment's description is never longer.
const MOOF_MAX: u64 = 1 << 20;

/// One box of the file's top level.
struct Top {
    kind: [u8; 4],
    at: u64,
    len: u64,
}

pub(in crate::record) fn read(
    file: &(impl Bytes + ?Sized),
    meet: &mut dyn FnMut(Met),
) -> io::Result<Option<Contents>> {
    let total = file.len()?;
    let (mut layout, mut reserve_at) = (None, None);
    let mut contents: Option<Contents> = None;
    let mut marked = Vec::new();
    let mut described: Option<(Vec<Met>, i64)> = None;
    let mut at = 0;
    while let Some(top) = top(file, at, total)? {
        at = top.at + top.len;
        match &top.kind {
            b"ftyp" => {}
            b"moov" if top.len <= MOOF_MAX => {
                layout = body(file, &top)?.as_deref().and_then(parse_moov);
            }
            b"sidx" => reserve_at = reserve_at.or(Some(top.at)),
            b"free" if contents.is_none() && described.is_none() && marked.is_empty() => {
                let body = if top.len < MOOF_MAX {
                    body(file, &top)?
                } else {
                    None
                };
                marked = body.map_or_else(Vec::new, |body| gaps::read(&body));
                if marked.is_empty() {
                    reserve_at = reserve_at.or(Some(top.at));
                }
            }
            b"free" if top.len < MOOF_MAX => {
                marked = body(file, &top)?.map_or_else(Vec::new, |body| gaps::read(&body));
            }
            b"moof" if top.len <= MOOF_MAX => {
                let Some(found) = body(file, &top)?
                    .as_deref()
                    .and_then(|body| parse_moof(body, top.at))
                else {
                    break;
                };
                described = Some(found);
            }
            b"mdat" => {
                let Some((mets, end_us)) = described.take() else {
                    break;
                };
                let inside = mets
                    .last()
                    .is_some_and(|last| last.offset + last.len == at && last.offset >= top.at + 8);
                let (Some(layout), Some(reserve_at), true) = (&layout, reserve_at, inside) else {
                    break;
                };
                let contents = contents.get_or_insert_with(|| Contents {
                    layout: Layout::clone(layout),
                    reserve_at,
                    fragments: Vec::new(),
                    gaps: Vec::new(),
                    picture_end_us: None,
                    whole: reserve_at + RESERVE as u64,
                });
                contents.take(at, &mets, end_us);
                contents.gaps.append(&mut marked);
                mets.into_iter().for_each(&mut *meet);
            }
            _ => break,
        }
    }
    Ok(contents)
}

impl Contents {
    /// Takes in a fragment that ends at `end` and begins where the one before it ended.
    pub(in crate::record) fn take(&mut self, end: u64, mets: &[Met], end_us: i64) {
        let first_picture = mets.iter().find(|met| met.kind == MediaKind::Video);
        let start_us = mets.iter().map(|met| met.at_us).min().unwrap_or(end_us);
        self.fragments.push(Fragment {
            offset: self.whole,
            len: end - self.whole,
            start_us: first_picture.map_or(start_us, |met| met.at_us),
            end_us,
            key: match self.layout.picture {
                Some(_) => first_picture.is_some_and(|met| met.keyframe),
                None => true,
            },
        });
        let last_picture = mets
            .iter()
            .rev()
            .find(|met| met.kind == MediaKind::Video)
            .map(|met| met.at_us);
        self.picture_end_us = last_picture.or(self.picture_end_us);
        self.whole = end;
    }
}

fn top(file: &(impl Bytes + ?Sized), at: u64, total: u64) -> io::Result<Option<Top>> {
    let Some(head) = bytes(file, at, 8)? else {
        return Ok(None);
    };
    let len = u64::from(u32::from_be_bytes([head[0], head[1], head[2], head[3]]));
    let kind = [head[4], head[5], head[6], head[7]];
    Ok((len >= 8 && at + len <= total).then_some(Top { kind, at, len }))
}

fn body(file: &(impl Bytes + ?Sized), top: &Top) -> io::Result<Option<Vec<u8>>> {
    bytes(file, top.at + 8, (top.len - 8) as usize)
}

/// The boxes of a body.
fn inner(mut rest: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let len = u32_at(rest, 0)? as usize;
        let (whole, after) = rest.split_at_checked(len)?;
        rest = after;
        Some((whole.get(4..8)?, whole.get(8..)?))
    })
}

fn find<'a>(body: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(body, |body, wanted| {
        inner(body)
            .find(|(kind, _)| kind == wanted)
            .map(|(_, body)| body)
    })
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..at + 4)?;
    Some(u32::from_be_bytes([word[0], word[1], word[2], word[3]]))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from(u32_at(bytes, at)?) << 32 | u64::from(u32_at(bytes, at + 4)?))
}

fn parse_moov(moov: &[u8]) -> Option<Layout> {
    let made = u64_at(find(moov, &[b"mvhd"])?, 4)?;
    let mut layout = Layout {
        picture: None,
        sound: false,
        started_us: (made as i64 - EPOCH_S) * 1_000_000,
    };
    for (_, trak) in inner(moov).filter(|(kind, _)| *kind == b"trak") {
        let stsd = find(trak, &[b"mdia", b"minf", b"stbl", b"stsd"])?;
        let (kind, entry) = inner(stsd.get(8..)?).next()?;
        match kind {
            b"avc3" => {
                layout.picture = Some(Picture {
                    codec: TrackCodec::H264,
                    width: (u32_at(entry, 24)? >> 16) as u16,
                    height: u32_at(entry, 24)? as u16,
                    private: find(entry.get(78..)?, &[b"avcC"])?.to_vec(),
                });
            }
            b"Opus" => layout.sound = true,
            _ => return None,
        }
    }
    Some(layout)
}

/// The samples of a fragment that begins at `at`, and when the last of them ends.
fn parse_moof(moof: &[u8], at: u64) -> Option<(Vec<Met>, i64)> {
    let mut mets = Vec::new();
    let mut last_end_us = 0;
    for (_, traf) in inner(moof).filter(|(kind, _)| *kind == b"traf") {
        let (kind, hz) = match u32_at(find(traf, &[b"tfhd"])?, 4)? {
            PICTURE_TRACK => (MediaKind::Video, PICTURE_HZ),
            SOUND_TRACK => (MediaKind::Audio, SOUND_HZ),
            _ => return None,
        };
        let micros = |ticks: u64| (ticks as i64) * 1_000 / (hz / 1_000);
        let mut time = u64_at(find(traf, &[b"tfdt"])?, 4)?;
        let trun = find(traf, &[b"trun"])?;
        let mut offset = at + u64::from(u32_at(trun, 8)?);
        for number in 0..u32_at(trun, 4)? as usize {
            let row = trun.get(12 + 12 * number..)?;
            let len = u64::from(u32_at(row, 4)?);
            mets.push(Met {
                kind,
                at_us: micros(time),
                keyframe: u32_at(row, 8)? & 0x1_0000 == 0,
                offset,
                len,
            });
            time += u64::from(u32_at(row, 0)?);
            offset += len;
        }
        last_end_us = last_end_us.max(micros(time));
    }
    (!mets.is_empty()).then_some((mets, last_end_us))
}
