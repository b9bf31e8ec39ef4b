//! The pure cores of the conference, one file per rule room.

mod heard;
mod incoming;
mod invitation;
mod loudest;
mod meeting;
mod microphone;
mod properties;
mod routing;
mod script;
mod view;
