//! A browser for tests: keeps the session cookie, speaks JSON, goes through the whole router.

use std::sync::atomic::{AtomicU32, Ordering};

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use fenghuotai::{
    identity::{self, AccountId, Provision, Rights, Role, VenueId},
    platform::Ctx,
    region::DivisionCode,
};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::world::World;

/// Long enough to need no mixture, and nobody's name.
pub const PASSWORD: &str = "lantern river seven boats";
/// The authenticator of every provisioned administrator.
pub const TOTP_SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// One browser.
#[derive(Clone)]
pub struct Client {
    router: Router,
    ctx: Ctx,
    pub cookie: Option<String>,
    /// Set once signed in through [`World::login_as`].
    pub login: String,
    pub account_id: Option<AccountId>,
    pub venue_id: Option<VenueId>,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    /// Null when the body is empty or not JSON.
    pub json: Value,
}

impl Reply {
    /// The refusal's code.
    pub fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or_default()
    }

    /// The body of a success; panics with the whole problem otherwise.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.status.is_success(), "{}: {}", self.status, self.json);
        self.json
    }

    /// Asserts a refusal and its code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!(
            (self.status.as_u16(), self.code()),
            (status, code),
            "{}",
            self.json
        );
        self.json
    }
}

impl Client {
    pub fn new(world: &World) -> Self {
        Self {
            router: world.router.clone(),
            ctx: world.ctx.clone(),
            cookie: None,
            login: String::new(),
            account_id: None,
            venue_id: None,
        }
    }

    pub async fn signed_in(world: &World, role: Role, division: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let login = format!(
            "{}-{}",
            role.as_str(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let now = world.ctx.clock.now();
        let venue_id = (role == Role::Venue).then(|| VenueId::new(now));
        let administrator = role.is_administrator();
        let account = identity::provision(
            &world.ctx,
            Provision {
                login: login.clone(),
                name: format!("测试{login}"),
                password: PASSWORD.to_owned(),
                rights: Rights {
                    roles: vec![role],
                    division: DivisionCode::parse(division).expect("a division code"),
                    venue_id: venue_id.clone(),
                },
                totp_secret: administrator.then(|| TOTP_SECRET.to_owned()),
            },
        )
        .await
        .expect("the account is made");
        let mut client = Self::new(world);
        let totp = administrator.then(|| client.totp(TOTP_SECRET));
        client.sign_in(&login, PASSWORD, totp.as_deref()).await.ok();
        client.login = login;
        client.account_id = Some(account.id);
        client.venue_id = venue_id;
        client
    }

    /// What an authenticator with this secret shows now.
    pub fn totp(&self, secret: &str) -> String {
        identity::totp_code_at(secret, self.ctx.clock.now()).expect("a base32 secret")
    }

    pub async fn sign_in(&mut self, login: &str, password: &str, totp: Option<&str>) -> Reply {
        let body = json!({ "login": login, "password": password, "totp": totp });
        self.post("/session", body).await
    }

    pub async fn get(&mut self, path: &str) -> Reply {
        self.send(Method::GET, path, Value::Null, &[]).await
    }

    pub async fn post(&mut self, path: &str, body: Value) -> Reply {
        self.send(Method::POST, path, body, &[]).await
    }

    pub async fn put(&mut self, path: &str, body: Value) -> Reply {
        self.send(Method::PUT, path, body, &[]).await
    }

    pub async fn patch(&mut self, path: &str, body: Value) -> Reply {
        self.send(Method::PATCH, path, body, &[]).await
    }

    pub async fn delete(&mut self, path: &str) -> Reply {
        self.send(Method::DELETE, path, Value::Null, &[]).await
    }

    /// Sends JSON (null: no body) to a path under `/api/v1`.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> Reply {
        let bytes = if body.is_null() {
            Vec::new()
        } else {
            body.to_string().into_bytes()
        };
        let mut all = headers.to_vec();
        if !bytes.is_empty() && !headers.iter().any(|(name, _)| *name == "content-type") {
            all.push(("content-type", "application/json"));
        }
        self.send_bytes(method, path, bytes, &all).await
    }

    /// Sends a file.
    pub async fn upload(
        &mut self,
        path: &str,
        content_type: &str,
        file: impl AsRef<[u8]>,
    ) -> Reply {
        let headers = [("content-type", content_type)];
        self.send_bytes(Method::POST, path, file.as_ref().to_vec(), &headers)
            .await
    }

    /// Sends any body: files.
    pub async fn send_bytes(
        &mut self,
        method: Method,
        path: &str,
        body: Vec<u8>,
        headers: &[(&str, &str)],
    ) -> Reply {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header(header::HOST, "tower.invalid");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let request = request.body(Body::from(body)).expect("a request");
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("the router answers");
        let (parts, body) = response.into_parts();
        for set in parts.headers.get_all(header::SET_COOKIE) {
            let pair = set
                .to_str()
                .expect("ASCII")
                .split(';')
                .next()
                .unwrap_or_default();
            self.cookie = (!pair.ends_with('=')).then(|| pair.to_owned());
        }
        let bytes = body.collect().await.expect("the body arrives").to_bytes();
        let json = serde_json::from_slice(&bytes).unwrap_or_default();
        Reply {
            status: parts.status,
            headers: parts.headers,
            json,
        }
    }
}
