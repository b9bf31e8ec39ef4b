//! The steps of recording: control by people, the catalogue, what the media server reports.

pub mod catalogue;
pub mod control;
pub mod entries;
pub mod segments;
