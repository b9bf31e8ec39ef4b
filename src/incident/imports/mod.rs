//! Call records from files: read with declared assumptions, imported once, taken back whole.

pub mod area;
pub mod encoding;
pub mod plan;
pub mod reading;
pub mod wall_clock;
pub mod words;
