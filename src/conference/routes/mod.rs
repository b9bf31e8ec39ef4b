//! Venues, conferences and media over HTTP.

mod conferences;
mod join;
mod media;
mod venues;

use utoipa_axum::router::OpenApiRouter;

use crate::platform::Ctx;

pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .merge(venues::routes())
        .merge(conferences::routes())
        .merge(join::routes())
        .merge(media::routes())
}
