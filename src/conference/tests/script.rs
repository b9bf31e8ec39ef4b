//! The city of the golden vectors, and the one place where tests touch the meeting core.

use crate::conference::meeting::{By, Command, Event, Meeting};
use crate::conference::model::VenueKind;
use crate::conference::view::Picture;
use crate::identity::VenueId;
use crate::platform::clock::Millis;

/// A main, A2 standby main, G city branch, B C D counties, P telephone, L listener, K camera.
const NAMES: [&str; 9] = ["A", "A2", "G", "B", "C", "D", "P", "L", "K"];

pub fn v(name: &str) -> VenueId {
    let place = NAMES.iter().position(|known| *known == name).unwrap_or(99);
    VenueId::parse(&format!("00000000-0000-7000-8000-{place:012}")).expect("a well-formed id")
}

pub fn name(venue: &VenueId) -> &'static str {
    NAMES
        .iter()
        .copied()
        .find(|known| v(known) == *venue)
        .unwrap_or("?")
}

pub fn names<'a>(venues: impl IntoIterator<Item = &'a VenueId>) -> String {
    venues.into_iter().map(name).collect::<Vec<_>>().join(",")
}

/// Planned, 入会闭麦 on, the phone of P and the terminal of D have not agreed to be opened by control.
pub fn city() -> Meeting {
    let mut meeting = Meeting::planned(v("A"), VenueKind::Av, true, true, false);
    for other in &NAMES[1..] {
        let kind = match *other {
            "P" => VenueKind::AudioOnly,
            "L" => VenueKind::ListenOnly,
            "K" => VenueKind::Source,
            _ => VenueKind::Av,
        };
        let remote_open_ok = !matches!(*other, "P" | "D");
        play(
            &mut meeting,
            0,
            Command::Invite {
                venue: v(other),
                kind,
                remote_open_ok,
            },
        );
    }
    meeting.standby_main = Some(v("A2"));
    meeting
}

/// The city after everybody but K's operator did what they should.
pub fn city_in_session() -> Meeting {
    let mut meeting = city();
    play(&mut meeting, 0, Command::Start);
    for joining in NAMES {
        play(&mut meeting, 1, Command::Join { venue: v(joining) });
    }
    meeting
}

/// Decides and applies; a line of what came of it.
pub fn play(meeting: &mut Meeting, at: i64, command: Command) -> String {
    match meeting.decide(Millis(at), command) {
        Err(refusal) => format!("{at} refused: {refusal:?}"),
        Ok(events) if events.is_empty() => format!("{at} nothing"),
        Ok(events) => {
            events.iter().for_each(|event| meeting.apply(event));
            format!(
                "{at} {}",
                events.iter().map(said).collect::<Vec<_>>().join("; ")
            )
        }
    }
}

pub fn check(meeting: &mut Meeting, script: &[(i64, Command)], expected: &[&str]) {
    let lines: Vec<String> = script
        .iter()
        .map(|(at, command)| readable(&play(meeting, *at, command.clone())))
        .collect();
    assert_eq!(lines, expected);
}

pub fn close(venue: &str) -> Command {
    Command::CloseMic {
        venue: v(venue),
        by: By::Control,
    }
}

pub fn open(venue: &str) -> Command {
    Command::OpenMic {
        venue: v(venue),
        by: By::Control,
    }
}

pub fn close_own(venue: &str) -> Command {
    Command::CloseMic {
        venue: v(venue),
        by: By::Own,
    }
}

pub fn open_own(venue: &str) -> Command {
    Command::OpenMic {
        venue: v(venue),
        by: By::Own,
    }
}

pub fn seen(picture: &Picture) -> String {
    match picture {
        Picture::Nothing => "nothing".into(),
        Picture::Venue(venue) => name(venue).into(),
        Picture::Layout(venues) => format!("auto({})", names(venues)),
    }
}

fn said(event: &Event) -> String {
    match event {
        Event::Started => "Started".into(),
        Event::Ended => "Ended".into(),
        Event::VenueInvited { venue, .. } => format!("VenueInvited {}", name(venue)),
        Event::VenueCalled { venue, .. } => format!("VenueCalled {}", name(venue)),
        Event::VenueRang { venue, .. } => format!("VenueRang {}", name(venue)),
        Event::VenueJoined { venue, .. } => format!("VenueJoined {}", name(venue)),
        Event::VenueLost { venue, .. } => format!("VenueLost {}", name(venue)),
        Event::VenueRedialled { venue, attempt } => {
            format!("VenueRedialled {} {attempt}", name(venue))
        }
        Event::VenueLeft { venue } => format!("VenueLeft {}", name(venue)),
        Event::VenueWentElsewhere { venue, .. } => format!("VenueWentElsewhere {}", name(venue)),
        Event::VenueHungUp { venue } => format!("VenueHungUp {}", name(venue)),
        Event::VenueRemoved { venue } => format!("VenueRemoved {}", name(venue)),
        Event::VenueFailed { venue, reason } => format!("VenueFailed {} {reason:?}", name(venue)),
        Event::MicClosed { venue, by } => format!("MicClosed {} {by:?}", name(venue)),
        Event::MicOpened { venue, by } => format!("MicOpened {} {by:?}", name(venue)),
        Event::SpeakerClosed { venue } => format!("SpeakerClosed {}", name(venue)),
        Event::SpeakerOpened { venue } => format!("SpeakerOpened {}", name(venue)),
    }
}

/// Ids inside refusals read as letters.
fn readable(line: &str) -> String {
    NAMES.iter().fold(line.to_owned(), |text, known| {
        text.replace(&format!("{:?}", v(known)), known)
    })
}
