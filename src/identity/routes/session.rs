//! HTTP: signing in and out, and everything about one's own account.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::identity::cookie;
use crate::identity::model::SessionId;
use crate::identity::service::own::{self, Holder};
use crate::identity::service::sign_in::{self, Credentials, Source};
use crate::identity::wire::{ChangePassword, Code, CurrentSession, SessionView, SignIn, TotpOffer};
use crate::platform::Ctx;
use crate::platform::failure::{Answer, Failure};
use crate::platform::http::{Body, Path};
use crate::region::Atlas;

pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(sign_in, current, sign_out))
        .routes(routes!(change_password))
        .routes(routes!(begin_totp))
        .routes(routes!(confirm_totp))
        .routes(routes!(list))
        .routes(routes!(end))
}

/// Signs in; the session is in the cookie.
#[utoipa::path(
    post,
    path = "/session",
    tag = "identity",
    request_body = SignIn,
    responses((status = 201, body = CurrentSession), (status = 401), (status = 403), (status = 429))
)]
async fn sign_in(
    State(ctx): State<Ctx>,
    Extension(atlas): Extension<Atlas>,
    source: Source,
    Body(body): Body<SignIn>,
) -> Result<Response, Failure> {
    let credentials = Credentials {
        login: body.login,
        password: body.password,
        totp: body.totp,
    };
    let signed_in = sign_in::sign_in(&ctx, source, credentials).await?;
    let set = cookie::set(&ctx.config, &signed_in.token, None);
    let view = CurrentSession::from(&signed_in).named(&atlas);
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, set)], Json(view)).into_response())
}

/// Who I am.
#[utoipa::path(
    get,
    path = "/session",
    tag = "identity",
    responses((status = 200, body = CurrentSession), (status = 401))
)]
async fn current(
    State(ctx): State<Ctx>,
    Extension(atlas): Extension<Atlas>,
    who: Holder,
) -> Answer<CurrentSession> {
    Ok(Json(
        CurrentSession::from(own::current(&ctx, &who).await?).named(&atlas),
    ))
}

/// Signs out.
#[utoipa::path(delete, path = "/session", tag = "identity", responses((status = 204), (status = 401)))]
async fn sign_out(State(ctx): State<Ctx>, who: Holder) -> Result<Response, Failure> {
    own::sign_out(&ctx, &who).await?;
    Ok((
        StatusCode::NO_CONTENT,
        [(header::SET_COOKIE, cookie::clear(&ctx.config))],
    )
        .into_response())
}

/// Changes my password; my other sessions end.
#[utoipa::path(
    put,
    path = "/session/password",
    tag = "identity",
    request_body = ChangePassword,
    responses((status = 204), (status = 403), (status = 422))
)]
async fn change_password(
    State(ctx): State<Ctx>,
    who: Holder,
    Body(body): Body<ChangePassword>,
) -> Result<Response, Failure> {
    let token = own::change_password(&ctx, &who, body.current, body.new).await?;
    Ok(renewed(cookie::set(&ctx.config, &token, None)))
}

/// Begins to set up my authenticator.
#[utoipa::path(
    post,
    path = "/session/totp",
    tag = "identity",
    responses((status = 200, body = TotpOffer), (status = 409))
)]
async fn begin_totp(State(ctx): State<Ctx>, who: Holder) -> Answer<TotpOffer> {
    let (secret, address) = own::begin_totp(&ctx, &who).await?;
    Ok(Json(TotpOffer { secret, address }))
}

/// Proves that my authenticator works.
#[utoipa::path(
    post,
    path = "/session/totp/verify",
    tag = "identity",
    request_body = Code,
    responses((status = 204), (status = 401), (status = 409))
)]
async fn confirm_totp(
    State(ctx): State<Ctx>,
    who: Holder,
    Body(body): Body<Code>,
) -> Result<Response, Failure> {
    let token = own::confirm_totp(&ctx, &who, &body.code).await?;
    Ok(renewed(cookie::set(&ctx.config, &token, None)))
}

/// My live sessions.
#[utoipa::path(get, path = "/sessions", tag = "identity", responses((status = 200, body = Vec<SessionView>)))]
async fn list(State(ctx): State<Ctx>, who: Holder) -> Answer<Vec<SessionView>> {
    let sessions = own::list_sessions(&ctx, &who.account_id).await?;
    let view = |session| SessionView::new(session, Some(&who.session_id));
    Ok(Json(sessions.into_iter().map(view).collect()))
}

/// Ends one of my sessions.
#[utoipa::path(
    delete,
    path = "/sessions/{id}",
    tag = "identity",
    params(("id" = String, Path)),
    responses((status = 204), (status = 404))
)]
async fn end(
    State(ctx): State<Ctx>,
    who: Holder,
    Path(id): Path<SessionId>,
) -> Result<StatusCode, Failure> {
    own::end_session(&ctx, &who, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn renewed(set: HeaderValue) -> Response {
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, set)]).into_response()
}
