//! A meeting as the sum of its seats: takes a command and the time, answers with events or a refusal.

use std::collections::BTreeMap;

use super::model::VenueKind;
use super::refusals::Refused;
use super::{microphone, roster};
use crate::identity::VenueId;
use crate::platform::clock::Millis;

/// Seats on one roster. The largest meeting known in the trade has about 900 venues.
pub const SEATS_MAX: usize = 2_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    pub phase: Phase,
    /// Where the leaders sit and what branches watch by default. A run-time role, not a machine; always on the roster.
    pub active_main: VenueId,
    pub standby_main: Option<VenueId>,
    /// A venue may lift a closure that the meeting's policy (not control) put on its microphone.
    pub self_open_ok: bool,
    /// 入会闭麦: everybody but the active main venue starts with a closed microphone.
    pub closed_on_entry: bool,
    pub seats: BTreeMap<VenueId, Seat>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Planned,
    Running,
    Ended,
}

/// One row of the roster. It outlives every connection of its venue, which is why roles and the microphone live here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    pub kind: VenueKind,
    /// The unit agreed at registration that control may open this microphone.
    pub remote_open_ok: bool,
    /// Position in trees, grids and roll calls; unique within a meeting.
    pub position: i64,
    pub connection: roster::Connection,
    pub microphone: microphone::Microphone,
    pub speaker_closed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Operator or main venue.
    Control,
    /// The venue itself.
    Own,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Opens the meeting and calls every venue that was not called yet.
    Start,
    Invite {
        venue: VenueId,
        kind: VenueKind,
        remote_open_ok: bool,
    },
    Call {
        venue: VenueId,
    },
    /// The terminal has received the call and is ringing.
    Ring {
        venue: VenueId,
    },
    Answer {
        venue: VenueId,
    },
    Decline {
        venue: VenueId,
    },
    Join {
        venue: VenueId,
    },
    /// The client comes back by itself after a break: nobody has decided anything.
    Rejoin {
        venue: VenueId,
    },
    /// The venue has taken its seat in another meeting.
    GoElsewhere {
        venue: VenueId,
    },
    /// The connection broke; nobody asked for it.
    Lose {
        venue: VenueId,
    },
    /// The venue goes on purpose.
    Leave {
        venue: VenueId,
    },
    /// 挂断: the seat stays.
    HangUp {
        venue: VenueId,
    },
    /// 删除: the seat goes.
    Remove {
        venue: VenueId,
    },
    CloseMic {
        venue: VenueId,
        by: By,
    },
    OpenMic {
        venue: VenueId,
        by: By,
    },
    /// 全体闭麦: all but the active main venue.
    CloseAllMics,
    CloseSpeaker {
        venue: VenueId,
    },
    OpenSpeaker {
        venue: VenueId,
    },
    End,
    Tick,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Started,
    VenueInvited {
        venue: VenueId,
        kind: VenueKind,
        remote_open_ok: bool,
        position: i64,
        microphone: microphone::Microphone,
    },
    VenueCalled {
        venue: VenueId,
        at: Millis,
    },
    VenueRang {
        venue: VenueId,
        at: Millis,
    },
    VenueJoined {
        venue: VenueId,
        at: Millis,
    },
    VenueLost {
        venue: VenueId,
        at: Millis,
    },
    VenueRedialled {
        venue: VenueId,
        attempt: u8,
    },
    VenueLeft {
        venue: VenueId,
    },
    VenueWentElsewhere {
        venue: VenueId,
        at: Millis,
    },
    VenueHungUp {
        venue: VenueId,
    },
    VenueRemoved {
        venue: VenueId,
    },
    VenueFailed {
        venue: VenueId,
        reason: roster::Reason,
    },
    MicClosed {
        venue: VenueId,
        by: microphone::ClosedBy,
    },
    MicOpened {
        venue: VenueId,
        by: By,
    },
    SpeakerClosed {
        venue: VenueId,
    },
    SpeakerOpened {
        venue: VenueId,
    },
    Ended,
}

