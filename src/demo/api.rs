//! The product's own HTTP API, called inside the process: the demonstration uses no door that customers do not have.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::platform::Fault;

/// Largest answer the demonstration reads, bytes.
const ANSWER_MAX: usize = 16 << 20;

/// A signed-in caller.
#[derive(Clone, Debug)]
pub struct Api {
    router: Router,
    cookie: String,
}

impl Api {
    /// Signs in as a person.
    ///
    /// # Errors
    /// When the account is refused.
    pub async fn sign_in(router: &Router, login: &str, password: &str) -> Result<Self, Fault> {
        let body = json!({ "login": login, "password": password });
        let request = request(
            Method::POST,
            "/session",
            "",
            "application/json",
            body.to_string(),
        )?;
        let response = send(router, request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let cookie = headers
            .get(header::SET_COOKIE)
            .and_then(|value| value.to_str().ok());
        let cookie = cookie
            .and_then(|value| value.split(';').next())
            .unwrap_or_default()
            .to_owned();
        if !status.is_success() || cookie.is_empty() {
            return Err(refused("/session", status, &read(response).await?));
        }
        Ok(Self {
            router: router.clone(),
            cookie,
        })
    }

    pub async fn get(&self, path: &str) -> Result<Value, Fault> {
        self.call(Method::GET, path, "application/json", String::new())
            .await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Fault> {
        self.call(Method::POST, path, "application/json", body.to_string())
            .await
    }

    /// Sends text of another kind, such as an import file.
    pub async fn send(&self, path: &str, content_type: &str, body: String) -> Result<Value, Fault> {
        self.call(Method::POST, path, content_type, body).await
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        kind: &str,
        body: String,
    ) -> Result<Value, Fault> {
        let request = request(method, path, &self.cookie, kind, body)?;
        let response = send(&self.router, request).await?;
        let status = response.status();
        let answer = read(response).await?;
        if status.is_success() {
            Ok(answer)
        } else {
            Err(refused(path, status, &answer))
        }
    }
}

fn request(
    method: Method,
    path: &str,
    cookie: &str,
    kind: &str,
    body: String,
) -> Result<Request<Body>, Fault> {
    let doing = || format!("calling {path}");
    Request::builder()
        .method(method)
        .uri(format!("/api/v1{path}"))
        .header(header::HOST, "localhost")
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, kind)
        .body(Body::from(body))
        .map_err(|error| Fault::new(doing(), error))
}

async fn send(router: &Router, request: Request<Body>) -> Result<axum::response::Response, Fault> {
    match router.clone().oneshot(request).await {
        Ok(response) => Ok(response),
        Err(never) => match never {},
    }
}

async fn read(response: axum::response::Response) -> Result<Value, Fault> {
    let body = http_body_util::Limited::new(response.into_body(), ANSWER_MAX);
    let bytes = body
        .collect()
        .await
        .map_err(|error| Fault::new("reading an answer", error))?
        .to_bytes();
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    Ok(serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

fn refused(path: &str, status: StatusCode, answer: &Value) -> Fault {
    Fault::new(
        format!("the demonstration called {path}"),
        format!("{status}: {answer}"),
    )
}
