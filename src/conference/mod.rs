//! 会议: venues, meetings and consultations; who is on the roster, who is seen and who is heard.
//!
//! The rules are pure (`meeting`, `roster`, `microphone`, `view`, `heard`, `loudest`, `routing`); every accepted command
//! is rows and journal entries in one transaction; the stage follows the journal and makes the media server do
//! what `view` and `heard` say. The media server itself never hears of a venue: only `link` names it.

pub mod heard;
pub mod incoming;
pub mod invitation;
pub mod link;
pub mod loudest;
pub mod meeting;
pub mod microphone;
pub mod model;
mod refusals;
pub mod roster;
mod routes;
pub mod routing;
mod service;
pub mod stage;
pub mod store;
mod tree;
pub mod view;
mod wire;
mod words;

pub use incoming::AnswerRule;
pub use link::{
    Recorded, RecordedGap, RecordedSegment, RecorderEnded, salvage as salvage_recording,
};
pub use meeting::Phase;
pub use model::{Conference, ConferenceId, Invitee, Kind, Level, Venue, VenueKind};
pub use routes::routes;
pub use service::conferences::by_id as readable;
pub use service::consultation::{Consultation, open_consultation, running_consultations};
pub use service::venues::{by_id as venue, under as venues_under};
pub use stage::Stage;
pub use wire::{Conference as ConferenceSeen, Venue as VenueSeen};

use tokio::sync::mpsc;

use crate::platform::{Ctx, Fault};

#[cfg(test)]
mod tests;

/// Opens the media ports and starts the stage; its handle goes to the routes as an `Extension`, what the recorder
/// reports to whoever keeps the catalogue.
///
/// # Errors
/// When a media port is taken or the database does not answer.
pub async fn start(ctx: &Ctx) -> Result<(Stage, mpsc::Receiver<Recorded>), Fault> {
    let config = &ctx.config;
    let started = link::Link::start(&config.media, config.recording.low_water_bytes);
    let link::Started {
        link,
        events,
        recorded,
    } = started.map_err(|error| {
        Fault::new(
            format!("opening the media port {}", ctx.config.media.listen),
            error,
        )
    })?;
    Ok((Stage::start(ctx, link, events).await?, recorded))
}

/// A conference as it is, for what happens by itself.
///
/// # Errors
/// When the database does not answer.
pub async fn find(ctx: &Ctx, id: &ConferenceId) -> Result<Option<Conference>, Fault> {
    store::conferences::by_id(&ctx.db, id).await
}
