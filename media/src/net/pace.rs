//! How often something may happen, counted without a queue and without a timer.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::seats::place;

/// A rate with a burst on top.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// In the long run.
    pub per_second: u32,
    /// At once, after a quiet time.
    pub burst: u32,
}

/// Counts against a [`Pace`]: when the allowance will be whole again (the generic cell rate algorithm).
#[derive(Debug, Clone, Copy, Default)]
pub struct Meter(Option<Instant>);

impl Meter {
    /// Whether it may happen now; if so it has.
    pub fn admit(&mut self, now: Instant, pace: Pace) -> bool {
        let each = Duration::from_secs(1) / pace.per_second.max(1);
        let whole = self.0.map_or(now, |whole| whole.max(now));
        if whole + each > now + each * pace.burst.max(1) {
            return false;
        }
        self.0 = Some(whole + each);
        true
    }
}

/// Meters enough that two places seldom share one, few enough to be made once and never grow.
const METERS: usize = 4_096;

/// A meter for every place there is, in bounded memory: places share meters by a secret hash.
pub struct PlaceMeters {
    meters: Box<[Meter]>,
    secret: RandomState,
}

impl Default for PlaceMeters {
    fn default() -> Self {
        Self {
            meters: vec![Meter::default(); METERS].into_boxed_slice(),
            secret: RandomState::new(),
        }
    }
}

impl PlaceMeters {
    /// Whether it may happen now from `from`; if so it has.
    pub fn admit(&mut self, now: Instant, from: IpAddr, pace: Pace) -> bool {
        let at = self.secret.hash_one(place(from)) as usize % METERS;
        self.meters[at].admit(now, pace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace {
        per_second: 10,
        burst: 5,
    };

    #[test]
    fn a_burst_passes_at_once_and_the_rest_at_its_pace() {
        let (mut meter, begun) = (Meter::default(), Instant::now());
        let admitted =
            |meter: &mut Meter, at: Instant| (0..1_000).filter(|_| meter.admit(at, PACE)).count();
        assert_eq!(admitted(&mut meter, begun), 5);
        assert_eq!(admitted(&mut meter, begun + Duration::from_millis(99)), 0);
        assert_eq!(admitted(&mut meter, begun + Duration::from_millis(100)), 1);
        assert_eq!(admitted(&mut meter, begun + Duration::from_secs(60)), 5);
    }

    #[test]
    fn a_flood_from_one_place_leaves_the_others_their_allowance() {
        let (mut meters, now) = (PlaceMeters::default(), Instant::now());
        let one = IpAddr::from([192, 0, 2, 1]);
        assert_eq!(
            (0..1_000).filter(|_| meters.admit(now, one, PACE)).count(),
            5
        );
        // One in four thousand shares the meter of the flood.
        let others = (0..100_u8).map(|last| IpAddr::from([198, 51, 100, last]));
        assert!(others.filter(|ip| meters.admit(now, *ip, PACE)).count() > 90);
    }
}
