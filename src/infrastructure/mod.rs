//! The infrastructure registry: what stands where, whom to call, what it can do.

mod atlas;
mod imports;
mod kind;
mod model;
mod refusal;
mod routes;
mod service;
mod store;
mod wire;

pub use atlas::Atlas;
pub use kind::{KINDS, Kind};
pub use model::{Asset, AssetId, shape};
pub use routes::routes;
pub use service::{Question, nearest, placed, suitable_kinds, within};
pub use store::{Placed, STATEMENTS};
pub use wire::{AssetSeen, Found, Near};
