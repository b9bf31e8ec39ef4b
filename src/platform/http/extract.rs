//! Reads a request; what cannot be read is refused as a problem, never as plain text.

use axum::{
    extract::{FromRequest, FromRequestParts, Request, rejection::BytesRejection},
    http::{StatusCode, header, request::Parts},
};
use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::platform::failure::{Failure, Kind, Refusal};

/// Deepest nesting of a JSON body.
pub const JSON_DEPTH_MAX: usize = 32;

/// A JSON body.
#[derive(Debug, Clone)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| {
                value
                    .split(';')
                    .next()
                    .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
            });
        if !json {
            return Err(Refusal::new(
                Kind::UnsupportedMedia,
                "request.not_json",
                "请求须为 JSON：请设置 Content-Type: application/json。",
                "The body must be JSON: set Content-Type: application/json.",
            )
            .into());
        }
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(too_large_or_broken)?;
        parse(&bytes).map(Body)
    }
}

/// Parses JSON within the depth bound.
///
/// # Errors
/// A refusal that says where the text stops making sense.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    if depth(bytes) > JSON_DEPTH_MAX {
        return Err(Refusal::new(
            Kind::Malformed,
            "request.too_deep",
            format!("JSON 嵌套不得超过 {JSON_DEPTH_MAX} 层。"),
            format!("JSON may be nested at most {JSON_DEPTH_MAX} deep."),
        )
        .into());
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let kind = if error.is_data() {
            Kind::Invalid
        } else {
            Kind::Malformed
        };
        Refusal::new(
            kind,
            "request.malformed",
            format!(
                "请求内容无法识别（第 {} 行第 {} 列）：{error}",
                error.line(),
                error.column()
            ),
            format!("The body cannot be read: {error}"),
        )
        .into()
    })
}

fn too_large_or_broken(rejection: BytesRejection) -> Failure {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Refusal::new(
            Kind::TooLarge,
            "request.too_large",
            "请求内容过大。",
            "The request is larger than this address accepts.",
        )
        .into()
    } else {
        Refusal::new(
            Kind::Malformed,
            "request.incomplete",
            "请求未能完整送达，请重试。",
            "The request did not arrive whole; try again.",
        )
        .into()
    }
}

/// How deep brackets outside of strings go.
fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for &byte in bytes {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Query parameters.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        axum::extract::Query::try_from_uri(&parts.uri)
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|error| {
                Refusal::new(
                    Kind::Malformed,
                    "request.bad_query",
                    format!("网址参数有误：{error}"),
                    format!("The query cannot be read: {error}"),
                )
                .into()
            })
    }
}

/// Path parameters. A malformed id names nothing: it is missing.
#[derive(Debug, Clone)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        axum::extract::Path::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(value)| Self(value))
            .map_err(|_| {
                Refusal::new(
                    Kind::Missing,
                    "request.no_such_thing",
                    "网址中的编号无效，没有这样的对象。",
                    "The id in the address is not valid: there is no such thing.",
                )
                .into()
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_strings_do_not_count() {
        assert_eq!(depth(br#"{"a":"[[[[\"[[","b":[1,{"c":2}]}"#), 3);
    }

    #[test]
    fn deep_json_is_refused_before_it_is_parsed() {
        let deep = "[".repeat(100_000);
        let refused = parse::<serde_json::Value>(deep.as_bytes()).unwrap_err();
        assert_eq!(refused.code(), Some("request.too_deep"));
    }
}