impl Meeting {
    /// An empty meeting whose only seat is its active main venue.
    pub fn planned(
        active_main: VenueId,
        kind: VenueKind,
        remote_open_ok: bool,
        closed_on_entry: bool,
        self_open_ok: bool,
    ) -> Self {
        let main = Seat {
            kind,
            remote_open_ok,
            position: 1,
            connection: roster::Connection::NotCalled,
            microphone: microphone::Microphone::Open,
            speaker_closed: false,
        };
        Self {
            phase: Phase::Planned,
            active_main: active_main.clone(),
            standby_main: None,
            self_open_ok,
            closed_on_entry,
            seats: BTreeMap::from([(active_main, main)]),
        }
    }

    /// May say no; changes nothing.
    pub fn decide(&self, now: Millis, command: Command) -> Result<Vec<Event>, Refused> {
        if self.phase == Phase::Ended {
            return match command {
                Command::End
                | Command::Tick
                | Command::Lose { .. }
                | Command::Leave { .. }
                | Command::GoElsewhere { .. } => Ok(Vec::new()),
                _ => Err(Refused::Ended),
            };
        }
        match command {
            Command::Start => Ok(self.start(now)),
            Command::End => Ok(vec![Event::Ended]),
            Command::Tick => Ok(roster::overdue(&self.seats, now)),
            Command::Invite {
                venue,
                kind,
                remote_open_ok,
            } => self.invite(venue, kind, remote_open_ok),
            Command::Remove { venue } => self.remove(venue),
            Command::CloseAllMics => Ok(microphone::close_all(self)),
            Command::CloseMic { venue, by } => microphone::close(self.seat(&venue)?, venue, by),
            Command::OpenMic { venue, by } => {
                microphone::open(self.seat(&venue)?, venue, by, self.self_open_ok)
            }
            Command::CloseSpeaker { venue } => Ok(if self.seat(&venue)?.speaker_closed {
                vec![]
            } else {
                vec![Event::SpeakerClosed { venue }]
            }),
            Command::OpenSpeaker { venue } => Ok(if self.seat(&venue)?.speaker_closed {
                vec![Event::SpeakerOpened { venue }]
            } else {
                vec![]
            }),
            Command::Call { venue } => roster::call(self.phase, self.seat(&venue)?, venue, now),
            Command::Ring { venue } => Ok(roster::ring(self.seat(&venue)?, venue, now)),
            Command::Answer { venue } | Command::Join { venue } => {
                roster::join(self.seat(&venue)?, venue, now)
            }
            Command::Rejoin { venue } => roster::rejoin(self.seat(&venue)?, venue, now),
            Command::GoElsewhere { venue } => {
                Ok(roster::go_elsewhere(self.seat(&venue)?, venue, now))
            }
            Command::Decline { venue } => Ok(roster::decline(self.seat(&venue)?, venue)),
            Command::Lose { venue } => Ok(roster::lose(self.seat(&venue)?, venue, now)),
            Command::Leave { venue } => Ok(roster::leave(self.seat(&venue)?, venue)),
            Command::HangUp { venue } => Ok(roster::hang_up(self.seat(&venue)?, venue)),
        }
    }

