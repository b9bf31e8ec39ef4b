//! Commands over the socket: the same routes, rules and answers as over HTTP.

use std::sync::{Arc, OnceLock, Weak};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, HeaderValue, Method, Request, header},
};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::platform::{
    failure::{Kind, Refusal},
    http::{idempotency, problem, serve::Peer},
};

const ANSWER_MAX: usize = 8 * 1024 * 1024;

/// The router the socket itself is part of; set once when it is complete.
#[derive(Debug, Clone, Default)]
pub struct CommandRouter(Arc<OnceLock<Router>>);

/// How the router reaches itself without keeping itself alive.
#[derive(Debug, Clone)]
pub struct ToRouter(Weak<OnceLock<Router>>);

impl CommandRouter {
    #[must_use]
    pub fn reach(&self) -> ToRouter {
        ToRouter(Arc::downgrade(&self.0))
    }

    pub fn complete(&self, router: Router) {
        // A second router would be a second app: it has its own cell.
        let _ = self.0.set(router);
    }
}

/// Who sends: the socket's cookie and address stand for every command on it.
#[derive(Debug, Clone)]
pub struct Sender {
    pub cookie: Option<HeaderValue>,
    pub authorization: Option<HeaderValue>,
    pub host: Option<HeaderValue>,
    pub peer: Option<Peer>,
}

impl Sender {
    pub fn of(headers: &HeaderMap, peer: Option<Peer>) -> Self {
        let get = |name| headers.get(name).cloned();
        Self {
            cookie: get(header::COOKIE),
            authorization: get(header::AUTHORIZATION),
            host: get(header::HOST),
            peer,
        }
    }
}

/// Runs one command; answers status and body.
pub async fn run(
    router: &ToRouter,
    sender: &Sender,
    id: &str,
    method: &str,
    path: &str,
    body: Option<Value>,
) -> (u16, Value) {
    let router = router.0.upgrade();
    let method = Method::from_bytes(method.as_bytes()).ok().filter(|method| {
        matches!(
            *method,
            Method::GET | Method::POST | Method::PUT | Method::PATCH | Method::DELETE
        )
    });
    let (Some(router), Some(method), true) = (
        router.as_ref().and_then(|router| router.get()),
        method,
        path.starts_with("/api/v1/"),
    ) else {
        return refused(&bad_command());
    };
    let mut request = Request::builder().method(method).uri(path);
    let headers = [
        (header::COOKIE, &sender.cookie),
        (header::AUTHORIZATION, &sender.authorization),
        (header::HOST, &sender.host),
    ];
    for (name, value) in headers {
        if let Some(value) = value {
            request = request.header(name, value);
        }
    }
    request = request
        .header(idempotency::HEADER, id)
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(peer) = sender.peer {
        request = request.extension(peer);
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let Ok(request) = request.body(body) else {
        return refused(&bad_command());
    };
    let response = match router.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let status = response.status().as_u16();
    let bytes = to_bytes(response.into_body(), ANSWER_MAX)
        .await
        .unwrap_or_default();
    (
        status,
        serde_json::from_slice(&bytes).unwrap_or_else(|_| json!(String::from_utf8_lossy(&bytes))),
    )
}

fn refused(refusal: &Refusal) -> (u16, Value) {
    (refusal.kind.status().as_u16(), problem::body(refusal))
}

fn bad_command() -> Refusal {
    Refusal::new(
        Kind::Malformed,
        "socket.bad_command",
        "命令须指明方法和 /api/v1/ 下的地址。",
        "A command names a method and an address under /api/v1/.",
    )
}
