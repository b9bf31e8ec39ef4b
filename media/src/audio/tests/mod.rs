//! Voices in virtual time: who gets in, who stays, who speaks, what a listener receives.

mod group;
mod properties;
mod set;
mod speaker;
