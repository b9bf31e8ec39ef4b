//! The stage's task: takes requests, journal entries, media events and the beat, one at a time.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::mpsc;

use super::live::{Live, Publishing, Receiving, Slot, Source};
use super::{Ask, Opened, Way, no_leg, not_joined};
use crate::conference::heard::heard_by;
use crate::conference::link::{Link, MediaEvent, MediaFigures, PeerId};
use crate::conference::meeting::{Command, Phase};
use crate::conference::model::{Conference, ConferenceId};
use crate::conference::refusals::Refused;
use crate::conference::routing::{SlotContent, SlotMap};
use crate::conference::service;
use crate::conference::store::conferences as store;
use crate::identity::VenueId;
use crate::platform::{Ctx, Fault, Refusal};

/// A venue that is joined but has no media connection for so long is lost.
const MEDIA_GRACE_MS: i64 = 15_000;
const BEAT: Duration = Duration::from_millis(250);

pub(super) struct Owner {
    ctx: Ctx,
    link: Link,
    live: BTreeMap<ConferenceId, Live>,
}

impl Owner {
    /// Starts from what the database knows; every connection has to come again.
    pub(super) async fn recall(ctx: &Ctx, link: Link) -> Result<Self, Fault> {
        let mut owner = Self {
            ctx: ctx.clone(),
            link,
            live: BTreeMap::new(),
        };
        for id in store::open(&ctx.db).await? {
            owner.reload(&id).await;
        }
        Ok(owner)
    }

