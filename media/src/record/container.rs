//! Which container a segment is written in, and what both can do.

use std::io;

use super::file::Bytes;
use super::model::{Fragment, Gap, Layout, Sample, TrackCodec};
use super::{mp4, webm};
use crate::rtp::MediaKind;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    Mp4,
    Webm,
}

/// What a reader found in a segment, up to its last whole fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Contents {
    pub(super) layout: Layout,
    /// Where the room for the index is.
    pub(super) reserve_at: u64,
    pub(super) fragments: Vec<Fragment>,
    pub(super) gaps: Vec<Gap>,
    /// End of the last picture, microseconds since the start.
    pub(super) picture_end_us: Option<i64>,
    /// Bytes up to the end of the last whole fragment.
    pub(super) whole: u64,
}

/// A sample as a reader meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Met {
    pub(super) kind: MediaKind,
    pub(super) at_us: i64,
    pub(super) keyframe: bool,
    pub(super) offset: u64,
    pub(super) len: u64,
}

impl Container {
    /// H.264 goes into MP4, everything else into WebM.
    pub(super) fn of(layout: &Layout) -> Self {
        match &layout.picture {
            Some(picture) if picture.codec == TrackCodec::H264 => Self::Mp4,
            _ => Self::Webm,
        }
    }

    /// Ending of the file's name.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::Webm => "webm",
        }
    }

    /// From the ending of a file's name.
    pub fn of_ending(ending: &str) -> Option<Self> {
        [Self::Mp4, Self::Webm]
            .into_iter()
            .find(|container| container.ending() == ending)
    }

    /// What stands before the first fragment, and where in it the room for the index is.
    pub(super) fn header(self, layout: &Layout) -> (Vec<u8>, u64) {
        match self {
            Self::Mp4 => {
                let header = mp4::header(layout);
                let reserve_at = mp4::reserve_at(&header);
                (header, reserve_at)
            }
            Self::Webm => webm::header(layout),
        }
    }

    pub(super) fn fragment(self, number: u32, samples: &[Sample], gaps: &[Gap]) -> Vec<u8> {
        match self {
            Self::Mp4 => mp4::fragment(number, samples, gaps),
            Self::Webm => webm::fragment(samples, gaps),
        }
    }

    /// What is written in place, into reserved room, when the segment is whole.
    pub(super) fn close(
        self,
        layout: &Layout,
        reserve_at: u64,
        fragments: &[Fragment],
    ) -> Vec<(u64, Vec<u8>)> {
        match self {
            Self::Mp4 => vec![mp4::index(layout, reserve_at, fragments)],
            Self::Webm => webm::close(layout, reserve_at, fragments),
        }
    }

    /// Reads a segment up to its last whole fragment, meeting each sample; `None` when not even one is whole.
    pub(super) fn read(
        self,
        file: &(impl Bytes + ?Sized),
        meet: &mut dyn FnMut(Met),
    ) -> io::Result<Option<Contents>> {
        match self {
            Self::Mp4 => mp4::read(file, meet),
            Self::Webm => webm::read(file, meet),
        }
    }
}
