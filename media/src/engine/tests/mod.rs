//! What an engine does with checks, handshakes and media as time passes, in one engine and in two.

mod floods;
mod paths;
mod world;

use world::{Client, World, address};
