//! One live conference: its state, its media connections, and the calls that make media follow the state.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::conference::heard::{heard_by, may_speak};
use crate::conference::link::{
    Link, PeerId, Priority, Reel, RouteSpec, SlotId, SourceId, TrackKind,
};
use crate::conference::loudest::Loudness;
use crate::conference::model::Conference;
use crate::conference::routing::keep_places;
use crate::conference::view::view;
use crate::identity::VenueId;
use crate::platform::Millis;

#[derive(Debug)]
pub(super) struct Live {
    pub(super) conference: Conference,
    pub(super) publishing: BTreeMap<VenueId, Publishing>,
    pub(super) receiving: BTreeMap<VenueId, Receiving>,
    pub(super) loudness: Loudness,
    /// Joined venues without any connection, and since when.
    pub(super) bare: BTreeMap<VenueId, Millis>,
    /// Where it is recorded to, while it is.
    pub(super) recording: Option<PathBuf>,
}

#[derive(Debug)]
pub(super) struct Publishing {
    pub(super) leg: String,
    pub(super) peer: PeerId,
    pub(super) sources: Vec<Source>,
    pub(super) reel: Option<Reel>,
}

#[derive(Debug)]
pub(super) struct Source {
    pub(super) id: SourceId,
    pub(super) kind: TrackKind,
    /// Nothing is told to the media server twice.
    pub(super) open: Option<bool>,
}

#[derive(Debug)]
pub(super) struct Receiving {
    pub(super) leg: String,
    pub(super) peer: PeerId,
    pub(super) slots: Vec<Slot>,
}

#[derive(Debug)]
pub(super) struct Slot {
    pub(super) id: SlotId,
    pub(super) mid: String,
    pub(super) kind: TrackKind,
    pub(super) venue: Option<VenueId>,
    pub(super) source: Option<SourceId>,
    /// How it was last routed.
    pub(super) carried: Option<RouteSpec>,
}

impl Live {
    pub(super) fn new(conference: Conference) -> Self {
        Self {
            conference,
            publishing: BTreeMap::new(),
            receiving: BTreeMap::new(),
            loudness: Loudness::default(),
            bare: BTreeMap::new(),
            recording: None,
        }
    }

    pub(super) fn is_bare(&self, venue: &VenueId) -> bool {
        !self.publishing.contains_key(venue) && !self.receiving.contains_key(venue)
    }

    /// Remembers since when a joined venue has no connection at all.
    pub(super) fn watch_bare(&mut self, now: Millis) {
        let seats = &self.conference.meeting.seats;
        let bare: Vec<VenueId> = seats
            .iter()
            .filter(|(venue, seat)| seat.connection.is_joined() && self.is_bare(venue))
            .map(|(venue, _)| venue.clone())
            .collect();
        self.bare.retain(|venue, _| bare.contains(venue));
        for venue in bare {
            self.bare.entry(venue).or_insert(now);
        }
    }

    pub(super) fn set_gates(&mut self, link: &Link) {
        for (venue, publishing) in &mut self.publishing {
            for source in &mut publishing.sources {
                let open = match source.kind {
                    TrackKind::Audio => may_speak(&self.conference.meeting, venue),
                    TrackKind::Video => self.conference.meeting.is_joined(venue),
                };
                if source.open != Some(open) {
                    link.gate(source.id, open);
                    source.open = Some(open);
                }
            }
        }
    }

    /// Venues that send are recorded exactly while the conference is.
    pub(super) fn set_reels(&mut self, link: &Link) {
        for (venue, publishing) in &mut self.publishing {
            match (&self.recording, publishing.reel.is_some()) {
                (Some(folder), false) => {
                    let sources: Vec<(SourceId, TrackKind)> = publishing
                        .sources
                        .iter()
                        .map(|source| (source.id, source.kind))
                        .collect();
                    let folder = folder.join(venue.as_str());
                    publishing.reel = Some(link.record(folder, &sources));
                }
                (None, true) => {
                    if let Some(reel) = publishing.reel.take() {
                        link.stop_recording(reel);
                    }
                }
                _ => {}
            }
        }
    }

    pub(super) fn set_routes(&mut self, link: &Link, now: Millis) {
        let audio_set = self.audio_set(now);
        let Self {
            conference,
            publishing,
            receiving,
            ..
        } = self;
        for (venue, receiving) in receiving {
            let seen = view(&conference.meeting, venue);
            let seen: Vec<VenueId> = seen
                .venues()
                .iter()
                .filter(|shown| conference.meeting.seats[*shown].kind.has_video())
                .cloned()
                .collect();
            let heard = heard_by(&conference.meeting, venue, &audio_set);
            for (kind, wanted) in [(TrackKind::Video, seen), (TrackKind::Audio, heard)] {
                let mut slots: Vec<&mut Slot> = receiving
                    .slots
                    .iter_mut()
                    .filter(|slot| slot.kind == kind)
                    .collect();
                let before: Vec<Option<VenueId>> =
                    slots.iter().map(|slot| slot.venue.clone()).collect();
                for (slot, venue) in slots.iter_mut().zip(keep_places(&before, &wanted)) {
                    let source = venue
                        .as_ref()
                        .and_then(|venue| source_of(publishing, venue, kind));
                    let is_main = venue.as_ref() == Some(&conference.meeting.active_main);
                    let carried = carried(kind, is_main, wanted.len());
                    if slot.source != source || (source.is_some() && slot.carried != Some(carried))
                    {
                        link.route(receiving.peer, slot.id, source, carried);
                        slot.source = source;
                        slot.carried = Some(carried);
                    }
                    slot.venue = venue;
                }
            }
        }
    }

    pub(super) fn audio_set(&self, now: Millis) -> Vec<VenueId> {
        let meeting = &self.conference.meeting;
        let open: Vec<VenueId> = meeting
            .in_order()
            .into_iter()
            .map(|(venue, _)| venue)
            .filter(|venue| **venue != meeting.active_main && may_speak(meeting, venue))
            .cloned()
            .collect();
        self.loudness.audio_set(now, &open)
    }

    pub(super) fn venue_of(&self, source: SourceId) -> Option<VenueId> {
        let publishes =
            |publishing: &Publishing| publishing.sources.iter().any(|known| known.id == source);
        self.publishing
            .iter()
            .find(|(_, publishing)| publishes(publishing))
            .map(|(venue, _)| venue.clone())
    }
}

/// The main venue keeps sound and full picture longest; a picture among many is shown small and is sent small.
fn carried(kind: TrackKind, is_main: bool, shown: usize) -> RouteSpec {
    let (priority, max_layer) = match (kind, is_main) {
        (TrackKind::Audio, true) => (Priority::MainAudio, u8::MAX),
        (TrackKind::Audio, false) => (Priority::FloorAudio, u8::MAX),
        (TrackKind::Video, true) => (Priority::Program, u8::MAX),
        (TrackKind::Video, false) if shown == 1 => (Priority::Program, u8::MAX),
        (TrackKind::Video, false) if shown <= 4 => (Priority::Gallery, 1),
        (TrackKind::Video, false) => (Priority::Gallery, 0),
    };
    RouteSpec {
        max_layer,
        priority,
    }
}

fn source_of(
    publishing: &BTreeMap<VenueId, Publishing>,
    venue: &VenueId,
    kind: TrackKind,
) -> Option<SourceId> {
    publishing
        .get(venue)?
        .sources
        .iter()
        .find(|source| source.kind == kind)
        .map(|source| source.id)
}
