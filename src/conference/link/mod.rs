//! The only file that names the media server: starts it, and speaks its words for the stage.

mod record;

use std::io;

use fenghuotai_media as media;
pub use media::{MediaEvent, PeerId, Priority, RouteSpec, SlotId, SourceId};
pub use record::{Recorded, RecordedGap, RecordedSegment, RecorderEnded, Reel, salvage};
use serde::Serialize;
use tokio::sync::mpsc;
use utoipa::ToSchema;

use crate::platform::config;
use crate::platform::{Kind, Refusal};

/// Media events waiting for the stage. Sound levels are dropped when it is full, nothing else is.
const EVENTS_MAX: usize = 1_024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrackKind {
    Audio,
    Video,
}

impl TrackKind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::Video => "video",
        }
    }
}

/// A venue's camera and microphone on their way in.
#[derive(Clone, Debug)]
pub struct Published {
    pub peer: PeerId,
    pub answer: String,
    pub etag: String,
    pub sources: Vec<(SourceId, TrackKind)>,
}

/// A venue's connection for what it sees and hears.
#[derive(Clone, Debug)]
pub struct Received {
    pub peer: PeerId,
    pub answer: String,
    pub etag: String,
    pub slots: Vec<(SlotId, String, TrackKind)>,
}

/// What a fragment came to.
#[derive(Clone, Debug)]
pub enum Restart {
    Trickled,
    Restarted { fragment: String, etag: String },
}

/// What the media server measured for one venue.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct MediaFigures {
    pub venue_id: String,
    /// `AEAD_AES_128_GCM` and the like; absent before DTLS is done.
    pub publish_srtp: Option<String>,
    pub receive_srtp: Option<String>,
    pub sources: Vec<SourceFigures>,
    /// Packets sent to the venue so far.
    pub sent_packets: u64,
    pub lost_packets: u64,
    /// What the venue's downlink is thought to carry, bits per second; absent until its client reports.
    pub estimate_bps: Option<u64>,
    pub rtt_ms: Option<u32>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SourceFigures {
    #[schema(value_type = TrackKind)]
    pub kind: &'static str,
    /// The venue may be heard or seen: packets pass.
    pub open: bool,
    pub packets: u64,
    pub bytes: u64,
    /// Packets that arrived although the source is closed, and were dropped.
    pub dropped_closed: u64,
    /// Simulcast layers that ever came, from the smallest; one without simulcast.
    pub layers: Vec<LayerFigures>,
}

/// One simulcast layer of a source.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LayerFigures {
    pub packets: u64,
    /// Over the last second or so.
    pub bitrate_bps: u64,
}

/// The running media server.
#[derive(Clone)]
pub struct Link {
    media: media::Media,
    recorder: media::record::Recorder,
}

/// A started server, and what it and its recorder report.
pub struct Started {
    pub link: Link,
    pub events: mpsc::Receiver<MediaEvent>,
    pub recorded: mpsc::Receiver<Recorded>,
}

impl Link {
    /// Opens the media ports and starts the workers.
    ///
    /// # Errors
    /// When a port cannot be opened.
    pub fn start(settings: &config::Media, low_water_bytes: u64) -> io::Result<Started> {
        let (media, events) = media::Media::start(media::MediaConfig {
            udp: settings.listen,
            advertised: settings.advertised.clone(),
            workers: settings.workers,
            tcp: settings.listen_tcp,
        })?;
        let (tell, told) = mpsc::channel(EVENTS_MAX);
        std::thread::Builder::new()
            .name("media-events".to_owned())
            .spawn(move || {
                for event in events {
                    let gone = match event {
                        MediaEvent::Level { .. } => matches!(
                            tell.try_send(event),
                            Err(mpsc::error::TrySendError::Closed(_))
                        ),
                        _ => tell.blocking_send(event).is_err(),
                    };
                    if gone {
                        return;
                    }
                }
            })?;
        let (recorder, recorded) = record::start(low_water_bytes)?;
        Ok(Started {
            link: Self { media, recorder },
            events: told,
            recorded,
        })
    }

