//! One binary for every feature test.

mod architecture;
mod audit;
mod client;
mod conference;
mod consultation;
mod contract;
mod crash;
mod gateway;
mod identity;
mod incident;
mod platform;
mod policy;
mod races;
mod recording;
mod region;
mod registry;
mod situation;
mod world;
