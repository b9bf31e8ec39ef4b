//! Keeps a segment's sound unbroken: players count samples, so what is missing becomes silence and what overlaps goes.

use crate::rtp::MediaKind;

use super::depacketise::{SHORT_SILENCE, SHORT_SILENCE_US, SILENCE, SILENCE_US, duration_us};
use super::model::{Cause, Gap, Sample};

/// The sender's clock may be this far from the samples counted before a packet is left out or silence put in.
const SLACK_US: i64 = SHORT_SILENCE_US;
/// Silence shorter than this is not worth a mark.
const MARK_US: i64 = 500_000;

#[derive(Default)]
pub(super) struct Sound {
    /// End of what has been written, microseconds since the segment's start.
    end_us: i64,
    /// Begin and cause of the silence being written.
    silence: Option<(i64, Cause)>,
}

impl Sound {
    /// Writes a packet captured at `at_us`, with silence before it where something is missing. False when it was
    /// left out because its time is already written.
    pub(super) fn packet(
        &mut self,
        at_us: i64,
        data: Vec<u8>,
        cause: Cause,
        samples: &mut Vec<Sample>,
        gaps: &mut Vec<Gap>,
    ) -> bool {
        if at_us < self.end_us - SLACK_US {
            return false;
        }
        if at_us >= self.end_us + SLACK_US {
            self.fill(at_us, cause, samples, gaps);
        }
        self.mark(gaps);
        let duration_us = duration_us(&data).unwrap_or(SILENCE_US);
        self.put(data, duration_us, samples);
        true
    }

    /// Writes silence up to `until_us`, give or take a short packet.
    pub(super) fn fill(
        &mut self,
        until_us: i64,
        cause: Cause,
        samples: &mut Vec<Sample>,
        gaps: &mut Vec<Gap>,
    ) {
        if until_us - self.end_us < SHORT_SILENCE_US {
            return;
        }
        match self.silence {
            Some((_, known)) if known == cause => {}
            _ => {
                self.mark(gaps);
                self.silence = Some((self.end_us, cause));
            }
        }
        while until_us - self.end_us >= SILENCE_US {
            self.put(SILENCE.to_vec(), SILENCE_US, samples);
        }
        if until_us - self.end_us >= SHORT_SILENCE_US {
            self.put(SHORT_SILENCE.to_vec(), SHORT_SILENCE_US, samples);
        }
    }

    /// Tells the silence so far, as a fragment ends.
    pub(super) fn tell(&mut self, gaps: &mut Vec<Gap>) {
        if let Some((from_us, cause)) = self.silence
            && self.end_us - from_us >= MARK_US
        {
            gaps.push(gap(from_us, self.end_us, cause));
        }
    }

    fn mark(&mut self, gaps: &mut Vec<Gap>) {
        self.tell(gaps);
        self.silence = None;
    }

    fn put(&mut self, data: Vec<u8>, duration_us: i64, samples: &mut Vec<Sample>) {
        samples.push(Sample {
            kind: MediaKind::Audio,
            at_us: self.end_us,
            duration_us,
            keyframe: true,
            data,
        });
        self.end_us += duration_us;
    }
}

fn gap(from_us: i64, until_us: i64, cause: Cause) -> Gap {
    Gap {
        kind: MediaKind::Audio,
        cause,
        from_us,
        until_us,
    }
}
