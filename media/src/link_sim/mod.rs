//! A router between publishers and receivers over simulated links, in virtual time and with seeded chance.

mod bottleneck;
mod chance;
mod downlink;
mod drills;
mod layers;
mod properties;
mod publisher;
mod receiver;
mod world;

use bottleneck::Bottleneck;
use chance::Chance;
use publisher::Publisher;
use receiver::Receiver;
use world::{Link, World};
