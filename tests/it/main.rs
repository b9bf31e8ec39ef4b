//! One binary for every feature test.

mod platform;
mod world;
