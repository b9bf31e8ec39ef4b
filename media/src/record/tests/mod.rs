//! Recording, from packets to files and back.

mod cuts;
mod disk;
mod gaps;
mod hour;
mod players;
mod publisher;
mod segments;
mod words;
