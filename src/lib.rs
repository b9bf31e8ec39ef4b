//! Fenghuotai 烽火台: emergency command and video-conference coordination.

pub mod app;
pub mod gateway;
pub mod identity;
pub mod incident;
pub mod platform;
pub mod region;
