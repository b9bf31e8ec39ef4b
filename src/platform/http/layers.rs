//! What every request passes on its way in: a trace id, a check of where it comes from, a count.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tracing::Instrument as _;

use super::problem::{TRACE_ID, trace_id};
use crate::platform::{
    ctx::Ctx,
    failure::{Kind, Refusal},
    id, journal,
    metrics::RequestLabels,
};

/// Where in the journal a state answer stands: subscribe from here and nothing is missed.
pub const JOURNAL_SEQ: &str = "x-journal-seq";
pub const JOURNAL_EPOCH: &str = "x-journal-epoch";

/// Gives the request its trace id and counts the answer.
pub async fn trace(State(ctx): State<Ctx>, request: Request, next: Next) -> Response {
    let trace = id::fresh(ctx.clock.now());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let started = ctx.clock.now();
    let span = tracing::info_span!("request", %method, path, trace_id = trace);
    let mut response = TRACE_ID
        .scope(trace.clone(), next.run(request).instrument(span))
        .await;
    let status = response.status().as_u16();
    let duration_ms = ctx.clock.now().since(started);
    tracing::debug!(%method, path, status, duration_ms, "answered a request");
    ctx.metrics
        .requests
        .get_or_create(&RequestLabels {
            method: method.to_string(),
            status,
        })
        .inc();
    if let Ok(value) = HeaderValue::from_str(&trace) {
        response.headers_mut().insert("x-trace-id", value);
    }
    response
}

/// Refuses an unsafe request that another site's page makes with our user's cookie.
pub async fn same_origin(request: Request, next: Next) -> Response {
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if !safe && !own_origin(request.headers()) {
        return foreign_origin().into_response();
    }
    next.run(request).await
}

/// Whether a request comes from our own page, or from no page at all.
#[must_use]
pub fn own_origin(headers: &HeaderMap) -> bool {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if text(header::HeaderName::from_static("sec-fetch-site"))
        .is_some_and(|site| site == "cross-site")
    {
        return false;
    }
    let Some(origin) = text(header::ORIGIN) else {
        return true;
    };
    let host =
        text(header::HeaderName::from_static("x-forwarded-host")).or_else(|| text(header::HOST));
    origin.split_once("://").map(|(_, authority)| authority) == host
}

#[must_use]
pub fn foreign_origin() -> Refusal {
    Refusal::new(
        Kind::Forbidden,
        "request.foreign_origin",
        "请求来自其他网站的页面，已拒绝。",
        "The request comes from another site's page and was refused.",
    )
}

/// Puts the journal's place, read *before* the state, on every answer to a GET of state.
pub async fn journal_place(State(ctx): State<Ctx>, request: Request, next: Next) -> Response {
    if request.method() != Method::GET {
        return next.run(request).await;
    }
    let head = journal::head(&ctx.db).await;
    let mut response = next.run(request).await;
    if let Ok(head) = head {
        response
            .headers_mut()
            .insert(JOURNAL_SEQ, HeaderValue::from(head.seq));
        if let Ok(epoch) = HeaderValue::from_str(&head.epoch) {
            response.headers_mut().insert(JOURNAL_EPOCH, epoch);
        }
    }
    response
}

/// For addresses under /api/ that do not exist.
pub async fn no_such_address() -> Refusal {
    tracing::debug!(
        trace_id = trace_id(),
        "asked for an address that does not exist"
    );
    Refusal::new(
        Kind::Missing,
        "request.no_such_address",
        "没有这个接口地址。",
        "There is no such address.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    header::HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn a_foreign_page_is_told_apart_from_ours_and_from_no_page() {
        assert!(own_origin(&headers(&[("host", "fht:8470")])));
        assert!(own_origin(&headers(&[
            ("host", "fht:8470"),
            ("origin", "http://fht:8470")
        ])));
        assert!(!own_origin(&headers(&[
            ("host", "fht:8470"),
            ("origin", "http://evil")
        ])));
        assert!(!own_origin(&headers(&[
            ("host", "fht:8470"),
            ("origin", "null")
        ])));
        assert!(!own_origin(&headers(&[
            ("host", "fht:8470"),
            ("sec-fetch-site", "cross-site")
        ])));
    }
}
