//! Gaps inside a file: a line each, in an element that players skip, beside the fragment they were noticed in.

use crate::rtp::MediaKind;

use super::model::{Cause, Gap};

/// A picture that does not change for so long is missing rather than still.
pub(super) const STILL_US: i64 = 3_000_000;

const MARK: &str = "fenghuotai gap";

pub(super) fn write(gaps: &[Gap]) -> Vec<u8> {
    let mut text = String::new();
    for gap in gaps {
        let kind = match gap.kind {
            MediaKind::Audio => "sound",
            MediaKind::Video => "picture",
        };
        let (cause, from, until) = (gap.cause.word(), gap.from_us, gap.until_us);
        text.push_str(&format!("{MARK} {kind} {cause} {from} {until}\n"));
    }
    text.into_bytes()
}

/// Lines that are not gaps are passed over.
pub(super) fn read(text: &[u8]) -> Vec<Gap> {
    let text = String::from_utf8_lossy(text);
    let line = |line: &str| {
        let mut words = line.strip_prefix(MARK)?.split_whitespace();
        Some(Gap {
            kind: match words.next()? {
                "sound" => MediaKind::Audio,
                "picture" => MediaKind::Video,
                _ => return None,
            },
            cause: Cause::parse(words.next()?)?,
            from_us: words.next()?.parse().ok()?,
            until_us: words.next()?.parse().ok()?,
        })
    };
    text.lines().filter_map(line).collect()
}

/// Joins gaps that were noticed piece by piece, and orders them by track and time.
pub(super) fn join(mut gaps: Vec<Gap>) -> Vec<Gap> {
    gaps.sort_by_key(|gap| (gap.kind, gap.from_us, gap.until_us));
    let mut joined: Vec<Gap> = Vec::new();
    for gap in gaps {
        match joined.last_mut() {
            Some(last)
                if last.kind == gap.kind
                    && last.cause == gap.cause
                    && gap.from_us <= last.until_us + 1_000 =>
            {
                last.until_us = last.until_us.max(gap.until_us);
            }
            _ => joined.push(gap),
        }
    }
    joined
}

/// The picture's absence at the end of a segment, which no later frame has told about.
pub(super) fn tail(last_picture_end_us: Option<i64>, duration_us: i64) -> Option<Gap> {
    let from_us = last_picture_end_us?;
    (duration_us - from_us >= STILL_US).then_some(Gap {
        kind: MediaKind::Video,
        cause: Cause::Absent,
        from_us,
        until_us: duration_us,
    })
}
