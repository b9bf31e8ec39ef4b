//! The cores of recording.

mod lifecycle;
mod range;
