//! The five properties of a core, over random scripts whose time steps come from the meeting's own deadlines ± 1.

use super::script::{city, v};
use crate::conference::heard::heard;
use crate::conference::meeting::{By, Command, Event, Meeting, Phase};
use crate::conference::model::VenueKind;
use crate::conference::view::view;
use crate::platform::clock::Millis;

const SCRIPTS: u64 = 400;
const STEPS: usize = 60;
const VENUES: [&str; 9] = ["A", "A2", "G", "B", "C", "D", "P", "L", "K"];

/// Seeded and small: a failing script is named by its number.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn by(&mut self) -> By {
        if self.below(2) == 0 {
            By::Control
        } else {
            By::Own
        }
    }

    fn command(&mut self) -> Command {
        let venue = v(VENUES[self.below(9) as usize]);
        match self.below(40) {
            0..=4 => Command::Tick,
            5..=6 => Command::Start,
            7..=9 => Command::Call { venue },
            10..=11 => Command::Ring { venue },
            12..=13 => Command::Answer { venue },
            14 => Command::Decline { venue },
            15..=17 => Command::Join { venue },
            18 => Command::Rejoin { venue },
            19..=21 => Command::Lose { venue },
            22..=23 => Command::Leave { venue },
            24 => Command::HangUp { venue },
            25 => Command::GoElsewhere { venue },
            26 => Command::Remove { venue },
            27 => Command::Invite {
                venue,
                kind: VenueKind::Av,
                remote_open_ok: true,
            },
            28..=31 => Command::CloseMic {
                venue,
                by: self.by(),
            },
            32..=35 => Command::OpenMic {
                venue,
                by: self.by(),
            },
            36 => Command::CloseAllMics,
            37 => Command::CloseSpeaker { venue },
            38 => Command::OpenSpeaker { venue },
            _ => {
                if self.below(20) == 0 {
                    Command::End
                } else {
                    Command::Tick
                }
            }
        }
    }

    fn later(&mut self, now: i64, meeting: &Meeting) -> i64 {
        match (self.below(3), meeting.next_deadline()) {
            (0, Some(deadline)) => now.max(deadline.0 - 1 + self.below(3) as i64),
            (1, Some(deadline)) => now.max(deadline.0),
            _ => now + self.below(5_000) as i64,
        }
    }
}

/// Runs one random script; `look` sees every step before its events are applied.
fn run(
    script: u64,
    mut look: impl FnMut(&Meeting, Millis, &Command, Option<&[Event]>),
) -> (Meeting, Vec<Event>) {
    let mut chance = Chance(script * 2 + 1);
    let mut meeting = city();
    let (mut now, mut log) = (0, Vec::new());
    for _ in 0..STEPS {
        now = chance.later(now, &meeting);
        let command = chance.command();
        let events = meeting.decide(Millis(now), command.clone()).ok();
        look(&meeting, Millis(now), &command, events.as_deref());
        for event in events.unwrap_or_default() {
            meeting.apply(&event);
            log.push(event);
        }
    }
    (meeting, log)
}

#[test]
fn invariants_hold_after_any_script() {
    for script in 0..SCRIPTS {
        run(script, |meeting, _, _, _| {
            assert!(
                meeting.seats.contains_key(&meeting.active_main),
                "script {script}"
            );
            for receiver in meeting.seats.keys() {
                let picture = view(meeting, receiver);
                assert!(
                    !picture.venues().contains(receiver),
                    "script {script}: nobody sees itself"
                );
                assert!(
                    picture
                        .venues()
                        .iter()
                        .all(|shown| meeting.is_joined(shown)),
                    "script {script}: only joined are shown"
                );
            }
            let all: Vec<_> = meeting.seats.keys().cloned().collect();
            for speaker in meeting
                .seats
                .keys()
                .filter(|venue| !meeting.seats[*venue].microphone.is_open())
            {
                assert!(
                    all.iter()
                        .all(|receiver| !heard(meeting, speaker, receiver, &all)),
                    "script {script}: closed is silent"
                );
            }
            if meeting.phase == Phase::Ended {
                assert!(
                    meeting
                        .seats
                        .values()
                        .all(|seat| !seat.connection.is_live()),
                    "script {script}"
                );
            }
        });
    }
}

#[test]
fn replaying_the_events_gives_the_live_state() {
    for script in 0..SCRIPTS {
        let (live, log) = run(script, |_, _, _, _| {});
        let mut replayed = city();
        log.iter().for_each(|event| replayed.apply(event));
        assert_eq!(replayed, live, "script {script}");
    }
}

#[test]
fn a_refusal_changes_nothing_and_only_microphone_commands_touch_a_microphone() {
    for script in 0..SCRIPTS {
        run(script, |meeting, now, command, events| {
            let before = meeting.clone();
            let again = meeting.decide(now, command.clone()).ok();
            assert_eq!(*meeting, before, "script {script}: deciding is looking");
            assert_eq!(
                again.as_deref(),
                events,
                "script {script}: the same question has the same answer"
            );
            let about_mics = matches!(
                command,
                Command::CloseMic { .. } | Command::OpenMic { .. } | Command::CloseAllMics
            );
            let mic_events = events
                .unwrap_or_default()
                .iter()
                .any(|e| matches!(e, Event::MicClosed { .. } | Event::MicOpened { .. }));
            assert!(
                about_mics || !mic_events,
                "script {script}: {command:?} touched a microphone"
            );
        });
    }
}

#[test]
fn a_tick_at_a_deadline_moves_the_deadline_on() {
    for script in 0..SCRIPTS {
        run(script, |meeting, _, _, _| {
            let Some(deadline) = meeting.next_deadline() else {
                return;
            };
            let mut ticked = meeting.clone();
            let events = ticked
                .decide(deadline, Command::Tick)
                .expect("a tick is never refused");
            assert!(
                !events.is_empty(),
                "script {script}: a deadline is for something"
            );
            events.iter().for_each(|event| ticked.apply(event));
            assert!(
                ticked.next_deadline().is_none_or(|next| next > deadline),
                "script {script}"
            );
            let early = meeting.decide(Millis(deadline.0 - 1), Command::Tick);
            assert_eq!(early, Ok(vec![]), "script {script}: nothing happens early");
        });
    }
}

#[test]
fn a_repeated_command_is_harmless() {
    for script in 0..SCRIPTS {
        run(script, |meeting, now, command, events| {
            let mut after = meeting.clone();
            events
                .unwrap_or_default()
                .iter()
                .for_each(|event| after.apply(event));
            let repeated = after.decide(now, command.clone());
            assert!(
                repeated.is_err() || repeated == Ok(vec![]),
                "script {script}: {command:?} twice gave {repeated:?}"
            );
        });
    }
}
