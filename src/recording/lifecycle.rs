//! Whether a conference may be recorded now, and what starting and stopping change.

use super::model::EndedWhy;
use crate::conference::Phase;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    Start,
    Stop(EndedWhy),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Started,
    Stopped(EndedWhy),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Nothing can be recorded before the conference has begun or after it has ended.
    NotRunning,
}

/// `running` says whether this conference is being recorded. Doing a thing twice is harmless.
pub fn decide(phase: Phase, running: bool, command: Command) -> Result<Option<Event>, Refused> {
    match command {
        Command::Start if running => Ok(None),
        Command::Start if phase != Phase::Running => Err(Refused::NotRunning),
        Command::Start => Ok(Some(Event::Started)),
        Command::Stop(_) if !running => Ok(None),
        Command::Stop(why) => Ok(Some(Event::Stopped(why))),
    }
}
