//! HTTP: the first start.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::identity::service::setup::{self, Administrator, Administrators};
use crate::identity::wire::{AccountView, NewAdministrator, SetUp, SetupState};
use crate::platform::Ctx;
use crate::platform::failure::{Answer, Failure};
use crate::platform::http::Body;

pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new().routes(routes!(state, set_up))
}

/// Whether the tower still has to be set up.
#[utoipa::path(get, path = "/setup", tag = "identity", responses((status = 200, body = SetupState)))]
async fn state(State(ctx): State<Ctx>) -> Answer<SetupState> {
    Ok(Json(SetupState {
        needed: setup::is_needed(&ctx).await?,
    }))
}

/// Appoints the three administrators with the code printed at the first start.
#[utoipa::path(
    post,
    path = "/setup",
    tag = "identity",
    request_body = SetUp,
    responses((status = 201, body = Vec<AccountView>), (status = 403), (status = 409), (status = 422))
)]
async fn set_up(
    State(ctx): State<Ctx>,
    Body(body): Body<SetUp>,
) -> Result<(StatusCode, Json<Vec<AccountView>>), Failure> {
    let one = |new: NewAdministrator| Administrator {
        login: new.login,
        name: new.name,
        password: new.password,
    };
    let three = Administrators {
        system: one(body.system),
        security: one(body.security),
        audit: one(body.audit),
    };
    let accounts = setup::set_up(&ctx, &body.code, body.division, three).await?;
    Ok((
        StatusCode::CREATED,
        Json(accounts.into_iter().map(AccountView::from).collect()),
    ))
}
