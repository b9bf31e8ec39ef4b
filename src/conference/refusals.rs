//! Every way a meeting says no, as facts.

use super::microphone::ClosedBy;
use crate::platform::id::VenueId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    Ended,
    NotStarted,
    NotOnRoster(VenueId),
    NoTerminal(VenueId),
    CannotSpeak(VenueId),
    IsMainVenue(VenueId),
    RosterFull { most: usize },
    /// The venue wants to open what control or the meeting's policy has closed.
    MicClosed { venue: VenueId, by: ClosedBy },
    /// Control may not open this microphone; the venue does it itself.
    ConsentNeeded(VenueId),
}
