//! HTTP: accounts, their rights and sessions.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::identity::model::{AccountId, Actor};
use crate::identity::service::accounts::{self, Filter, Rights};
use crate::identity::wire::{
    AccountQuery, AccountView, AccountWithPassword, Grant, LockView, Locks, NewAccount, Rename,
    Revoked, SessionView, Unlock,
};
use crate::platform::Ctx;
use crate::platform::failure::{Answer, Failure};
use crate::platform::http::{Body, Page, Path, Query};

pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(locks))
        .routes(routes!(read, rename))
        .routes(routes!(grant))
        .routes(routes!(disable))
        .routes(routes!(enable))
        .routes(routes!(unlock))
        .routes(routes!(reset_password))
        .routes(routes!(reset_totp))
        .routes(routes!(sessions, revoke_sessions))
}

/// Makes an account without rights.
#[utoipa::path(
    post,
    path = "/accounts",
    tag = "identity",
    request_body = NewAccount,
    responses((status = 201, body = AccountWithPassword), (status = 409), (status = 422))
)]
async fn create(
    State(ctx): State<Ctx>,
    who: Actor,
    Body(body): Body<NewAccount>,
) -> Result<(StatusCode, Json<AccountWithPassword>), Failure> {
    let new = accounts::NewAccount {
        id: body.id,
        login: body.login,
        name: body.name,
        division: body.division,
        initial_password: body.initial_password,
    };
    let (account, initial_password) = accounts::create(&ctx, &who, new).await?;
    Ok((
        StatusCode::CREATED,
        Json(AccountWithPassword {
            account: account.into(),
            initial_password,
        }),
    ))
}

/// Accounts of persons.
#[utoipa::path(get, path = "/accounts", tag = "identity", params(AccountQuery), responses((status = 200, body = Page<AccountView>)))]
async fn list(
    State(ctx): State<Ctx>,
    who: Actor,
    Query(query): Query<AccountQuery>,
) -> Answer<Page<AccountView>> {
    let filter = Filter {
        after: query.after,
        under: query.under,
        words: query.q,
        limit: query.limit,
    };
    let page = accounts::list(&ctx, &who, &filter).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(AccountView::from).collect(),
        next: page.next,
    }))
}

/// One account.
#[utoipa::path(get, path = "/accounts/{id}", tag = "identity", params(("id" = String, Path)), responses((status = 200, body = AccountView), (status = 404)))]
async fn read(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<AccountId>,
) -> Answer<AccountView> {
    Ok(Json(accounts::by_id(&ctx, &who, &id).await?.into()))
}

/// Changes the name.
#[utoipa::path(put, path = "/accounts/{id}", tag = "identity", params(("id" = String, Path)), request_body = Rename, responses((status = 200, body = AccountView), (status = 409)))]
async fn rename(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<AccountId>,
    Body(body): Body<Rename>,
) -> Answer<AccountView> {
    Ok(Json(
        accounts::rename(&ctx, &who, &id, body.version, &body.name)
            .await?
            .into(),
    ))
}

/// Gives an account exactly these rights.
#[utoipa::path(put, path = "/accounts/{id}/roles", tag = "identity", params(("id" = String, Path)), request_body = Grant, responses((status = 200, body = AccountView), (status = 403), (status = 409), (status = 422)))]
async fn grant(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<AccountId>,
    Body(body): Body<Grant>,
) -> Answer<AccountView> {
    let rights = Rights {
        roles: body.roles,
        division: body.division,
        venue_id: body.venue_id,
    };
    Ok(Json(
        accounts::grant(&ctx, &who, &id, body.version, rights)
            .await?
            .into(),
    ))
}

/// Closes an account and ends its sessions.
#[utoipa::path(post, path = "/accounts/{id}/disable", tag = "identity", params(("id" = String, Path)), responses((status = 200, body = AccountView), (status = 409)))]
async fn disable(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<AccountId>,
) -> Answer<AccountView> {
    Ok(Json(accounts::disable(&ctx, &who, &id).await?.into()))
}

/// Opens a closed account again.
#[utoipa::path(post, path = "/accounts/{id}/enable", tag = "identity", params(("id" = String, Path)), responses((status = 200, body = AccountView)))]
async fn enable(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<AccountId>,
) -> Answer<AccountView> {
    Ok(Json(accounts::enable(&ctx, &who, &id).await?.into()))
}

/// The doors that failed sign-ins keep closed now.
#[utoipa::path(get, path = "/accounts/locks", tag = "identity", responses((status = 200, body = Locks)))]
async fn locks(State(ctx): State<Ctx>, who: Actor) -> Answer<Locks> {
    let locks = accounts::locks(&ctx, &who).await?;
    Ok(Json(Locks {
        items: locks.into_iter().map(LockView::from).collect(),
    }))
}

/// Opens the locks that failed sign-ins closed; the audit keeps why.
#[utoipa::path(post, path = "/accounts/{id}/unlock", tag = "identity", params(("id" = String, Path)), request_body = Unlock, responses((status = 200, body = AccountView), (status = 422)))]
async fn unlock(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<AccountId>,
    Body(body): Body<Unlock>,
) -> Answer<AccountView> {
    let account = accounts::unlock(&ctx, &who, &id, &body.reason).await?;
    Ok(Json(account.into()))
}

/// Replaces a forgotten password by a random one.
#[utoipa::path(post, path = "/accounts/{id}/reset-password", tag = "identity", params(("id" = String, Path)), responses((status = 200, body = AccountWithPassword)))]
async fn reset_password(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<AccountId>,
) -> Answer<AccountWithPassword> {
    let (account, initial_password) = accounts::reset_password(&ctx, &who, &id).await?;
    Ok(Json(AccountWithPassword {
        account: account.into(),
        initial_password,
    }))
}

/// Takes a lost authenticator off an account.
#[utoipa::path(post, path = "/accounts/{id}/reset-totp", tag = "identity", params(("id" = String, Path)), responses((status = 200, body = AccountView)))]
async fn reset_totp(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<AccountId>,
) -> Answer<AccountView> {
    Ok(Json(accounts::reset_totp(&ctx, &who, &id).await?.into()))
}

/// The live sessions of an account.
#[utoipa::path(get, path = "/accounts/{id}/sessions", tag = "identity", params(("id" = String, Path)), responses((status = 200, body = Vec<SessionView>)))]
async fn sessions(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<AccountId>,
) -> Answer<Vec<SessionView>> {
    let sessions = accounts::list_sessions(&ctx, &who, &id).await?;
    Ok(Json(
        sessions
            .into_iter()
            .map(|session| SessionView::new(session, None))
            .collect(),
    ))
}

/// Ends every session of an account.
#[utoipa::path(delete, path = "/accounts/{id}/sessions", tag = "identity", params(("id" = String, Path)), responses((status = 200, body = Revoked)))]
async fn revoke_sessions(
    State(ctx): State<Ctx>,
    who: Actor,
    Path(id): Path<AccountId>,
) -> Answer<Revoked> {
    Ok(Json(Revoked {
        ended: accounts::revoke_sessions(&ctx, &who, &id).await?,
    }))
}
