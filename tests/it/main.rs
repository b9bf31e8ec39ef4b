//! One binary for every feature test.

mod client;
mod identity;
mod platform;
mod world;
