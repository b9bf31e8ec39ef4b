//! The live map: places, spatial questions, live features and units, tiles. Knows no incident, venue or person.
//!
//! `geom` and `datum` say what a place is, `repair` makes foreign polygons usable, `query` answers spatial
//! questions over `index`, `live` says what is on the map now and tells viewers.

pub mod datum;
pub mod geom;
pub mod index;
pub mod live;
pub mod query;
pub mod repair;
pub mod style;
pub mod tiles;

#[cfg(test)]
mod testing;
