//! The steps of every use case: load, decide, save with its journal entries, commit.

pub mod calls;
pub mod conferences;
pub mod consultation;
pub mod entries;
pub mod links;
pub mod media;
pub mod permits;
pub mod tokens;
pub mod venues;
