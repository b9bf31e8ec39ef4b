//! What a failure looks like outside: RFC 9457 problem details in both languages.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use crate::platform::failure::{Failure, Fault, Kind, Refusal};

tokio::task_local! {
    /// Id of the request under way; on every problem and every log line of it.
    pub static TRACE_ID: String;
}

#[must_use]
pub fn trace_id() -> String {
    TRACE_ID.try_with(Clone::clone).unwrap_or_default()
}

impl Kind {
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Missing => StatusCode::NOT_FOUND,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMedia => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
        }
    }
}

/// The body of a refusal.
#[must_use]
pub fn body(refusal: &Refusal) -> Value {
    let status = refusal.kind.status();
    let mut body = Map::new();
    body.insert(
        "type".into(),
        json!(format!("urn:fenghuotai:problem:{}", refusal.code)),
    );
    body.insert("title".into(), json!(status.canonical_reason()));
    body.insert("status".into(), json!(status.as_u16()));
    body.insert("code".into(), json!(refusal.code));
    body.insert("detail".into(), json!(refusal.zh));
    body.insert("detail_en".into(), json!(refusal.en));
    body.insert("trace_id".into(), json!(trace_id()));
    for (key, fact) in &refusal.facts {
        body.entry(key.clone()).or_insert_with(|| fact.clone());
    }
    Value::Object(body)
}

fn fault_body() -> Value {
    json!({
        "type": "urn:fenghuotai:problem:server.fault",
        "title": "Internal Server Error",
        "status": 500,
        "code": "server.fault",
        "detail": "服务器内部故障，操作未完成。请重试；仍不成功时把追踪号告诉管理员。",
        "detail_en": "The server failed and nothing was done. Try again; if it persists, tell the administrator the trace id.",
        "trace_id": trace_id(),
    })
}

fn response(status: StatusCode, body: &Value) -> Response {
    let mut response = (status, body.to_string()).into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    response
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = response(self.kind.status(), &body(&self));
        // The audit reads which refusal it was without parsing the body.
        response.extensions_mut().insert(Refused(self.code));
        response
    }
}

/// Marks a response as a refusal of the domain.
#[derive(Debug, Clone, Copy)]
pub struct Refused(pub &'static str);

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        if self.is_lost_race() {
            // Nothing was done and the retry will find what the other wrote: no fault of the world.
            tracing::warn!(fault = %self, trace_id = trace_id(), "a request lost a race");
            return Refusal::new(
                Kind::Conflict,
                "request.overtaken",
                "另一项操作刚刚写入了同一记录，本次未作任何改动；请重试。",
                "Another command has just written the same record and nothing was done; try again.",
            )
            .into_response();
        }
        tracing::error!(fault = %self, trace_id = trace_id(), "a request failed");
        response(StatusCode::INTERNAL_SERVER_ERROR, &fault_body())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Refusal(refusal) => refusal.into_response(),
            Self::Fault(fault) => fault.into_response(),
        }
    }
}

/// The answer to a panic in one request: the others carry on.
#[must_use]
pub fn after_panic(panic: Box<dyn std::any::Any + Send>) -> Response {
    let said = panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_default();
    tracing::error!(
        said,
        trace_id = trace_id(),
        "a request panicked: this is a bug"
    );
    response(StatusCode::INTERNAL_SERVER_ERROR, &fault_body())
}
