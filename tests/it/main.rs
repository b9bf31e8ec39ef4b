//! One binary for every feature test.

mod client;
mod identity;
mod incident;
mod platform;
mod world;
