//! HTTP of identity: set-up, own session, accounts, devices.

mod accounts;
mod devices;
mod session;
mod setup;

use utoipa_axum::router::OpenApiRouter;

use crate::platform::Ctx;

pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .merge(accounts::routes())
        .merge(devices::routes())
        .merge(session::routes())
        .merge(setup::routes())
}
