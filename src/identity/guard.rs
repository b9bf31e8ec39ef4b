//! What stands in front of every route of the API: who is asking, and whether the policy lets him at all.

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::model::{Actor, Stage, WithAccount};
use super::policy::{self, Action, Gate};
use super::refusal::No;
use super::service::own::Holder;
use super::service::sign_in::Source;
use super::store::sessions;
use super::{cookie, token};
use crate::platform::Ctx;
use crate::platform::clock::Millis;
use crate::platform::failure::{Failure, Fault};
use crate::platform::http::idempotency::Subject;
use crate::platform::http::serve::Peer;
use crate::region::DivisionCode;

/// A session's last use is written down at most this often.
const TOUCH_MS: i64 = Millis::MINUTE;

/// Left on every answer for the audit: who asked, and for what.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Account and home of the one who asked; nobody before sign-in.
    pub who: Option<(String, DivisionCode)>,
    pub action: Option<Action>,
    /// `POST /incidents/{id}/verify`.
    pub route: String,
}

/// The layer. Sets [`Actor`], [`Holder`] and [`Subject`] on the request, [`Seen`] on the answer.
pub async fn layer(State(ctx): State<Ctx>, mut request: Request, next: Next) -> Response {
    let Some(path) = api_path(&request) else {
        return next.run(request).await;
    };
    let method = if request.method() == Method::HEAD {
        Method::GET
    } else {
        request.method().clone()
    };
    let mut seen = Seen {
        route: format!("{method} {path}"),
        ..Seen::default()
    };
    let mut response = match admit(&ctx, method.as_str(), &path, &mut request, &mut seen).await {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    };
    response.extensions_mut().insert(seen);
    response
}

async fn admit(
    ctx: &Ctx,
    method: &str,
    path: &str,
    request: &mut Request,
    seen: &mut Seen,
) -> Result<(), Failure> {
    let gate = policy::gate(method, path).ok_or_else(|| No::RouteNotListed {
        route: seen.route.clone(),
    })?;
    if let Gate::Needs(action) = gate {
        seen.action = Some(action);
    }
    let source = source(ctx, request.headers(), request.extensions());
    let found = current(ctx, request.headers()).await?;
    let Some(found) = found else {
        request.extensions_mut().insert(source);
        return if gate == Gate::Public {
            Ok(())
        } else {
            Err(No::NotSignedIn.into())
        };
    };
    let account_id = found.session.account_id.to_string();
    seen.who = Some((account_id.clone(), found.division.clone()));
    let holder = Holder {
        account_id: found.session.account_id.clone(),
        session_id: found.session.id.clone(),
        address: source.address.clone(),
    };
    let stage = found.stage();
    let actor = Actor {
        account_id: found.session.account_id,
        session_id: found.session.id,
        name: found.name,
        roles: found.roles,
        division: found.division,
        venue_id: found.venue_id,
    };
    if let Gate::Needs(action) = gate {
        match stage {
            Stage::Full => policy::may_somewhere(&actor, action)?,
            Stage::ChangePassword => return Err(No::PasswordMustChange.into()),
            Stage::EnrolTotp => return Err(No::TotpMustEnrol.into()),
        }
    }
    let extensions = request.extensions_mut();
    extensions.insert(source);
    extensions.insert(Subject(account_id));
    extensions.insert(holder);
    if stage == Stage::Full {
        extensions.insert(actor);
    }
    Ok(())
}

/// The live session a request carries, its last use written down.
async fn current(ctx: &Ctx, headers: &HeaderMap) -> Result<Option<WithAccount>, Fault> {
    let Some(token) = cookie::token(&ctx.config, headers) else {
        return Ok(None);
    };
    let now = ctx.clock.now();
    let found = sessions::by_token(ctx.db.read(), &token::digest(token)).await?;
    let Some(found) = found.filter(|found| found.session.is_live(now) && !found.disabled) else {
        return Ok(None);
    };
    if now.since(found.session.last_seen_at) > TOUCH_MS {
        let mut tx = ctx.db.begin().await?;
        sessions::touch(&mut tx, &found.session.id, now).await?;
        tx.commit().await?;
    }
    Ok(Some(found))
}

/// The route without the version prefix; `None` outside the API.
fn api_path(request: &Request) -> Option<String> {
    let matched = request.extensions().get::<MatchedPath>()?;
    Some(matched.as_str().strip_prefix("/api/v1")?.to_owned())
}

/// Where a request comes from. Behind a proxy the address it appended counts, never the client's own claim.
pub fn source(ctx: &Ctx, headers: &HeaderMap, extensions: &Extensions) -> Source {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let peer = extensions
        .get::<Peer>()
        .map_or_else(|| "local".to_owned(), |peer| peer.0.ip().to_string());
    let forwarded = text(header::HeaderName::from_static("x-forwarded-for"))
        .filter(|_| ctx.config.http.behind_tls_proxy)
        .and_then(|list| list.rsplit(',').next())
        .map(|address| address.trim().chars().take(64).collect());
    let agent = text(header::USER_AGENT)
        .unwrap_or_default()
        .chars()
        .take(200)
        .collect();
    Source {
        address: forwarded.unwrap_or(peer),
        agent,
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Actor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Ok(parts
            .extensions
            .get::<Actor>()
            .cloned()
            .ok_or(No::NotSignedIn)?)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Holder {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Ok(parts
            .extensions
            .get::<Holder>()
            .cloned()
            .ok_or(No::NotSignedIn)?)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Source {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Ok(parts
            .extensions
            .get::<Source>()
            .cloned()
            .unwrap_or_default())
    }
}
