//! Bytes over the last half second, in buckets.

const BUCKET_US: u64 = 50_000;
const BUCKETS: usize = 10;

#[derive(Clone, Copy, Default)]
pub(super) struct Meter {
    buckets: [u32; BUCKETS],
    /// The bucket being filled, counted since the epoch.
    newest: u64,
    first_us: Option<u64>,
}

impl Meter {
    pub(super) fn add(&mut self, at_us: u64, bytes: usize) {
        // Most packets fall into the bucket being filled.
        if at_us.wrapping_sub(self.newest * BUCKET_US) < BUCKET_US && self.first_us.is_some() {
            self.buckets[(self.newest % BUCKETS as u64) as usize] += bytes as u32;
            return;
        }
        self.first_us.get_or_insert(at_us);
        self.turn(at_us);
        let bucket = at_us / BUCKET_US;
        if bucket + BUCKETS as u64 > self.newest {
            self.buckets[(bucket % BUCKETS as u64) as usize] += bytes as u32;
        }
    }

    /// Bits per second; `None` before there is a fifth of a second to judge by.
    pub(super) fn bps(&mut self, now_us: u64) -> Option<u64> {
        let since = now_us.checked_sub(self.first_us?)?;
        if since < 200_000 {
            return None;
        }
        self.turn(now_us);
        let bytes: u64 = self.buckets.iter().map(|bytes| u64::from(*bytes)).sum();
        // The newest bucket is only partly full.
        let window = (BUCKETS as u64 - 1) * BUCKET_US + now_us % BUCKET_US;
        Some(bytes * 8_000_000 / window.min(since).max(1))
    }

    fn turn(&mut self, at_us: u64) {
        let bucket = at_us / BUCKET_US;
        if bucket <= self.newest {
            return;
        }
        let steps = (bucket - self.newest).min(BUCKETS as u64);
        for step in 0..steps {
            self.buckets[((bucket - step) % BUCKETS as u64) as usize] = 0;
        }
        self.newest = bucket;
    }
}
