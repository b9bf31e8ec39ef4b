//! One binary for every feature test.

mod architecture;
mod client;
mod gateway;
mod identity;
mod platform;
mod registry;
mod world;
