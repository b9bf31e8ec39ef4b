//! The situation map 态势: what has happened and where, live, for everybody who may know it.
//!
//! Reads the journal and keeps the features of the live map true; answers views of the gateway and the map's own
//! addresses (features, style, tiles). Decides nothing: who sees what is asked of `policy`.

mod features;
mod feed;
mod ground;
mod link;
mod picture;
mod routes;
mod views;

pub use link::Frame;
pub use routes::routes;
pub use views::Views;

use std::sync::Arc;

use ground::Ground;

use crate::{
    platform::{Ctx, Fault, journal, tasks},
    region::Atlas,
};

/// The live map of this process; clones are the same one.
#[derive(Debug, Clone)]
pub struct Situation {
    map: link::MapFeed,
    ground: Arc<Ground>,
}

impl Situation {
    /// Opens the base map, puts divisions and open incidents on the map and follows the journal from there.
    ///
    /// # Errors
    /// When the configured base map is unusable or the database does not answer.
    pub async fn start(ctx: &Ctx, atlas: &Atlas) -> Result<Self, Fault> {
        let ground = Arc::new(Ground::open(&ctx.config.map).await?);
        let map = link::MapFeed::default();
        // The place in the journal comes first: what happens while rows are read is told again, which is harmless.
        let head = journal::head(&ctx.db).await?;
        let picture = feed::load(ctx, &map).await?;
        feed::outline(ctx, atlas, &map);
        tasks::spawn(
            "situation.follow",
            feed::run(ctx.clone(), atlas.clone(), map.clone(), picture, head.seq),
        );
        Ok(Self { map, ground })
    }
}
