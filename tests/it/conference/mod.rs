//! Venues and meetings through the real router and a real database.

pub mod city;
mod meetings;
mod statements;
mod venues;
mod whip;
