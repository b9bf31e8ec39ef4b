//! Moving units: newest position wins, encoded once per tick, permission class and cell, shared by all who look.
//!
//! `store` is the core: it is told of positions and views, and once per tick hands out a `Tick` whose sections any
//! number of sockets send as they are. `wire` is the coding and its JSON twin. `shard` writes ticks to sockets.

mod shard;
mod store;
mod wire;

pub use shard::{Shard, Written};
pub use store::{Fix, Interest, Tick, UNITS_MAX, Units};
pub use wire::{Malformed, Message, MessageKind, Unit, decode};

/// Who may see a unit; part of the key under which sections are shared, so keep them few.
pub type Class = u8;

#[cfg(test)]
mod tests;
