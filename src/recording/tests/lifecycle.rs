//! Starting and stopping.

use crate::conference::Phase;
use crate::recording::lifecycle::{Command, Event, Refused, decide};
use crate::recording::model::EndedWhy;

const ASKED: Command = Command::Stop(EndedWhy::Asked);

#[test]
fn only_a_running_conference_is_recorded() {
    assert_eq!(
        decide(Phase::Running, false, Command::Start),
        Ok(Some(Event::Started))
    );
    for phase in [Phase::Planned, Phase::Ended] {
        assert_eq!(
            decide(phase, false, Command::Start),
            Err(Refused::NotRunning)
        );
    }
}

#[test]
fn doing_it_twice_is_harmless() {
    assert_eq!(decide(Phase::Running, true, Command::Start), Ok(None));
    assert_eq!(decide(Phase::Running, false, ASKED), Ok(None));
}

#[test]
fn a_recording_can_be_stopped_whatever_the_conference_does() {
    for phase in [Phase::Planned, Phase::Running, Phase::Ended] {
        let stopped = Ok(Some(Event::Stopped(EndedWhy::Asked)));
        assert_eq!(decide(phase, true, ASKED), stopped);
    }
}
