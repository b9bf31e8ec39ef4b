//! What is on the map now, and who sees which part of it.
//!
//! `board` keeps named features (incidents, regions, assets): each viewer is told what appeared in, changed in or
//! left its view. `feed` lets many sockets follow the board. There is no queue per viewer: the board is the queue,
//! so a slow one gets fewer and newer frames, never a backlog. `units` are positions that change many times a second.

mod board;
mod feature;
mod feed;
pub mod units;

pub use board::{Board, Delta, View, Viewer};
pub use feature::{Feature, Placed};
pub use feed::{Frame, MapFeed, Subscription};
