//! One binary for every feature test.

mod architecture;
mod client;
mod gateway;
mod identity;
mod incident;
mod platform;
mod region;
mod registry;
mod situation;
mod world;
