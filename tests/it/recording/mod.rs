//! Recordings through the real router, a real database and real media packets.

mod catalogue;
mod disk;
mod kills;
mod publisher;
mod statements;
