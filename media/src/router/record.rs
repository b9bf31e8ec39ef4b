//! The recorder's place on the packet path: what a flush sent to receivers is also copied into a source's tap.

use std::time::Instant;

use crate::egress::Clock;
use crate::record::Tap;

use super::{RouteError, Router, SourceId};

impl Router {
    /// Has a source copied into `tap`, or into none any more.
    ///
    /// # Errors
    /// [`RouteError::NoSuchSource`].
    pub fn tap(
        &mut self,
        now: Instant,
        source: SourceId,
        tap: Option<Box<Tap>>,
    ) -> Result<(), RouteError> {
        let entry = self
            .sources
            .get_mut(source)
            .ok_or(RouteError::NoSuchSource(source))?;
        if tap.is_some() {
            entry.want_keyframe(None);
        }
        entry.tap = tap;
        let publisher = entry.publisher;
        self.wake(now, publisher);
        Ok(())
    }

    pub(super) fn copy_to_recorder(&mut self, clock: Clock, at: usize) {
        let Some(source) = self.sources.at_mut(at) else {
            return;
        };
        let Some(mut tap) = source.tap.take() else {
            return;
        };
        let skew = self
            .peers
            .get(source.publisher)
            .and_then(|publisher| publisher.skew);
        tap.copy(clock.now, clock.ntp, skew, source);
        source.tap = Some(tap);
    }
}
