//! Benchmarks of the live map: one JSON object per line and case on standard output.
//!
//! `cargo xtask bench maps` runs everything. Without cargo's `--bench`, as a test, each case runs for a moment.

mod live;
mod spatial;
mod usage;

use serde_json::Value;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    pub points: usize,
    pub areas: usize,
    pub queries: usize,
    pub clients: usize,
    pub units: usize,
    pub updates_per_s: usize,
    pub ticks: usize,
}

const FULL: Scale = Scale {
    points: 1_000_000,
    areas: 100_000,
    queries: 1_000,
    clients: 1_000,
    units: 5_000,
    updates_per_s: 5_000,
    ticks: 60,
};

const TINY: Scale = Scale {
    points: 5_000,
    areas: 500,
    queries: 20,
    clients: 10,
    units: 200,
    updates_per_s: 500,
    ticks: 5,
};

fn main() {
    let full = std::env::args().any(|word| word == "--bench");
    let scale = if full { FULL } else { TINY };
    spatial::run(scale, &say);
    live::run(scale, &say);
}

fn say(line: &Value) {
    println!("{line}");
}

/// A generator of numbers that are the same in every run (SplitMix64).
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 ≤ x < 1
    pub fn unit(&mut self) -> f64 {
        (self.draw() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + self.unit() * (high - low)
    }

    /// Mean 0, deviation 1.
    pub fn gauss(&mut self) -> f64 {
        (-2.0 * (1.0 - self.unit()).ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }
}
