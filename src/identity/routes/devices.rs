//! HTTP: venue terminals.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::identity::cookie;
use crate::identity::model::{AccountId, Actor};
use crate::identity::service::devices;
use crate::identity::service::sign_in::{DEVICE, Source};
use crate::identity::wire::{
    AccountQuery, AccountView, Code, CurrentSession, DeviceWithCode, NewDevice,
};
use crate::platform::Ctx;
use crate::platform::failure::{Answer, Failure};
use crate::platform::http::{Body, Page, Path, Query};
use crate::region::Atlas;

pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(register, list))
        .routes(routes!(revoke))
        .routes(routes!(enrol))
}

/// Registers a terminal; the code in the answer is typed into it once.
#[utoipa::path(
    post,
    path = "/devices",
    tag = "identity",
    request_body = NewDevice,
    responses((status = 201, body = DeviceWithCode), (status = 403), (status = 422))
)]
async fn register(
    State(ctx): State<Ctx>,
    who: Actor,
    Body(body): Body<NewDevice>,
) -> Result<(StatusCode, Json<DeviceWithCode>), Failure> {
    let new = devices::NewDevice {
        name: body.name,
        venue_id: body.venue_id,
        division: body.division,
    };
    let (device, enrolment_code) = devices::register(&ctx, &who, new).await?;
    Ok((
        StatusCode::CREATED,
        Json(DeviceWithCode {
            device: device.into(),
            enrolment_code,
        }),
    ))
}

/// The terminals in my jurisdiction.
#[utoipa::path(get, path = "/devices", tag = "identity", params(AccountQuery), responses((status = 200, body = Page<AccountView>)))]
async fn list(
    State(ctx): State<Ctx>,
    who: Actor,
    Query(query): Query<AccountQuery>,
) -> Answer<Page<AccountView>> {
    let page = devices::list(&ctx, &who, &query.after, query.limit).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(AccountView::from).collect(),
        next: page.next,
    }))
}

/// Shuts a terminal out for good.
#[utoipa::path(delete, path = "/devices/{id}", tag = "identity", params(("id" = String, Path)), responses((status = 200, body = AccountView), (status = 404)))]
async fn revoke(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<AccountId>,
) -> Answer<AccountView> {
    Ok(Json(devices::revoke(&ctx, &who, &id).await?.into()))
}

/// Signs a terminal in with its one-time code.
#[utoipa::path(
    post,
    path = "/devices/enrol",
    tag = "identity",
    request_body = Code,
    responses((status = 201, body = CurrentSession), (status = 403), (status = 429))
)]
async fn enrol(
    State(ctx): State<Ctx>,
    Extension(atlas): Extension<Atlas>,
    source: Source,
    Body(body): Body<Code>,
) -> Result<Response, Failure> {
    let signed_in = devices::enrol(&ctx, source, &body.code).await?;
    let set = cookie::set(
        &ctx.config,
        &signed_in.token,
        Some(DEVICE.absolute_ms / 1000),
    );
    let view = CurrentSession::from(&signed_in).named(&atlas);
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, set)], Json(view)).into_response())
}
