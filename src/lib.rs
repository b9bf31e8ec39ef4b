//! Fenghuotai 烽火台: emergency command and video-conference coordination.

pub mod app;
pub mod audit;
pub mod conference;
pub mod consultation;
pub mod demo;
pub mod expert;
pub mod gateway;
pub mod identity;
pub mod incident;
pub mod infrastructure;
pub mod platform;
pub mod recording;
pub mod region;
pub mod situation;
