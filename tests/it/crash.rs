//! The process is killed at random, fifty times, while it is written to: what it said was done is there.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use fenghuotai::{
    app,
    identity::{self, Provision, Rights, Role},
    platform::{Clock, db::args, id, journal},
    region::DivisionCode,
};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    client::PASSWORD,
    world::{TempDir, test_config},
};

const KILLS: usize = 50;
const WRITERS: usize = 4;
/// What a start may take, at the median of all of them.
const START: Duration = Duration::from_secs(2);

/// A server process; killed when dropped.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn start(config: &std::path::Path) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_fenghuotai"))
            .arg("--config")
            .arg(config)
            .arg("serve")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        Self(child)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGKILL: no handler runs, nothing is flushed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// One request over a fresh connection; nothing when the server is not there or dies before it has answered whole.
async fn request(
    server: SocketAddr,
    method: &str,
    path: &str,
    cookie: &str,
    body: &Value,
) -> Option<(u16, String)> {
    let mut line = TcpStream::connect(server).await.ok()?;
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\ncookie: {cookie}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    line.write_all(head.as_bytes()).await.ok()?;
    line.write_all(body.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).await.ok()?;
    let answer = String::from_utf8(answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length: ")?
            .parse()
            .ok()
    });
    if length.is_some_and(|length: usize| length != body.len()) {
        return None;
    }
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, answer.clone()))
}

pub(crate) async fn until_healthy(server: SocketAddr) -> Duration {
    let started = Instant::now();
    while request(server, "GET", "/health", "", &Value::Null)
        .await
        .is_none_or(|(status, _)| status != 200)
    {
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "the server does not come up"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    started.elapsed()
}

/// What the server has said it has done: incident → the version it told.
type Acknowledged = Arc<Mutex<BTreeMap<String, i64>>>;

/// Reports incidents and moves them on, for ever; keeps what was acknowledged.
async fn write(server: SocketAddr, cookie: String, acknowledged: Acknowledged, seed: u64) {
    let mut chance = StdRng::seed_from_u64(seed);
    loop {
        let known = {
            let known = acknowledged.lock().expect("no writer panics");
            let nth = chance.random_range(0..known.len().max(1));
            known.keys().nth(nth).cloned()
        };
        let (id, path, body) = match known {
            Some(id) if chance.random_bool(0.4) => {
                let path = format!("/api/v1/incidents/{id}/figures");
                let value = chance.random_range(0..9);
                (
                    id,
                    path,
                    json!({ "key": "minor", "value": value, "source": "测试" }),
                )
            }
            _ => {
                let id = id::fresh(Clock::system().now());
                let body = json!({
                    "id": id, "category": "accident.transport.road", "place_text": "人民大街",
                    "lon": 125.32, "lat": 43.88, "description": "崩溃测试",
                });
                (id, "/api/v1/incidents".to_owned(), body)
            }
        };
        let Some((status, answer)) = request(server, "POST", &path, &cookie, &body).await else {
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        };
        if (200..300).contains(&status) {
            let json: Value = answer
                .split_once("\r\n\r\n")
                .and_then(|(_, body)| serde_json::from_str(body).ok())
                .expect("an answer is JSON");
            let version = json["version"].as_i64().unwrap_or(1);
            let mut known = acknowledged.lock().expect("no writer panics");
            let newest = known.entry(id).or_default();
            *newest = version.max(*newest);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_kills_lose_nothing_that_was_acknowledged() {
    let dir = TempDir::new();
    let mut config = test_config(&dir);
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .expect("a free port")
        .local_addr()
        .expect("bound")
        .port();
    config.http.listen = SocketAddr::from(([127, 0, 0, 1], port));
    let server = config.http.listen;
    let file = dir.path().join("fenghuotai.toml");
    std::fs::write(
        &file,
        toml::to_string(&config).expect("a configuration is TOML"),
    )
    .expect("the disk takes it");

    let ctx = app::context(config.clone(), Clock::system())
        .await
        .expect("the database opens");
    let rights = Rights {
        roles: vec![Role::DutyOfficer],
        division: DivisionCode::parse("2201").expect("a code"),
        venue_id: None,
    };
    let provision = Provision {
        login: "duty".into(),
        name: "值班员".into(),
        password: PASSWORD.into(),
        rights,
        totp_secret: None,
    };
    identity::provision(&ctx, provision)
        .await
        .expect("the account is made");
    ctx.db.close().await;

    let mut process = Process::start(&file);
    until_healthy(server).await;
    let login = json!({ "login": "duty", "password": PASSWORD });
    let (status, answer) = request(server, "POST", "/api/v1/session", "", &login)
        .await
        .expect("an answer");
    assert!((200..300).contains(&status), "{answer}");
    let cookie = answer
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase()
                .starts_with("set-cookie: ")
                .then(|| line["set-cookie: ".len()..].to_owned())
        })
        .and_then(|cookie| cookie.split(';').next().map(str::to_owned))
        .expect("a session cookie");

    let acknowledged = Acknowledged::default();
    let writers: Vec<_> = (0..WRITERS)
        .map(|n| {
            fenghuotai::platform::tasks::spawn(
                "writer",
                write(server, cookie.clone(), acknowledged.clone(), n as u64),
            )
        })
        .collect();
    let mut chance = StdRng::seed_from_u64(50);
    let mut starts = Vec::new();
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(chance.random_range(20..400))).await;
        drop(process);
        process = Process::start(&file);
        starts.push(until_healthy(server).await);
    }
    writers.iter().for_each(tokio::task::JoinHandle::abort);
    drop(process);

    let ctx = app::context(config, Clock::system())
        .await
        .expect("the database opens after the last kill");
    let known = acknowledged.lock().expect("no writer panics").clone();
    assert!(
        known.len() > KILLS,
        "only {} incidents were acknowledged",
        known.len()
    );
    for (id, version) in &known {
        let row = ctx
            .db
            .read()
            .fetch_optional(
                "SELECT version FROM incidents WHERE incident_id = $1",
                args![id],
            )
            .await
            .expect("read");
        let kept: i64 = row
            .unwrap_or_else(|| panic!("{id} was acknowledged and is gone"))
            .get("version")
            .expect("a version");
        assert!(
            kept >= *version,
            "{id}: version {version} was acknowledged, {kept} is there"
        );
    }
    let verdict = journal::verify(&ctx.db).await.expect("the journal reads");
    assert_eq!(verdict.first_bad, None);
    starts.sort();
    let median = starts[starts.len() / 2];
    println!(
        "{} incidents acknowledged over {KILLS} kills; start at the median {median:?}",
        known.len()
    );
    assert!(median < START, "a start takes {median:?} at the median");
}
