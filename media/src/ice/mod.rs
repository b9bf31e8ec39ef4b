//! ICE-lite: answers connectivity checks, learns addresses from authenticated ones only.

pub mod lite;
pub mod stun;

pub use lite::{Checked, Lite};

#[cfg(test)]
mod tests;
