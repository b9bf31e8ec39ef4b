//! A command with a client's own id takes effect once, however often it is sent.
//!
//! The id is written in the transaction that does the work (see [`Tx::commit`]), the answer after it. A retry
//! gets the stored answer; when a crash lost the answer but not the work, it is told that the work is done.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use sha2::{Digest as _, Sha256};

use crate::platform::{
    clock::Millis,
    ctx::Ctx,
    db::args,
    failure::{Failure, Fault, Kind, Refusal},
    id,
};

pub const HEADER: &str = "idempotency-key";
/// Answers may hold a first password or an enrolment code: they are sealed like any other secret.
const SEALED: &str = "commands.body";
/// Answers longer than this are not kept; the retry is then told that the work is done.
const ANSWER_MAX: usize = 256 * 1024;
/// How long a retry is recognised.
const KEPT_MS: i64 = 24 * Millis::HOUR;

/// Who sends the request: set by the layer that knows sessions.
#[derive(Debug, Clone)]
pub struct Subject(pub String);

/// The command under way, for the transaction that does its work.
#[derive(Debug, Clone)]
pub struct CommandId {
    pub subject: String,
    pub id: String,
    pub fingerprint: String,
    pub at: Millis,
}

tokio::task_local! {
    pub static COMMAND: CommandId;
}

/// Commands being worked on right now: the same one again must wait for its answer.
#[derive(Debug, Clone, Default)]
pub struct UnderWay(Arc<Mutex<BTreeSet<(String, String)>>>);

struct Turn(UnderWay, (String, String));

impl UnderWay {
    fn take(&self, key: (String, String)) -> Option<Turn> {
        let fresh = self
            .0
            .lock()
            .expect("no holder of this lock panics")
            .insert(key.clone());
        fresh.then(|| Turn(self.clone(), key))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0
            .0
            .lock()
            .expect("no holder of this lock panics")
            .remove(&self.1);
    }
}

const KNOWN: &str =
    "SELECT fingerprint, status, body FROM commands WHERE account_id = $1 AND command_id = $2";
const ANSWERED: &str =
    "UPDATE commands SET status = $3, body = $4 WHERE account_id = $1 AND command_id = $2";
pub(in crate::platform) const RECORD: &str = "
    INSERT INTO commands (account_id, command_id, fingerprint, at)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (account_id, command_id) DO NOTHING
";
const FORGET: &str = "DELETE FROM commands WHERE at < $1";

/// The layer. Must stand inside the one that sets [`Subject`].
pub async fn layer(
    State((ctx, under_way)): State<(Ctx, UnderWay)>,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let Some(key) = request.headers().get(HEADER).filter(|_| !safe).cloned() else {
        return Ok(next.run(request).await);
    };
    let id = key.to_str().ok().and_then(id::canonical).ok_or_else(|| {
        Refusal::new(
            Kind::Malformed,
            "request.bad_idempotency_key",
            "Idempotency-Key 须为 UUID。",
            "Idempotency-Key must be a UUID.",
        )
    })?;
    let Some(Subject(subject)) = request.extensions().get().cloned() else {
        return Ok(next.run(request).await);
    };
    let _turn = under_way
        .take((subject.clone(), id.clone()))
        .ok_or_else(|| {
            Refusal::new(
                Kind::Conflict,
                "request.under_way",
                "同一命令正在执行，请稍后用同一编号重试。",
                "The same command is under way; retry it with the same id in a moment.",
            )
        })?;

    let fingerprint = fingerprint(&request);
    if let Some(row) = ctx
        .db
        .read()
        .fetch_optional(KNOWN, args![&subject, &id])
        .await?
    {
        if row.get::<String>("fingerprint")? != fingerprint {
            return Err(Refusal::new(
                Kind::Invalid,
                "request.id_reused",
                "该命令编号已用于另一条命令。",
                "This id was used for another command.",
            )
            .into());
        }
        let body: Option<String> = row.get("body")?;
        let body = body
            .map(|sealed| ctx.seal.open_text(SEALED, &sealed))
            .transpose()?;
        return replay(row.get("status")?, body);
    }

    let command = CommandId {
        subject: subject.clone(),
        id: id.clone(),
        fingerprint,
        at: ctx.clock.now(),
    };
    let response = COMMAND.scope(command, next.run(request)).await;
    if !response.status().is_success() {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX)
        .await
        .map_err(|error| Fault::new("reading an own answer", error))?;
    if bytes.len() <= ANSWER_MAX
        && let Ok(text) = std::str::from_utf8(&bytes)
    {
        let mut tx = ctx.db.begin().await?;
        tx.execute(
            ANSWERED,
            args![
                &subject,
                &id,
                i64::from(parts.status.as_u16()),
                ctx.seal.seal(SEALED, text)
            ],
        )
        .await?;
        tx.commit().await?;
    }
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

fn replay(status: Option<i64>, body: Option<String>) -> Result<Response, Failure> {
    let status = status.and_then(|status| StatusCode::from_u16(u16::try_from(status).ok()?).ok());
    let (status, body) = match (status, body) {
        (Some(status), Some(body)) => (status, body),
        _ => (StatusCode::OK, r#"{"replayed":true}"#.to_owned()),
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
    Ok(response)
}

/// Two commands are the same when they are sent to the same address. The body is not looked at: it may be
/// a hundred megabytes, and a client that reuses an id for another body has only itself to blame.
fn fingerprint(request: &Request) -> String {
    let mut sha = Sha256::new();
    sha.update(request.method().as_str());
    sha.update([0]);
    sha.update(request.uri().path());
    hex::encode(sha.finalize())
}

/// Forgets answers nobody retries any more.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_old(ctx: &Ctx) -> Result<u64, Fault> {
    let mut tx = ctx.db.begin().await?;
    let forgotten = tx
        .execute(FORGET, args![ctx.clock.now().plus(-KEPT_MS)])
        .await?;
    tx.commit().await?;
    Ok(forgotten)
}

/// The statements of this file, for the test that prepares each on both databases.
pub const STATEMENTS: &[&str] = &[KNOWN, ANSWERED, RECORD, FORGET];
