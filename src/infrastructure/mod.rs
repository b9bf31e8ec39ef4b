//! The infrastructure registry: what stands where, whom to call, what it can do.

mod atlas;
mod imports;
mod kind;
mod model;
mod placed;
mod refusal;
mod routes;
mod service;
mod store;
mod wire;

pub use atlas::Atlas;
pub use kind::{KINDS, Kind};
pub use model::{Asset, AssetId, shape};
pub use placed::{Placed, placed};
pub use routes::routes;
pub use service::{Question, nearest, suitable_kinds, within};
pub use store::STATEMENTS;
pub use wire::{AssetSeen, Found, Near};
