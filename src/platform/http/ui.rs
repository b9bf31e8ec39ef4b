//! The page: files built into the program, or from a directory while it is being worked on.

use std::path::{Component, Path, PathBuf};

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use rust_embed::RustEmbed;

use crate::platform::ctx::Ctx;

#[derive(RustEmbed)]
#[folder = "web/dist/"]
#[allow_missing = true]
struct Built;

/// Only our own files, workers and sockets; media comes from our own peer connections.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
    font-src 'self' data:; connect-src 'self' ws: wss:; worker-src 'self' blob:; media-src 'self' blob:; object-src 'none'; \
    base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

/// Any path that is not the API's: a file, or the page for the client's own router.
pub async fn serve(State(ctx): State<Ctx>, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let asset = path.starts_with("assets/");
    let wanted = if path.is_empty() { "index.html" } else { path };
    let found = file(&ctx, wanted, &headers).or_else(|| {
        if asset {
            None
        } else {
            file(&ctx, "index.html", &headers)
        }
    });
    let Some((name, encoding, bytes)) = found else {
        let text = if asset {
            "no such file"
        } else {
            "The page has not been built into this program: run `cargo xtask demo`, or start with --ui-dir."
        };
        return (StatusCode::NOT_FOUND, text).into_response();
    };

    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    let kind = mime_guess::from_path(&name).first_or_octet_stream();
    if let Ok(value) = HeaderValue::from_str(kind.as_ref()) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    // Names under assets/ carry a hash of their content.
    let cache = if name.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    response
}

/// Name, encoding and content; a precompressed twin when there is one and the client takes it.
fn file(
    ctx: &Ctx,
    name: &str,
    headers: &HeaderMap,
) -> Option<(String, Option<&'static str>, Bytes)> {
    let accepts = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    for (encoding, suffix) in [("br", ".br"), ("gzip", ".gz")] {
        if accepts.contains(encoding)
            && let Some(bytes) = read(ctx, &format!("{name}{suffix}"))
        {
            return Some((name.to_owned(), Some(encoding), bytes));
        }
    }
    read(ctx, name).map(|bytes| (name.to_owned(), None, bytes))
}

fn read(ctx: &Ctx, name: &str) -> Option<Bytes> {
    match &ctx.config.ui_dir {
        Some(dir) => std::fs::read(inside(dir, name)?).ok().map(Bytes::from),
        None => Built::get(name).map(|file| Bytes::from(file.data.into_owned())),
    }
}

/// The path below `dir`, or nothing when the name leads out of it.
fn inside(dir: &Path, name: &str) -> Option<PathBuf> {
    let plain = Path::new(name)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    plain.then(|| dir.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_directory() {
        assert!(inside(Path::new("/ui"), "assets/a.js").is_some());
        for name in ["../secret", "/etc/passwd", "assets/../../x", ""] {
            assert!(
                inside(Path::new("/ui"), name)
                    .is_none_or(|path| path.starts_with("/ui") && !name.contains("..")),
                "{name}"
            );
        }
    }
}
