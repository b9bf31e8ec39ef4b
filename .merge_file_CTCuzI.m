//! One binary for every feature test.

mod architecture;
mod client;
mod conference;
mod gateway;
mod identity;
mod incident;
mod platform;
mod region;
mod registry;
mod situation;
mod world;
