//! Recording a meeting: who may, what is kept, how it is found and played, what the journal says.

use std::time::Duration;

use axum::http::Method;
use fenghuotai::identity::Role;
use serde_json::{Value, json};
use sm3::{Digest as _, Sm3};

use super::publisher::{Publisher, request};
use crate::client::Client;
use crate::conference::city::{City, id};
use crate::world::{World, eventually};

/// A meeting in which the county's venue sends pictures and sound.
pub(super) async fn sending(city: &mut City) -> Publisher {
    let cookie = city.county.cookie.clone().expect("signed in");
    let publisher = Publisher::connect(
        city.world.address,
        &cookie,
        &city.meeting,
        &id(&city.county),
    )
    .await;
    eventually("pictures flow", async || publisher.pictures() > 5).await;
    publisher
}

async fn records(city: &mut City, verb: &str) -> Value {
    let path = city.path(verb);
    city.operator.post(&path, json!({})).await.ok()
}

/// Records for a while, stops, and waits for what has become whole.
async fn recorded(city: &mut City) -> Value {
    let publisher = sending(city).await;
    let state = records(city, "record").await;
    assert_eq!(state["running"], true);
    let before = publisher.pictures();
    eventually("two seconds of it", async || {
        publisher.pictures() > before + 50
    })
    .await;
    let state = records(city, "stop-recording").await;
    assert_eq!(
        (&state["running"], &state["ended_why"]),
        (&json!(false), &json!("asked"))
    );
    assert!(
        publisher.keyframes_asked() > 0,
        "the recorder asks for a key frame"
    );
    let path = format!(
        "/recordings/{}",
        state["recording_id"].as_str().expect("an id")
    );
    let mut operator = city.operator.clone();
    eventually("the segment is in the catalogue", async || {
        let recording = operator.get(&path).await.ok();
        recording["segments"]
            .as_array()
            .is_some_and(|segments| !segments.is_empty())
    })
    .await;
    city.operator.get(&path).await.ok()
}

async fn journal(world: &World, kind: &str) -> Vec<Value> {
    let entries = fenghuotai::platform::journal::after(&world.ctx.db, 0, 10_000)
        .await
        .expect("the journal reads");
    let of_kind = entries.into_iter().filter(|entry| entry.kind == kind);
    of_kind
        .map(|entry| json!({ "payload": entry.payload, "actor": entry.actor, "topics": entry.topics }))
        .collect()
}

