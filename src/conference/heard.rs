//! Whose sound reaches whom. The media server enforces the answer, whatever a client does.

use super::meeting::Meeting;
use crate::identity::VenueId;

/// Whether `speaker` may be heard in the meeting at all: joined, able to speak, microphone not closed.
/// The media server's gate on its sound follows this alone.
pub fn may_speak(meeting: &Meeting, speaker: &VenueId) -> bool {
    meeting.seats.get(speaker).is_some_and(|seat| {
        seat.connection.is_joined() && seat.kind.can_speak() && seat.microphone.is_open()
    })
}

/// Whether `receiver` hears `speaker`. `audio_set` holds the venues carried besides the active main one.
pub fn heard(
    meeting: &Meeting,
    speaker: &VenueId,
    receiver: &VenueId,
    audio_set: &[VenueId],
) -> bool {
    let listening = meeting.seats.get(receiver).is_some_and(|seat| {
        seat.connection.is_joined() && seat.kind.can_hear() && !seat.speaker_closed
    });
    let carried = *speaker == meeting.active_main || audio_set.contains(speaker);
    speaker != receiver && listening && carried && may_speak(meeting, speaker)
}

/// Everyone `receiver` hears, the active main venue first, then the audio set in its order.
pub fn heard_by(meeting: &Meeting, receiver: &VenueId, audio_set: &[VenueId]) -> Vec<VenueId> {
    let others = audio_set
        .iter()
        .filter(|venue| **venue != meeting.active_main);
    std::iter::once(&meeting.active_main)
        .chain(others)
        .filter(|speaker| heard(meeting, speaker, receiver, audio_set))
        .cloned()
        .collect()
}
