//! Incidents: what happened, who told us, how bad it is and what has become of it.
//!
//! One record carries both work-flows: the seconds of call taking and the hours of the duty office. Rules are the
//! pure files `lifecycle`, `duplicate`, `proposal`, `level`, `figures`, `category`.

pub mod category;
pub mod duplicate;
pub mod figures;
pub mod imports;
pub mod level;
pub mod lifecycle;
pub mod model;
pub mod proposal;

#[cfg(test)]
mod tests;