async fn media(city: &City, recording: &Value, range: &str) -> (u16, String, Vec<u8>) {
    let segment = &recording["segments"][0];
    let head = format!(
        "GET /api/v1/recordings/{}/segments/{}/media",
        recording["recording_id"].as_str().expect("an id"),
        segment["segment_id"].as_str().expect("an id"),
    );
    let cookie = city.operator.cookie.clone().expect("signed in");
    // The range rides on the content type's line: the helper writes no other header.
    let kind = format!("text/plain{range}");
    request(city.world.address, &head, &cookie, &kind, "")
        .await
        .expect("an answer")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_venue_sends_is_kept_with_its_hash_in_the_journal() {
    let mut city = City::in_session().await.everybody_in().await;
    let recording = recorded(&mut city).await;
    let segment = &recording["segments"][0];
    assert_eq!(segment["venue_id"], id(&city.county));
    assert_eq!(segment["venue_name"], "榆树市");
    assert_eq!(segment["picture_codec"], "vp8");
    assert_eq!(
        (&segment["width"], &segment["height"]),
        (&json!(640), &json!(360))
    );
    assert_eq!(segment["sound"], true);
    assert_eq!(segment["salvaged"], false);
    let seconds = segment["duration_ms"].as_i64().expect("a number") as f64 / 1_000.0;
    assert!((1.0..6.0).contains(&seconds), "{seconds} s");

    let (status, head, bytes) = media(&city, &recording, "").await;
    assert_eq!(status, 200, "{head}");
    assert!(head.contains("content-type: video/webm"), "{head}");
    assert_eq!(
        bytes.len() as i64,
        segment["bytes"].as_i64().expect("a number")
    );
    assert_eq!(segment["hash"], hex::encode(Sm3::digest(&bytes)));
    let kept = journal(&city.world, "recording.segment_kept").await;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0]["payload"]["segment"]["hash"], segment["hash"]);
    assert_eq!(kept[0]["payload"]["hash_algorithm"], "sm3");

    // Everybody at the table is told, by the journal and by asking.
    let started = journal(&city.world, "recording.started").await;
    let topics = started[0]["topics"].as_array().expect("topics");
    assert!(topics.contains(&json!(format!("venue/{}", id(&city.district)))));
    let path = city.path("recording");
    assert_eq!(city.district.get(&path).await.ok()["running"], false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn players_get_ranges_and_what_is_opened_is_audited() {
    let mut city = City::in_session().await.everybody_in().await;
    let recording = recorded(&mut city).await;
    let (_, _, whole) = media(&city, &recording, "").await;

    let (status, head, part) = media(&city, &recording, "\r\nrange: bytes=10-19").await;
    assert_eq!(status, 206, "{head}");
    assert!(
        head.contains(&format!("content-range: bytes 10-19/{}", whole.len())),
        "{head}"
    );
    assert_eq!(part, whole[10..20]);
    let (status, _, tail) = media(&city, &recording, "\r\nrange: bytes=-5").await;
    assert_eq!((status, &tail[..]), (206, &whole[whole.len() - 5..]));
    let (status, head, _) = media(&city, &recording, "\r\nrange: bytes=99999999-").await;
    assert_eq!(status, 416);
    assert!(
        head.contains(&format!("content-range: bytes */{}", whole.len())),
        "{head}"
    );
    let (status, _, all) = media(
        &city,
        &recording,
        "\r\nrange: bytes=0-9\r\nif-range: \"old\"",
    )
    .await;
    assert_eq!(
        (status, all.len()),
        (200, whole.len()),
        "another version than it knows"
    );

    let played = journal(&city.world, "recording.played").await;
    assert_eq!(
        played.len(),
        2,
        "pieces of what is playing are not counted: {played:?}"
    );
    let operator = city.operator.account_id.as_ref().expect("an account");
    assert_eq!(played[0]["actor"], operator.to_string());

    let segment = recording["segments"][0]["segment_id"]
        .as_str()
        .expect("an id");
    let path = format!(
        "/recordings/{}/segments/{segment}/media?download=true",
        recording["recording_id"].as_str().expect("an id")
    );
    let copy = city
        .operator
        .send(Method::GET, &path, Value::Null, &[])
        .await;
    assert_eq!(copy.status, 200);
    let name = copy.headers["content-disposition"].to_str().expect("ASCII");
    assert!(name.starts_with("attachment;"), "{name}");
    assert_eq!(journal(&city.world, "recording.downloaded").await.len(), 1);
}

#[tokio::test]
async fn only_control_of_this_place_records_and_only_it_looks() {
    let mut city = City::in_session().await.everybody_in().await;
    let (record, state) = (city.path("record"), city.path("recording"));
    city.county
        .post(&record, json!({}))
        .await
        .refused(403, "identity.role_forbids");
    let mut elsewhere = city.world.login_as(Role::Operator, "220182").await;
    elsewhere
        .post(&record, json!({}))
        .await
        .refused(403, "identity.outside_jurisdiction");
    city.operator.post(&record, json!({})).await.ok();
    // Again changes nothing.
    city.operator.post(&record, json!({})).await.ok();
    assert_eq!(journal(&city.world, "recording.started").await.len(), 1);
    assert_eq!(city.county.get(&state).await.ok()["running"], true);

    let list = city.operator.get("/recordings").await.ok();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
    let id = list["items"][0]["recording_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    assert_eq!(
        elsewhere.get("/recordings").await.ok()["items"],
        json!([]),
        "another place's recordings are not listed"
    );
    elsewhere
        .get(&format!("/recordings/{id}"))
        .await
        .refused(403, "identity.outside_jurisdiction");
    unknown(&mut city.operator, &id).await;
}

async fn unknown(operator: &mut Client, id: &str) {
    let nobody = "01930000-0000-7000-8000-00000000dead";
    operator
        .get(&format!("/recordings/{nobody}"))
        .await
        .refused(404, "recording.unknown");
    operator
        .get(&format!("/recordings/{id}/segments/{nobody}/media"))
        .await
        .refused(404, "recording.segment_unknown");
}

#[tokio::test]
async fn a_recording_begins_and_ends_with_its_meeting() {
    let mut city = City::in_session().await.everybody_in().await;
    records(&mut city, "record").await;
    let end = city.path("end");
    city.operator.post(&end, json!({})).await.ok();
    let path = city.path("recording");
    let mut operator = city.operator.clone();
    eventually("the recording has ended", async || {
        operator.get(&path).await.ok()["ended_why"] == "conference_ended"
    })
    .await;
    let record = city.path("record");
    city.operator
        .post(&record, json!({}))
        .await
        .refused(409, "recording.conference_not_running");
    // Stopping what does not run is harmless.
    records(&mut city, "stop-recording").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(journal(&city.world, "recording.stopped").await.len(), 1);
}
