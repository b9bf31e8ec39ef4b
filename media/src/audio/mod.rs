//! Which voices are carried: in a room of open microphones nobody can tell more than a handful apart.
//!
//! The owner names a group of sources, which of them are always carried, and who listens. The engine picks the loudest
//! others by the levels their packets declare (RFC 6464, nothing is decoded), puts them into the listeners' slots and
//! says who is speaking. `set` and `speaker` decide, `group` turns decisions into routes, `conductor` carries them out.

mod conductor;
mod group;
mod set;
mod speaker;
mod voice;

pub(crate) use conductor::Conductor;
pub use group::{GroupId, Member};
pub use set::SET_MAX;
pub use speaker::SpeakerTimes;

/// Level (dBov) from which a sound counts as speech: below it lie fans, paper and a quiet room.
pub(crate) const SPEECH_DBOV: i8 = -50;

#[cfg(test)]
mod tests;
