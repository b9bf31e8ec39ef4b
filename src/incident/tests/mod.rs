//! Mirrors the files of the slice by name.

mod category;
mod duplicate;
mod figures;
mod level;
mod lifecycle;
mod proposal;
mod reading;
mod wall_clock;
