//! `GET /api/v1/socket`.

use axum::{
    Extension,
    extract::{State, WebSocketUpgrade},
    http::HeaderMap,
    response::Response,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    commands::{Sender, ToRouter},
    frame::LIMITS,
    socket,
};
use crate::{
    identity::Actor,
    platform::{
        Ctx, Failure,
        http::{
            layers::{foreign_origin, own_origin},
            serve::Peer,
        },
    },
    situation::{Situation, Views},
};

/// The default of 128 KiB would be paid by every idle socket.
const READ_BUFFER: usize = 4 * 1024;

pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new().routes(routes!(open))
}

/// Opens the websocket of `docs/PROTOCOL.md`.
#[utoipa::path(get, path = "/socket", tag = "gateway", responses((status = 101, description = "A websocket")))]
async fn open(
    State(ctx): State<Ctx>,
    Extension(router): Extension<ToRouter>,
    Extension(situation): Extension<Situation>,
    actor: Actor,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Failure> {
    if !own_origin(&headers) {
        return Err(foreign_origin().into());
    }
    let sender = Sender::of(&headers, peer.map(|Extension(peer)| peer));
    let views = Views::new(&situation);
    Ok(upgrade
        .read_buffer_size(READ_BUFFER)
        .max_message_size(LIMITS.frame_bytes)
        .max_frame_size(LIMITS.frame_bytes)
        .on_upgrade(move |socket| socket::run(ctx, router, views, actor, sender, socket)))
}
