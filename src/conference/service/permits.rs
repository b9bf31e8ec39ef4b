//! Who may act in a conference, and in whose name: the venue's own or control's.

use crate::conference::meeting::By;
use crate::conference::model::Conference;
use crate::conference::refusals::{not_your_venue, seated_elsewhere};
use crate::identity::{Action, Actor, VenueId, policy};
use crate::platform::{Failure, Refusal};

/// May run this conference as a whole.
pub fn control(who: &Actor, conference: &Conference) -> Result<(), Refusal> {
    policy::may(who, Action::RunConference, &conference.division).map_err(Into::into)
}

/// May see this conference: in his reach, or his venue is on the roster.
pub fn look(who: &Actor, conference: &Conference) -> Result<(), Refusal> {
    let invited = who
        .venue_id
        .as_ref()
        .is_some_and(|venue| conference.meeting.seats.contains_key(venue));
    if invited {
        Ok(())
    } else {
        policy::may(who, Action::ReadConferences, &conference.division).map_err(Into::into)
    }
}

/// In whose name `who` acts for `venue`: its own terminal acts as itself; control, and the active main venue's
/// terminal, act as control; whoever runs conferences where the venue stands may sit down in front of it.
pub fn act_for(who: &Actor, conference: &Conference, venue: &VenueId) -> Result<By, Refusal> {
    if who.venue_id.as_ref() == Some(venue) {
        return Ok(By::Own);
    }
    if control(who, conference).is_ok()
        || who.venue_id.as_ref() == Some(&conference.meeting.active_main)
    {
        return Ok(By::Control);
    }
    let stands_in = conference.venues.get(venue).map(|row| &row.division);
    let hosts =
        stands_in.is_some_and(|division| policy::may(who, Action::RunConference, division).is_ok());
    if hosts {
        Ok(By::Own)
    } else {
        Err(not_your_venue(venue))
    }
}

/// May take `venue` out of a meeting it sits in: its own terminal, and whoever runs conferences where it stands.
/// Running the meeting that wants it is not enough.
pub fn move_from(who: &Actor, from: &Conference, venue: &VenueId) -> Result<(), Refusal> {
    let stands_in = from.venues.get(venue).map(|row| &row.division);
    let hosts =
        stands_in.is_some_and(|division| policy::may(who, Action::RunConference, division).is_ok());
    if who.venue_id.as_ref() == Some(venue) || hosts {
        Ok(())
    } else {
        Err(seated_elsewhere(venue))
    }
}

/// The venue a command is about: named, or the caller's own.
pub fn named_or_own(who: &Actor, venue: Option<VenueId>) -> Result<VenueId, Failure> {
    venue.or_else(|| who.venue_id.clone()).ok_or_else(|| {
        crate::conference::refusals::invalid(
            "venue_id",
            "请指明会场。",
            "Say which venue is meant.",
        )
        .into()
    })
}
