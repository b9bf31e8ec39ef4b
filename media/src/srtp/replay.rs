//! A sliding window that accepts each packet index once (RFC 3711, 3.3.2).

/// How far behind the newest index a packet may come; retransmissions arrive within this at any sane bitrate.
const WINDOW: u64 = 1024;
const WORDS: usize = (WINDOW / 64) as usize;

#[derive(Default)]
pub(super) struct Replay {
    newest: Option<u64>,
    /// Bit `index % WINDOW`.
    seen: [u64; WORDS],
}

impl Replay {
    pub(super) fn newest(&self) -> Option<u64> {
        self.newest
    }

    /// Whether `index` is new enough and unseen. Changes nothing: only authenticated packets may move the window.
    pub(super) fn admits(&self, index: u64) -> bool {
        match self.newest {
            None => true,
            Some(newest) if index > newest => true,
            Some(newest) => newest - index < WINDOW && self.seen[cell(index)] & bit(index) == 0,
        }
    }

    /// Records an authenticated index.
    pub(super) fn record(&mut self, index: u64) {
        match self.newest {
            Some(newest) if index > newest => {
                if index - newest >= WINDOW {
                    self.seen = [0; WORDS];
                } else {
                    for skipped in newest + 1..index {
                        self.seen[cell(skipped)] &= !bit(skipped);
                    }
                }
                self.newest = Some(index);
            }
            None => self.newest = Some(index),
            Some(_) => {}
        }
        self.seen[cell(index)] |= bit(index);
    }
}

fn cell(index: u64) -> usize {
    ((index % WINDOW) / 64) as usize
}

fn bit(index: u64) -> u64 {
    1 << (index % 64)
}