    pub fn publish(&self, offer: &str) -> Result<Published, Refusal> {
        let published = self.media.publish(offer).map_err(refused)?;
        let sources = published
            .tracks
            .into_iter()
            .map(|track| (track.source, kind(track.kind)))
            .collect();
        Ok(Published {
            peer: published.peer,
            answer: published.answer,
            etag: published.etag,
            sources,
        })
    }

    pub fn receive(&self, offer: &str) -> Result<Received, Refusal> {
        let received = self.media.receive(offer).map_err(refused)?;
        let slots = received
            .slots
            .into_iter()
            .map(|slot| (slot.slot, slot.mid, kind(slot.kind)))
            .collect();
        Ok(Received {
            peer: received.peer,
            answer: received.answer,
            etag: received.etag,
            slots,
        })
    }

    /// A peer or source that has just gone takes no route; its `Lost` event is on the way.
    pub fn route(&self, peer: PeerId, slot: SlotId, source: Option<SourceId>, spec: RouteSpec) {
        if let Err(why) = self.media.route_as(peer, slot, source, spec) {
            tracing::info!(%why, %peer, %slot, "a route was not set");
        }
    }

    pub fn gate(&self, source: SourceId, open: bool) {
        if let Err(why) = self.media.gate(source, open) {
            tracing::info!(%why, %source, open, "a gate was not set");
        }
    }

    /// Takes a fragment of trickled candidates or of an ICE restart.
    pub fn restart_ice(&self, peer: PeerId, fragment: &str) -> Result<Restart, Refusal> {
        Ok(
            match self.media.restart_ice(peer, fragment).map_err(refused)? {
                media::RestartAnswer::Trickled => Restart::Trickled,
                media::RestartAnswer::Restarted { fragment, etag } => {
                    Restart::Restarted { fragment, etag }
                }
            },
        )
    }

    /// Names the present ICE generation of a connection; empty when it is gone.
    pub fn etag(&self, peer: PeerId) -> String {
        self.media.etag(peer).unwrap_or_default()
    }

    pub fn remove(&self, peer: PeerId) {
        self.media.remove(peer);
    }

    pub fn figures(
        &self,
        venue_id: String,
        publishing: Option<PeerId>,
        sources: Vec<(SourceId, TrackKind, bool)>,
        receiving: Option<PeerId>,
    ) -> MediaFigures {
        let profile = |stats: &Option<media::PeerStats>| {
            stats
                .and_then(|stats| stats.srtp_profile)
                .map(|profile| profile.name().to_owned())
        };
        let publish = publishing.and_then(|peer| self.media.stats(peer));
        let receive = receiving.and_then(|peer| self.media.stats(peer));
        let count = |(source, kind, open): (SourceId, TrackKind, bool)| {
            let stats = self.media.source_stats(source).unwrap_or_default();
            SourceFigures {
                kind: kind.word(),
                open,
                packets: stats.packets,
                bytes: stats.bytes,
                dropped_closed: stats.dropped_closed,
                layers: stats
                    .layers
                    .iter()
                    .filter(|layer| layer.packets > 0)
                    .map(|layer| LayerFigures {
                        packets: layer.packets,
                        bitrate_bps: layer.bitrate_bps,
                    })
                    .collect(),
            }
        };
        MediaFigures {
            venue_id,
            publish_srtp: profile(&publish),
            receive_srtp: profile(&receive),
            sources: sources.into_iter().map(count).collect(),
            sent_packets: receive.map_or(0, |stats| stats.packets_out),
            lost_packets: receive.map_or(0, |stats| stats.lost),
            estimate_bps: receive.and_then(|stats| stats.estimate_bps),
            rtt_ms: receive.and_then(|stats| stats.rtt_ms),
        }
    }
}

fn kind(kind: media::MediaKind) -> TrackKind {
    match kind {
        media::MediaKind::Audio => TrackKind::Audio,
        media::MediaKind::Video => TrackKind::Video,
    }
}

/// The media server's refusals carry their own stable codes and texts.
fn refused(why: media::OfferRefusal) -> Refusal {
    let status = match why {
        media::OfferRefusal::UnknownPeer => Kind::Missing,
        media::OfferRefusal::Full => Kind::TooMany,
        media::OfferRefusal::TooLong => Kind::TooLarge,
        _ => Kind::Invalid,
    };
    Refusal::new(status, why.code(), why.zh(), why.en())
}
