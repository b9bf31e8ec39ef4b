//! One publisher's picture and sound as a row of segments: when a segment begins and ends, what is in a fragment.
//!
//! A segment has a fixed set of tracks. One with a picture begins with a key frame; sound is unbroken from its first
//! sample to its last, silence standing in where there is none. A fragment is given out whole, to be appended.

use crate::rtp::MediaKind;

use super::assemble::{Assembled, Assembler};
use super::container::Container;
use super::gaps::{self, STILL_US};
use super::model::{
    Cause, Fragment, Frame, Gap, Layout, Packet, Picture, Sample, Summary, TrackCodec,
};
use super::sound::Sound;
use super::timeline::Timeline;

/// A fragment is given out when its first sample is so old; with [`super::assemble::REPAIR_US`] below two seconds.
const FRAGMENT_US: i64 = 800_000;
/// How long sound waits for the first key frame before a segment begins without a picture.
const PICTURE_WAIT_US: i64 = 900_000;
/// Sound that has not come for so long is written as silence.
const SOUND_LATE_US: i64 = 600_000;
/// When nothing at all has come for so long the segment ends.
const IDLE_US: i64 = 10_000_000;
/// A segment is closed at the first key frame after this; one index holds no more.
const SEGMENT_US: i64 = 2 * 3_600_000_000;
/// Players begin at key frames; encoders for calls send none unasked.
const KEYFRAME_EVERY_US: i64 = 20_000_000;
/// Taken for the distance of pictures until it is known.
const PICTURE_US: i64 = 33_000;
/// Pictures of one track are at least so far apart: WebM counts milliseconds.
const APART_US: i64 = 1_000;

/// What is to be done with files.
#[derive(Debug)]
pub(super) enum Output {
    /// Create a file; what follows belongs to it.
    Begin {
        container: Container,
        started_us: i64,
        header: Vec<u8>,
    },
    Append(Vec<u8>),
    /// Write these in place, and the file is whole.
    Finish {
        patches: Vec<(u64, Vec<u8>)>,
        summary: Summary,
    },
}

pub(super) struct Reel {
    picture: Option<Track>,
    sound: Option<Track>,
    segment: Option<Segment>,
    /// Sound that waits for a segment to begin.
    early: Vec<(i64, Frame)>,
    /// How far the publisher's clock, as reported, is behind arrivals.
    late_us: i64,
    out: Vec<Output>,
    scratch: Vec<Assembled>,
}

struct Track {
    assembler: Assembler,
    timeline: Timeline,
    stream: Option<u32>,
    hole: Option<Cause>,
    /// By the recorder's clock.
    arrived_us: i64,
}

struct Segment {
    layout: Layout,
    container: Container,
    reserve_at: u64,
    header: Option<Vec<u8>>,
    len: u64,
    samples: Vec<Sample>,
    gaps: Vec<Gap>,
    fragments: Vec<Fragment>,
    marked: Vec<Gap>,
    sound: Sound,
    /// When the oldest sample of the open fragment was taken in.
    open_since_us: Option<i64>,
    last_picture_us: Option<i64>,
    picture_step_us: i64,
    keyframe_us: i64,
    ended_us: i64,
}

