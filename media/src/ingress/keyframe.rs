//! Merges the key frame requests of all receivers of a layer into at most one per half second toward the publisher.

use std::time::{Duration, Instant};

/// At most one request per layer in this time.
pub(crate) const INTERVAL: Duration = Duration::from_millis(500);

#[derive(Default)]
pub(super) struct KeyframeRequests {
    wanted: bool,
    sent_at: Option<Instant>,
    pub(super) sent: u64,
}

impl KeyframeRequests {
    pub(super) fn want(&mut self) {
        self.wanted = true;
    }

    /// A key frame has come: whoever waited is served.
    pub(super) fn satisfied(&mut self) {
        self.wanted = false;
    }

    /// Whether to send a request now. A wish stays until a key frame comes, so a lost request is repeated.
    pub(super) fn due(&mut self, now: Instant) -> bool {
        let due = self.deadline(now).is_some_and(|deadline| deadline <= now);
        if due {
            self.sent_at = Some(now);
            self.sent += 1;
        }
        due
    }

    pub(super) fn deadline(&self, now: Instant) -> Option<Instant> {
        self.wanted
            .then(|| self.sent_at.map_or(now, |sent_at| sent_at + INTERVAL))
    }
}
