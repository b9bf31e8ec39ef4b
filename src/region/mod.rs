//! Where something is in the administrative tree: divisions by code and date, their boundaries.

mod code;

pub use code::{DivisionCode, Level, NotACode};