impl Reel {
    /// What kinds of track will come.
    pub(super) fn new(picture: bool, sound: bool) -> Self {
        let track = |kind| Track {
            assembler: Assembler::new(kind),
            timeline: Timeline::new(kind),
            stream: None,
            hole: None,
            arrived_us: i64::MIN,
        };
        Self {
            picture: picture.then(|| track(MediaKind::Video)),
            sound: sound.then(|| track(MediaKind::Audio)),
            segment: None,
            early: Vec::new(),
            late_us: 0,
            out: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// Whether the publisher should send a key frame.
    pub(super) fn wants_keyframe(&self, now_us: i64) -> bool {
        let Some(track) = &self.picture else {
            return false;
        };
        let lacking = track.assembler.wants_keyframe() && track.arrived_us != i64::MIN;
        let old = self.segment.as_ref().is_some_and(|segment| {
            segment.layout.picture.is_some() && now_us - segment.keyframe_us >= KEYFRAME_EVERY_US
        });
        lacking || old
    }

    pub(super) fn packet(&mut self, now_us: i64, packet: Packet) {
        let kind = packet.codec.kind();
        let stream = packet.stream;
        let Some(track) = self.track(kind) else {
            return;
        };
        track.arrived_us = now_us;
        if track.stream.replace(stream) != Some(stream) {
            // What is left of the old numbering is placed by the old clock.
            self.assemble(now_us, kind, |assembler, out| {
                assembler.restart(stream, out)
            });
            if let Some(track) = self.track(kind) {
                track.timeline = Timeline::new(kind);
            }
        }
        self.assemble(now_us, kind, |assembler, out| assembler.push(packet, out));
        self.flush_if_due(now_us);
    }

    /// Lets time pass: gives up what is missing, fills silence, ends what is idle.
    pub(super) fn tick(&mut self, now_us: i64) {
        for kind in [MediaKind::Video, MediaKind::Audio] {
            self.assemble(now_us, kind, |assembler, out| assembler.poll(now_us, out));
        }
        self.begin_without_picture(now_us);
        self.keep_sound(now_us);
        self.flush_if_due(now_us);
        let tracks = [&self.picture, &self.sound];
        let heard = tracks.into_iter().flatten().map(|track| track.arrived_us);
        if heard
            .max()
            .is_none_or(|at| now_us.saturating_sub(at) >= IDLE_US)
        {
            self.finish();
        }
    }

    /// Ends the open segment.
    pub(super) fn finish(&mut self) {
        for kind in [MediaKind::Video, MediaKind::Audio] {
            self.assemble(i64::MAX, kind, |assembler, out| {
                assembler.poll(i64::MAX, out);
            });
        }
        self.end_segment();
    }

    pub(super) fn take_output(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.out)
    }

    fn track(&mut self, kind: MediaKind) -> Option<&mut Track> {
        match kind {
            MediaKind::Video => self.picture.as_mut(),
            MediaKind::Audio => self.sound.as_mut(),
        }
    }

    /// Lets the assembler of one kind work and takes what comes of it.
    fn assemble(
        &mut self,
        now_us: i64,
        kind: MediaKind,
        work: impl FnOnce(&mut Assembler, &mut Vec<Assembled>),
    ) {
        let mut assembled = std::mem::take(&mut self.scratch);
        if let Some(track) = self.track(kind) {
            work(&mut track.assembler, &mut assembled);
        }
        for assembled in assembled.drain(..) {
            let Some(track) = self.track(kind) else {
                continue;
            };
            match assembled {
                Assembled::Hole(cause) => track.hole = track.hole.max(Some(cause)),
                Assembled::Frame(frame) => {
                    let at_us =
                        track
                            .timeline
                            .place(frame.timestamp, frame.arrived_us, frame.clock);
                    let hole = track.hole.take();
                    self.late_us = (frame.arrived_us - at_us).max(0);
                    match kind {
                        MediaKind::Video => self.show(now_us, at_us, frame, hole),
                        MediaKind::Audio => self.hear(now_us, at_us, frame, hole),
                    }
                }
            }
        }
        self.scratch = assembled;
    }

    fn show(&mut self, now_us: i64, at_us: i64, frame: Frame, hole: Option<Cause>) {
        if let Some(picture) = frame.picture.clone() {
            let stays = self
                .segment
                .as_ref()
                .is_some_and(|segment| segment.goes_on_with(&picture, at_us));
            if stays {
                // A key frame begins a fragment, so that players find it.
                self.flush();
            } else {
                self.end_segment();
                self.begin(now_us, at_us, Some(picture));
            }
        }
        let Some(segment) = self.segment.as_mut() else {
            return;
        };
        if segment.layout.picture.is_some() {
            segment.show(now_us, at_us, frame, hole);
        }
    }

    fn hear(&mut self, now_us: i64, at_us: i64, frame: Frame, hole: Option<Cause>) {
        match &mut self.segment {
            Some(segment) => segment.hear(now_us, at_us, frame.data, hole),
            None => self.early.push((at_us, frame)),
        }
    }

    fn begin_without_picture(&mut self, now_us: i64) {
        let Some((at_us, frame)) = self.early.first() else {
            return;
        };
        let waits = self.picture.is_some() && now_us - frame.arrived_us < PICTURE_WAIT_US;
        if self.segment.is_none() && !waits {
            let at_us = *at_us;
            self.begin(now_us, at_us, None);
        }
    }

    fn begin(&mut self, now_us: i64, at_us: i64, picture: Option<Picture>) {
        let early = std::mem::take(&mut self.early);
        let started_us = early.first().map_or(at_us, |(early_us, _)| {
            // Clocks that are not settled yet may disagree; the picture is not put far off for that.
            at_us.min(*early_us).max(at_us - 2 * PICTURE_WAIT_US)
        });
        let layout = Layout {
            picture,
            sound: self.sound.is_some(),
            started_us,
        };
        let container = Container::of(&layout);
        let (header, reserve_at) = container.header(&layout);
        self.segment = Some(Segment {
            len: header.len() as u64,
            layout,
            container,
            reserve_at,
            header: Some(header),
            samples: Vec::new(),
            gaps: Vec::new(),
            fragments: Vec::new(),
            marked: Vec::new(),
            sound: Sound::default(),
            open_since_us: None,
            last_picture_us: None,
            picture_step_us: PICTURE_US,
            keyframe_us: now_us,
            ended_us: 0,
        });
        for (at_us, frame) in early {
            self.hear(now_us, at_us, frame, None);
        }
    }

    /// Writes silence once the sound has stopped coming.
    fn keep_sound(&mut self, now_us: i64) {
        let Some(track) = &self.sound else { return };
        let silent = now_us.saturating_sub(track.arrived_us) >= SOUND_LATE_US;
        if silent && let Some(segment) = &mut self.segment {
            let until_us = now_us - SOUND_LATE_US - self.late_us - segment.layout.started_us;
            segment.keep_silent(now_us, until_us);
        }
    }

    fn flush_if_due(&mut self, now_us: i64) {
        let due = self
            .segment
            .as_ref()
            .and_then(|segment| segment.open_since_us)
            .is_some_and(|since| now_us.saturating_sub(since) >= FRAGMENT_US);
        if due {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let Some(segment) = &mut self.segment else {
            return;
        };
        if segment.samples.is_empty() {
            return;
        }
        if let Some(header) = segment.header.take() {
            self.out.push(Output::Begin {
                container: segment.container,
                started_us: segment.layout.started_us,
                header,
            });
        }
        self.out.push(Output::Append(segment.close_fragment()));
    }

    fn end_segment(&mut self) {
        self.flush();
        let Some(segment) = self.segment.take() else {
            return;
        };
        if segment.fragments.is_empty() {
            return;
        }
        let patches =
            segment
                .container
                .close(&segment.layout, segment.reserve_at, &segment.fragments);
        self.out.push(Output::Finish {
            patches,
            summary: segment.summary(),
        });
    }
}

impl Segment {
    /// Whether a key frame of `picture` fits in, or begins the next segment.
    fn goes_on_with(&self, picture: &Picture, at_us: i64) -> bool {
        let fits = match &self.layout.picture {
            None => false,
            // H.264 announces another size inside, and so do VP8 and VP9; AV1 players believe the header.
            Some(mine) if mine.codec == TrackCodec::Av1 => mine == picture,
            Some(mine) => mine.codec == picture.codec,
        };
        fits && at_us - self.layout.started_us < SEGMENT_US
    }

    fn show(&mut self, now_us: i64, at_us: i64, frame: Frame, hole: Option<Cause>) {
        let mut since_us = (at_us - self.layout.started_us).max(0);
        if let Some(last_us) = self.last_picture_us {
            since_us = since_us.max(last_us + APART_US);
            let ended_us = last_us + self.picture_step_us;
            let absent = (since_us - last_us >= STILL_US).then_some(Cause::Absent);
            if let Some(cause) = hole.or(absent) {
                self.gaps.push(Gap {
                    kind: MediaKind::Video,
                    cause,
                    from_us: ended_us.min(since_us),
                    until_us: since_us,
                });
            } else {
                self.picture_step_us = since_us - last_us;
            }
        }
        self.last_picture_us = Some(since_us);
        if frame.keyframe {
            self.keyframe_us = now_us;
        }
        self.open_since_us.get_or_insert(now_us);
        self.samples.push(Sample {
            kind: MediaKind::Video,
            at_us: since_us,
            duration_us: self.picture_step_us,
            keyframe: frame.keyframe,
            data: frame.data,
        });
    }

    fn hear(&mut self, now_us: i64, at_us: i64, data: Vec<u8>, hole: Option<Cause>) {
        let since_us = at_us - self.layout.started_us;
        let cause = hole.unwrap_or(Cause::Absent);
        self.sound
            .packet(since_us, data, cause, &mut self.samples, &mut self.gaps);
        self.open_since_us.get_or_insert(now_us);
    }

    fn keep_silent(&mut self, now_us: i64, until_us: i64) {
        self.sound
            .fill(until_us, Cause::Absent, &mut self.samples, &mut self.gaps);
        if !self.samples.is_empty() {
            self.open_since_us.get_or_insert(now_us);
        }
    }

    fn close_fragment(&mut self) -> Vec<u8> {
        self.sound.tell(&mut self.gaps);
        let number = self.fragments.len() as u32 + 1;
        let bytes = self.container.fragment(number, &self.samples, &self.gaps);
        let picture = self
            .samples
            .iter()
            .find(|sample| sample.kind == MediaKind::Video);
        let first_us = self.samples.iter().map(|sample| sample.at_us).min();
        let end_us = self
            .samples
            .iter()
            .map(|sample| sample.at_us + sample.duration_us)
            .max();
        self.fragments.push(Fragment {
            offset: self.len,
            len: bytes.len() as u64,
            start_us: picture
                .map(|sample| sample.at_us)
                .or(first_us)
                .unwrap_or_default(),
            end_us: end_us.unwrap_or_default(),
            key: match self.layout.picture {
                Some(_) => picture.is_some_and(|sample| sample.keyframe),
                None => true,
            },
        });
        self.ended_us = self.ended_us.max(end_us.unwrap_or_default());
        self.len += bytes.len() as u64;
        self.marked.append(&mut self.gaps);
        self.marked = gaps::join(std::mem::take(&mut self.marked));
        self.samples.clear();
        self.open_since_us = None;
        bytes
    }

    fn summary(&self) -> Summary {
        let picture_end_us = self.last_picture_us;
        let mut found = self.marked.clone();
        found.extend(gaps::tail(picture_end_us, self.ended_us));
        Summary {
            duration_us: self.ended_us,
            bytes: self.len,
            gaps: gaps::join(found),
            picture: self.layout.picture.clone(),
            sound: self.layout.sound,
        }
    }
}