    pub(super) async fn run(
        mut self,
        mut asks: mpsc::Receiver<Ask>,
        seq: i64,
        mut events: mpsc::Receiver<MediaEvent>,
    ) {
        let mut journal = self.ctx.relay.follow(seq);
        let mut beat = tokio::time::interval(BEAT);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                ask = asks.recv() => match ask {
                    Some(ask) => self.answer(ask),
                    None => return,
                },
                entry = journal.next() => match entry {
                    Ok(entry) if entry.topics.first().is_some_and(|topic| topic == "conference") => {
                        if let Some(id) = ConferenceId::parse(&entry.entity) {
                            self.reload(&id).await;
                        }
                    }
                    Ok(_) => {}
                    Err(fault) => {
                        tracing::warn!(%fault, "the stage cannot follow the journal; trying again");
                        tokio::time::sleep(BEAT).await;
                    }
                },
                Some(event) = events.recv() => self.heard_from_media(event).await,
                _ = beat.tick() => self.tick().await,
            }
        }
    }

    fn answer(&mut self, ask: Ask) {
        // A caller that has gone away needs no answer.
        match ask {
            Ask::Open {
                conference,
                venue,
                way,
                offer,
                answer,
            } => {
                let _ = answer.send(self.open(*conference, venue, way, &offer));
            }
            Ask::Owner { leg, answer } => {
                let whose = self
                    .find(&leg)
                    .map(|(id, venue, _, peer)| (id, venue, self.link.etag(peer)));
                let _ = answer.send(whose.ok_or_else(no_leg));
            }
            Ask::RestartIce {
                leg,
                fragment,
                answer,
            } => {
                let _ = answer.send(match self.find(&leg) {
                    Some((_, _, _, peer)) => self.link.restart_ice(peer, &fragment),
                    None => Err(no_leg()),
                });
            }
            Ask::Close { leg, answer } => {
                if let Some((id, venue, way, _)) = self.find(&leg) {
                    self.drop_leg(&id, &venue, way);
                    self.conduct(&id);
                }
                let _ = answer.send(());
            }
            Ask::Slots {
                conference,
                venue,
                answer,
            } => {
                let id = conference.id.clone();
                self.renew(*conference);
                let _ = answer.send(self.slot_map(&id, &venue));
            }
            Ask::Record {
                conference,
                folder,
                answer,
            } => {
                let id = conference.id.clone();
                self.renew(*conference);
                if let Some(live) = self.live.get_mut(&id) {
                    live.recording = folder;
                }
                self.conduct(&id);
                let _ = answer.send(());
            }
            Ask::Figures { conference, answer } => {
                let _ = answer.send(self.figures(&conference));
            }
        }
    }

    /// Reads a conference again after its journal said that something happened.
    async fn reload(&mut self, id: &ConferenceId) {
        match store::by_id(&self.ctx.db, id).await {
            Ok(Some(conference)) => self.renew(conference),
            Ok(None) => {}
            Err(fault) => {
                tracing::warn!(%fault, conference.id = %id, "a conference cannot be read; its routes stay as they are")
            }
        }
    }

    /// Takes over a newer state and makes the media follow.
    fn renew(&mut self, conference: Conference) {
        let id = conference.id.clone();
        if self
            .live
            .get(&id)
            .is_some_and(|live| live.conference.version >= conference.version)
        {
            return;
        }
        let ended = conference.meeting.phase == Phase::Ended;
        let gone: Vec<VenueId> = self.live.get(&id).map_or_else(Vec::new, |live| {
            let seats = &conference.meeting.seats;
            let stays = |venue: &VenueId| {
                seats
                    .get(venue)
                    .is_some_and(|seat| seat.connection.is_live())
            };
            live.publishing
                .keys()
                .chain(live.receiving.keys())
                .filter(|venue| ended || !stays(venue))
                .cloned()
                .collect()
        });
        for venue in gone {
            self.drop_leg(&id, &venue, Way::Publish);
            self.drop_leg(&id, &venue, Way::Receive);
        }
        if ended {
            self.live.remove(&id);
            return;
        }
        match self.live.get_mut(&id) {
            Some(live) => live.conference = conference,
            None => {
                self.live.insert(id.clone(), Live::new(conference));
            }
        }
        self.conduct(&id);
    }

    fn open(
        &mut self,
        conference: Conference,
        venue: VenueId,
        way: Way,
        offer: &str,
    ) -> Result<Opened, Refusal> {
        let id = conference.id.clone();
        self.renew(conference);
        let live = self.live.get(&id).ok_or(Refused::Ended)?;
        if !live.conference.meeting.seat(&venue)?.connection.is_joined() {
            return Err(not_joined(&venue));
        }
        let leg = crate::platform::id::fresh(self.ctx.clock.now());
        let (answer, etag) = match way {
            Way::Publish => {
                let published = self.link.publish(offer)?;
                self.drop_leg(&id, &venue, way);
                let sources = published
                    .sources
                    .into_iter()
                    .map(|(id, kind)| Source {
                        id,
                        kind,
                        open: None,
                    })
                    .collect();
                let publishing = Publishing {
                    leg: leg.clone(),
                    peer: published.peer,
                    sources,
                    reel: None,
                };
                self.live
                    .get_mut(&id)
                    .expect("renewed above")
                    .publishing
                    .insert(venue, publishing);
                (published.answer, published.etag)
            }
            Way::Receive => {
                let received = self.link.receive(offer)?;
                self.drop_leg(&id, &venue, way);
                let slot = |(id, mid, kind)| Slot {
                    id,
                    mid,
                    kind,
                    venue: None,
                    source: None,
                    carried: None,
                };
                let receiving = Receiving {
                    leg: leg.clone(),
                    peer: received.peer,
                    slots: received.slots.into_iter().map(slot).collect(),
                };
                self.live
                    .get_mut(&id)
                    .expect("renewed above")
                    .receiving
                    .insert(venue, receiving);
                (received.answer, received.etag)
            }
        };
        self.conduct(&id);
        Ok(Opened { leg, answer, etag })
    }

    /// Tells the media server what changed: gates of what comes in, sources of what goes out.
    fn conduct(&mut self, id: &ConferenceId) {
        let now = self.ctx.clock.now();
        let Some(live) = self.live.get_mut(id) else {
            return;
        };
        live.watch_bare(now);
        live.set_gates(&self.link);
        live.set_reels(&self.link);
        live.set_routes(&self.link, now);
    }

    async fn heard_from_media(&mut self, event: MediaEvent) {
        match event {
            MediaEvent::Level { source, dbov } => {
                let now = self.ctx.clock.now();
                for live in self.live.values_mut() {
                    if let Some(venue) = live.venue_of(source) {
                        live.loudness.hear(now, &venue, dbov);
                        break;
                    }
                }
            }
            MediaEvent::Lost { peer, .. } => {
                let Some((id, venue, way)) = self.owner_of(peer) else {
                    return;
                };
                tracing::info!(conference.id = %id, venue.id = %venue, ?way, "a media connection was lost");
                self.drop_leg(&id, &venue, way);
                self.conduct(&id);
                if self.live.get(&id).is_some_and(|live| live.is_bare(&venue)) {
                    self.happen(&id, Command::Lose { venue }).await;
                }
            }
            MediaEvent::Connected { .. } | MediaEvent::FirstPacket { .. } => {}
        }
    }

    /// Deadlines of the cores, venues without media, and the audio set, which changes with time.
    async fn tick(&mut self) {
        let now = self.ctx.clock.now();
        let ids: Vec<ConferenceId> = self.live.keys().cloned().collect();
        for id in ids {
            self.conduct(&id);
            let Some(live) = self.live.get(&id) else {
                continue;
            };
            let silent = live
                .bare
                .iter()
                .find(|(_, since)| now.since(**since) >= MEDIA_GRACE_MS)
                .map(|(venue, _)| venue.clone());
            let due = live
                .conference
                .meeting
                .next_deadline()
                .is_some_and(|deadline| deadline <= now);
            if let Some(venue) = silent {
                self.happen(&id, Command::Lose { venue }).await;
            }
            if due {
                self.happen(&id, Command::Tick).await;
            }
        }
    }

    async fn happen(&mut self, id: &ConferenceId, command: Command) {
        match service::conferences::happen(&self.ctx, id, command).await {
            Ok(conference) => self.renew(conference),
            Err(failure) => {
                tracing::warn!(%failure, conference.id = %id, "the stage could not record what happened")
            }
        }
    }

    fn drop_leg(&mut self, id: &ConferenceId, venue: &VenueId, way: Way) {
        let Some(live) = self.live.get_mut(id) else {
            return;
        };
        let peer = match way {
            Way::Publish => live.publishing.remove(venue).map(|leg| {
                if let Some(reel) = leg.reel {
                    self.link.stop_recording(reel);
                }
                leg.peer
            }),
            Way::Receive => live.receiving.remove(venue).map(|leg| leg.peer),
        };
        if way == Way::Publish {
            live.loudness.forget(venue);
        }
        if let Some(peer) = peer {
            self.link.remove(peer);
        }
    }

    fn find(&self, leg: &str) -> Option<(ConferenceId, VenueId, Way, PeerId)> {
        self.live.iter().find_map(|(id, live)| {
            let publishing = live
                .publishing
                .iter()
                .map(|(venue, p)| (venue, &p.leg, Way::Publish, p.peer));
            let receiving = live
                .receiving
                .iter()
                .map(|(venue, r)| (venue, &r.leg, Way::Receive, r.peer));
            let (venue, _, way, peer) = publishing
                .chain(receiving)
                .find(|(_, known, _, _)| *known == leg)?;
            Some((id.clone(), venue.clone(), way, peer))
        })
    }

    fn owner_of(&self, peer: PeerId) -> Option<(ConferenceId, VenueId, Way)> {
        self.live.iter().find_map(|(id, live)| {
            let publishing = live
                .publishing
                .iter()
                .map(|(venue, p)| (venue, Way::Publish, p.peer));
            let receiving = live
                .receiving
                .iter()
                .map(|(venue, r)| (venue, Way::Receive, r.peer));
            let (venue, way, _) = publishing
                .chain(receiving)
                .find(|(_, _, known)| *known == peer)?;
            Some((id.clone(), venue.clone(), way))
        })
    }

    fn slot_map(&self, id: &ConferenceId, venue: &VenueId) -> SlotMap {
        let Some(live) = self.live.get(id) else {
            return SlotMap::default();
        };
        let heard = heard_by(
            &live.conference.meeting,
            venue,
            &live.audio_set(self.ctx.clock.now()),
        );
        let slots = live
            .receiving
            .get(venue)
            .map_or(&[][..], |receiving| &receiving.slots);
        let content = |slot: &Slot| SlotContent {
            mid: slot.mid.clone(),
            kind: slot.kind.word(),
            venue_id: slot.venue.clone(),
        };
        SlotMap {
            heard,
            slots: slots.iter().map(content).collect(),
        }
    }

    fn figures(&self, id: &ConferenceId) -> Vec<MediaFigures> {
        let Some(live) = self.live.get(id) else {
            return Vec::new();
        };
        let venues = live
            .conference
            .meeting
            .in_order()
            .into_iter()
            .map(|(venue, _)| venue);
        venues
            .filter(|venue| {
                live.publishing.contains_key(*venue) || live.receiving.contains_key(*venue)
            })
            .map(|venue| {
                let publishing = live.publishing.get(venue);
                let sources = publishing
                    .map_or(&[][..], |p| &p.sources)
                    .iter()
                    .map(|s| (s.id, s.kind, s.open.unwrap_or(false)));
                let receiving = live.receiving.get(venue).map(|r| r.peer);
                self.link.figures(
                    venue.to_string(),
                    publishing.map(|p| p.peer),
                    sources.collect(),
                    receiving,
                )
            })
            .collect()
    }
}
