//! The process is killed twenty times at a random moment while it records: every file is whole afterwards, and at
//! most two seconds are lost.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use fenghuotai::{
    app,
    identity::{self, Provision, Rights, Role},
    platform::{Clock, Ctx},
    region::DivisionCode,
};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};

use super::publisher::{Publisher, request};
use crate::client::PASSWORD;
use crate::conference::city;
use crate::crash::{Process, until_healthy};
use crate::world::{TempDir, eventually, test_config};

const KILLS: usize = 20;
const LOST_MAX_MS: i64 = 2_000;
const VENUE: &str = "01930000-0000-7000-8000-000000000001";

struct Tower {
    server: SocketAddr,
    cookie: String,
}

impl Tower {
    async fn call(&self, head: &str, body: Value) -> Value {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let (method, path) = head.split_once(' ').expect("a method and a path");
        let head = format!("{method} /api/v1{path}");
        let (status, _, answer) =
            request(self.server, &head, &self.cookie, "application/json", &body)
                .await
                .expect("an answer");
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!((200..300).contains(&status), "{head}: {status} {answer}");
        serde_json::from_str(&answer).unwrap_or_default()
    }
}

async fn operator(ctx: &Ctx) {
    let provision = Provision {
        login: "operator".into(),
        name: "会控员".into(),
        password: PASSWORD.into(),
        rights: Rights {
            roles: vec![Role::Operator],
            division: DivisionCode::parse("2201").expect("a code"),
            venue_id: None,
        },
        totp_secret: None,
    };
    identity::provision(ctx, provision)
        .await
        .expect("the account is made");
}

async fn sign_in(server: SocketAddr) -> String {
    let login = json!({ "login": "operator", "password": PASSWORD }).to_string();
    let (_, head, answer) = request(
        server,
        "POST /api/v1/session",
        "",
        "application/json",
        &login,
    )
    .await
    .expect("an answer");
    head.lines()
        .find_map(|line| {
            let cookie = line.to_ascii_lowercase().starts_with("set-cookie: ");
            cookie.then(|| line["set-cookie: ".len()..].to_owned())
        })
        .and_then(|cookie| cookie.split(';').next().map(str::to_owned))
        .unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&answer)))
}

/// What another program makes of a file; nothing is said where it is not installed.
fn opens(path: &std::path::Path) -> Option<f64> {
    let probe = [
        "-v",
        "error",
        "-show_entries",
        "format=duration",
        "-of",
        "csv=p=0",
    ];
    let said = Command::new("ffprobe")
        .args(probe)
        .arg(path)
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&said.stdout);
    let seconds = text.trim().parse();
    Some(seconds.unwrap_or_else(|_| panic!("{}: {said:?}", path.display())))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_kills_while_recording_leave_whole_files() {
    let dir = TempDir::new();
    let mut config = test_config(&dir);
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port();
    config.http.listen = SocketAddr::from(([127, 0, 0, 1], port));
    config.recording.low_water_bytes = 0;
    let server = config.http.listen;
    let file = dir.path().join("fenghuotai.toml");
    let text = toml::to_string(&config).expect("a configuration is TOML");
    std::fs::write(&file, text).expect("the disk takes it");
    let ctx = app::context(config.clone(), Clock::system())
        .await
        .expect("the database opens");
    operator(&ctx).await;
    ctx.db.close().await;

    let mut process = Process::start(&file);
    until_healthy(server).await;
    let tower = Tower {
        server,
        cookie: sign_in(server).await,
    };
    tower
        .call("POST /venues", city::venue(VENUE, "市政府", "2201", "city"))
        .await;
    let draft = json!({ "title": "崩溃测试", "active_main": VENUE, "venues": [] });
    let meeting = tower.call("POST /conferences", draft).await;
    let meeting = meeting["id"].as_str().expect("an id").to_owned();
    let conference = format!("/conferences/{meeting}");
    tower
        .call(&format!("POST {conference}/start"), json!({}))
        .await;
    tower
        .call(&format!("POST {conference}/record"), json!({}))
        .await;

    let mut chance = StdRng::seed_from_u64(20);
    let mut last_sent = Vec::new();
    for _ in 0..KILLS {
        // The meeting and its recording have come back by themselves; the venue comes back as a terminal does.
        let join = format!("POST {conference}/join");
        tower.call(&join, json!({ "venue_id": VENUE })).await;
        let publisher = Publisher::connect(server, &tower.cookie, &meeting, VENUE).await;
        eventually("pictures flow", async || publisher.pictures() > 45).await;
        tokio::time::sleep(Duration::from_millis(chance.random_range(100..1_200))).await;
        last_sent.push(publisher.last_at());
        drop(process);
        drop(publisher);
        process = Process::start(&file);
        until_healthy(server).await;
    }

    let state = tower
        .call(&format!("GET {conference}/recording"), Value::Null)
        .await;
    assert_eq!(
        state["running"], true,
        "the recording goes on after every restart"
    );
    let id = state["recording_id"].as_str().expect("an id").to_owned();
    let path = format!("GET /recordings/{id}");
    eventually("every file is in the catalogue", async || {
        let recording = tower.call(&path, Value::Null).await;
        recording["segments"].as_array().map(Vec::len) >= Some(KILLS)
    })
    .await;
    let recording = tower.call(&path, Value::Null).await;
    let segments = recording["segments"].as_array().expect("segments");
    assert_eq!(segments.len(), KILLS);
    let mut worst = 0;
    let mut probed = 0;
    for (segment, sent_at) in segments.iter().zip(&last_sent) {
        assert_eq!(segment["salvaged"], true, "{segment}");
        let number = |name: &str| segment[name].as_i64().expect("a number");
        let lost = sent_at - (number("started_at") + number("duration_ms"));
        assert!(lost <= LOST_MAX_MS, "{lost} ms are lost: {segment}");
        worst = worst.max(lost);
        let path = config
            .recording_folder()
            .join(&id)
            .join(VENUE)
            .join(segment["file"].as_str().expect("a name"));
        if let Some(seconds) = opens(&path) {
            let told = number("duration_ms") as f64 / 1_000.0;
            assert!((seconds - told).abs() < 0.5, "{seconds} s, not {told}");
            probed += 1;
        }
    }
    if probed == 0 {
        eprintln!("SKIPPED: ffprobe is not installed, so only our own reader has opened the files");
    }
    println!(
        "{KILLS} kills while recording: at most {worst} ms lost, {probed} files opened by ffprobe"
    );
}
