//! The one task that owns live conferences: which venue has which media connections, and what flows where.
//!
//! It decides nothing: the journal tells it what changed, `view`, `heard` and `loudest` say what follows, `link`
//! carries it out. A restart loses only connections; roles and microphones come back from the database.

mod live;
mod owner;

use std::path::PathBuf;

use tokio::sync::{mpsc, oneshot};

use super::link::{Link, MediaEvent, MediaFigures, Restart};
use super::model::{Conference, ConferenceId};
use super::routing::SlotMap;
use crate::identity::VenueId;
use crate::platform::{Ctx, Failure, Fault, Kind, Refusal, tasks};
use owner::Owner;

/// Requests waiting for the stage.
const ASKS_MAX: usize = 256;

/// Where to reach the stage.
#[derive(Clone, Debug)]
pub struct Stage {
    mailbox: mpsc::Sender<Ask>,
}

/// A media connection that was opened: its id for later requests, and the answer to the offer.
#[derive(Clone, Debug)]
pub struct Opened {
    pub leg: String,
    pub answer: String,
    /// Names the ICE generation, without quotes.
    pub etag: String,
}

/// Conference, venue and `ETag` of a connection.
pub type Whose = (ConferenceId, VenueId, String);

#[derive(Debug)]
enum Ask {
    Open {
        conference: Box<Conference>,
        venue: VenueId,
        way: Way,
        offer: String,
        answer: oneshot::Sender<Result<Opened, Refusal>>,
    },
    Owner {
        leg: String,
        answer: oneshot::Sender<Result<Whose, Refusal>>,
    },
    RestartIce {
        leg: String,
        fragment: String,
        answer: oneshot::Sender<Result<Restart, Refusal>>,
    },
    Close {
        leg: String,
        answer: oneshot::Sender<()>,
    },
    Slots {
        conference: Box<Conference>,
        venue: VenueId,
        answer: oneshot::Sender<SlotMap>,
    },
    Record {
        conference: Box<Conference>,
        folder: Option<PathBuf>,
        answer: oneshot::Sender<()>,
    },
    Figures {
        conference: ConferenceId,
        answer: oneshot::Sender<Vec<MediaFigures>>,
    },
}

/// Which direction a media connection has, seen from the venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Publish,
    Receive,
}

impl Stage {
    /// Starts the task; `link` is the running media server.
    pub async fn start(
        ctx: &Ctx,
        link: Link,
        events: mpsc::Receiver<MediaEvent>,
    ) -> Result<Self, Fault> {
        let (mailbox, asks) = mpsc::channel(ASKS_MAX);
        // Taken before the conferences are read: what happens in between is heard twice, never missed.
        let seq = ctx.relay.head().await?.seq;
        let owner = Owner::recall(ctx, link).await?;
        tasks::spawn("conference.stage", owner.run(asks, seq, events));
        Ok(Self { mailbox })
    }

    pub async fn open(
        &self,
        conference: Conference,
        venue: VenueId,
        way: Way,
        offer: String,
    ) -> Result<Opened, Failure> {
        let conference = Box::new(conference);
        Ok(self
            .ask(|answer| Ask::Open {
                conference,
                venue,
                way,
                offer,
                answer,
            })
            .await??)
    }

    /// Whose connection this is, and its present `ETag`.
    pub async fn owner(&self, leg: String) -> Result<Whose, Failure> {
        Ok(self.ask(|answer| Ask::Owner { leg, answer }).await??)
    }

    pub async fn restart_ice(&self, leg: String, fragment: String) -> Result<Restart, Failure> {
        Ok(self
            .ask(|answer| Ask::RestartIce {
                leg,
                fragment,
                answer,
            })
            .await??)
    }

    pub async fn close(&self, leg: String) -> Result<(), Failure> {
        Ok(self.ask(|answer| Ask::Close { leg, answer }).await?)
    }

    /// What `venue` receives, with routes at least as new as `conference`.
    pub async fn slots(&self, conference: Conference, venue: VenueId) -> Result<SlotMap, Failure> {
        let conference = Box::new(conference);
        Ok(self
            .ask(|answer| Ask::Slots {
                conference,
                venue,
                answer,
            })
            .await?)
    }

    /// Records every venue that sends, now or later, into its own folder under `folder`; `None` ends it.
    pub async fn record(
        &self,
        conference: Conference,
        folder: Option<PathBuf>,
    ) -> Result<(), Failure> {
        let conference = Box::new(conference);
        Ok(self
            .ask(|answer| Ask::Record {
                conference,
                folder,
                answer,
            })
            .await?)
    }

    pub async fn figures(&self, conference: ConferenceId) -> Result<Vec<MediaFigures>, Failure> {
        Ok(self
            .ask(|answer| Ask::Figures { conference, answer })
            .await?)
    }

    async fn ask<T>(&self, question: impl FnOnce(oneshot::Sender<T>) -> Ask) -> Result<T, Fault> {
        let (answer, answered) = oneshot::channel();
        let gone = |_| Fault::new("asking the conference stage", "it has stopped");
        self.mailbox
            .send(question(answer))
            .await
            .map_err(|error| gone(error.to_string()))?;
        answered.await.map_err(|error| gone(error.to_string()))
    }
}

fn not_joined(venue: &VenueId) -> Refusal {
    Refusal::new(
        Kind::Conflict,
        "conference.not_joined",
        "会场尚未入会，请先入会再连接音视频。",
        "The venue has not joined; join before connecting its media.",
    )
    .with("venue_id", venue.as_str())
}

fn no_leg() -> Refusal {
    Refusal::new(
        Kind::Missing,
        "media.no_connection",
        "没有这个媒体连接，请重新建立。",
        "There is no such media connection; make a new one.",
    )
}
