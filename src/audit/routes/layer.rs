//! Watches every answer of the API and writes down what was refused. Must stand outside the identity guard.

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

use crate::audit::attempt::{Happened, noted};
use crate::audit::bound::Bound;
use crate::audit::service::{self, Attempt};
use crate::identity::{self, Seen};
use crate::platform::Ctx;
use crate::platform::http::problem::{Refused, trace_id};

/// The layer.
pub async fn layer(
    State((ctx, bound)): State<(Ctx, Bound)>,
    request: Request,
    next: Next,
) -> Response {
    let is_command = !matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let path: String = request.uri().path().chars().take(300).collect();
    let source = identity::source(&ctx, request.headers(), request.extensions()).address;
    let response = next.run(request).await;
    let Some(seen) = response.extensions().get::<Seen>() else {
        return response;
    };
    let status = response.status().as_u16();
    let Some(noted) = noted(Happened {
        is_command,
        status,
        action: seen.action,
    }) else {
        return response;
    };
    let Some(left_out) = bound.admit(&source, ctx.clock.now()) else {
        return response;
    };
    let attempt = Attempt {
        noted,
        route: seen.route.clone(),
        path,
        action: seen.action,
        who: seen
            .who
            .as_ref()
            .map(|(account, division)| (account.clone(), division.to_string())),
        source,
        status,
        code: response
            .extensions()
            .get::<Refused>()
            .map(|refused| refused.0),
        trace_id: trace_id(),
        left_out,
    };
    if let Err(fault) = service::record(&ctx, attempt).await {
        tracing::error!(%fault, "an attempt could not be written into the audit");
    }
    response
}
