//! Where something is in the administrative tree: divisions by code and date, and their boundaries.
//!
//! Codes follow GB/T 2260 and its extensions; a division exists from a day to a day, because they change
//! (公主岭市 moved from 四平 to 长春 in 2020 and got a new code). Lists and boundaries are imported whole or
//! not at all. The [`Atlas`] holds everything in memory and answers "which division is this point in".

mod atlas;
mod code;
mod link;
mod list;
mod model;
mod pinyin;
mod plan;
mod refusal;
mod report;
mod routes;
mod service;
mod store;
mod survey;
mod wire;

pub use atlas::{Atlas, Search, Sheet};
pub use code::{DivisionCode, Level, NotACode};
pub use link::{Datum, LonLat};
pub use model::{Division, DivisionKind};
pub use plan::Edition;
pub use report::{Outcome, Report};
pub use routes::routes;
pub use service::{follow, import_boundaries, import_divisions, load, today};
pub use store::STATEMENTS;
pub use survey::Declared;
