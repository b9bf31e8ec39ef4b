//! Venues and meetings through the real router and a real database.

mod calls;
pub mod city;
mod links;
mod meetings;
mod statements;
mod venues;
mod whip;