    /// Makes an event true; cannot fail, decides nothing.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Started => self.phase = Phase::Running,
            Event::Ended => {
                self.phase = Phase::Ended;
                for seat in self.seats.values_mut() {
                    seat.connection = seat.connection.at_end();
                }
            }
            Event::VenueInvited {
                venue,
                kind,
                remote_open_ok,
                position,
                microphone,
            } => {
                let seat = Seat {
                    kind: *kind,
                    remote_open_ok: *remote_open_ok,
                    position: *position,
                    connection: roster::Connection::NotCalled,
                    microphone: *microphone,
                    speaker_closed: false,
                };
                self.seats.insert(venue.clone(), seat);
            }
            Event::VenueRemoved { venue } => {
                self.seats.remove(venue);
                if self.standby_main.as_ref() == Some(venue) {
                    self.standby_main = None;
                }
            }
            Event::MicClosed { venue, by } => self.change(venue, |seat| {
                seat.microphone = microphone::Microphone::Closed(*by)
            }),
            Event::MicOpened { venue, .. } => {
                self.change(venue, |seat| seat.microphone = microphone::Microphone::Open)
            }
            Event::SpeakerClosed { venue } => self.change(venue, |seat| seat.speaker_closed = true),
            Event::SpeakerOpened { venue } => {
                self.change(venue, |seat| seat.speaker_closed = false)
            }
            Event::VenueCalled { venue, .. }
            | Event::VenueRang { venue, .. }
            | Event::VenueJoined { venue, .. }
            | Event::VenueLost { venue, .. }
            | Event::VenueRedialled { venue, .. }
            | Event::VenueLeft { venue }
            | Event::VenueWentElsewhere { venue, .. }
            | Event::VenueHungUp { venue }
            | Event::VenueFailed { venue, .. } => {
                self.change(venue, |seat| seat.connection = seat.connection.after(event))
            }
        }
    }

    /// When to call back with `Command::Tick`.
    pub fn next_deadline(&self) -> Option<Millis> {
        if self.phase == Phase::Ended {
            return None;
        }
        self.seats
            .values()
            .filter_map(|seat| seat.connection.deadline())
            .min()
    }

    /// Everybody worth calling when all are called: not in, not hung up by control, not in another meeting.
    pub fn callable(&self) -> Vec<VenueId> {
        let idle = |seat: &Seat| {
            !seat.connection.is_live()
                && !matches!(
                    seat.connection,
                    roster::Connection::HungUp | roster::Connection::Elsewhere { .. }
                )
        };
        let seats = self
            .in_order()
            .into_iter()
            .filter(|(_, seat)| seat.kind.has_terminal() && idle(seat));
        seats.map(|(venue, _)| venue.clone()).collect()
    }

    pub fn is_joined(&self, venue: &VenueId) -> bool {
        self.seats
            .get(venue)
            .is_some_and(|seat| seat.connection.is_joined())
    }

    /// `main`, `standby` or `branch`.
    pub fn role(&self, venue: &VenueId) -> &'static str {
        if *venue == self.active_main {
            "main"
        } else if self.standby_main.as_ref() == Some(venue) {
            "standby"
        } else {
            "branch"
        }
    }

    /// Whether this venue's picture is what everybody else sees.
    pub fn on_air(&self, venue: &VenueId) -> bool {
        self.phase == Phase::Running && *venue == self.active_main && self.is_joined(venue)
    }

    /// Seats in the order of the roster.
    pub fn in_order(&self) -> Vec<(&VenueId, &Seat)> {
        let mut seats: Vec<_> = self.seats.iter().collect();
        seats.sort_by_key(|(_, seat)| seat.position);
        seats
    }

    pub fn seat(&self, venue: &VenueId) -> Result<&Seat, Refused> {
        self.seats
            .get(venue)
            .ok_or_else(|| Refused::NotOnRoster(venue.clone()))
    }

    fn start(&self, now: Millis) -> Vec<Event> {
        let opening = (self.phase == Phase::Planned).then_some(Event::Started);
        let calls = self.in_order().into_iter().filter(|(_, seat)| {
            self.phase == Phase::Planned
                && seat.kind.has_terminal()
                && seat.connection == roster::Connection::NotCalled
        });
        opening
            .into_iter()
            .chain(calls.map(|(venue, _)| Event::VenueCalled {
                venue: venue.clone(),
                at: now,
            }))
            .collect()
    }

    fn invite(
        &self,
        venue: VenueId,
        kind: VenueKind,
        remote_open_ok: bool,
    ) -> Result<Vec<Event>, Refused> {
        if self.seats.contains_key(&venue) {
            return Ok(Vec::new());
        }
        if self.seats.len() >= SEATS_MAX {
            return Err(Refused::RosterFull { most: SEATS_MAX });
        }
        let position = self
            .seats
            .values()
            .map(|seat| seat.position)
            .max()
            .unwrap_or(0)
            + 1;
        let microphone = microphone::at_entry(kind, self.closed_on_entry);
        Ok(vec![Event::VenueInvited {
            venue,
            kind,
            remote_open_ok,
            position,
            microphone,
        }])
    }

    fn remove(&self, venue: VenueId) -> Result<Vec<Event>, Refused> {
        if venue == self.active_main {
            return Err(Refused::IsMainVenue(venue));
        }
        Ok(if self.seats.contains_key(&venue) {
            vec![Event::VenueRemoved { venue }]
        } else {
            vec![]
        })
    }

    fn change(&mut self, venue: &VenueId, with: impl FnOnce(&mut Seat)) {
        if let Some(seat) = self.seats.get_mut(venue) {
            with(seat);
        }
    }
}
