//! Who may open a socket, what it refuses, and what it hears.

use fenghuotai::identity::Role;
use serde_json::json;

use super::{ProtocolClient, happen};
use crate::world::World;

#[tokio::test]
async fn without_a_session_or_from_a_foreign_page_there_is_no_socket() {
    let world = World::start().await;
    let refused = ProtocolClient::connect(world.address, "none=1")
        .await
        .err()
        .unwrap();
    assert!(refused.contains("401"), "{refused}");
    let cookie = world
        .login_as(Role::DutyOfficer, "2201")
        .await
        .cookie
        .unwrap();
    let refused =
        ProtocolClient::connect_from(world.address, &cookie, Some("https://evil.example"))
            .await
            .err()
            .unwrap();
    assert!(refused.contains("403"), "{refused}");
    let own = format!("http://{}", world.address);
    assert!(
        ProtocolClient::connect_from(world.address, &cookie, Some(&own))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_county_does_not_hear_its_neighbour_and_an_administrator_hears_no_business() {
    let world = World::start().await;
    let county = world
        .login_as(Role::DutyOfficer, "220182")
        .await
        .cookie
        .unwrap();
    let admin = world
        .login_as(Role::AuditAdmin, "2201")
        .await
        .cookie
        .unwrap();
    let mut county = ProtocolClient::connect(world.address, &county)
        .await
        .unwrap();
    let mut admin = ProtocolClient::connect(world.address, &admin)
        .await
        .unwrap();
    county.subscribe(1, &["incident"], None).await;
    admin.subscribe(1, &["incident", "audit"], None).await;
    happen(&world.ctx, 1, "220102", "incident").await;
    happen(&world.ctx, 2, "220182", "incident").await;
    happen(&world.ctx, 3, "220182", "audit").await;
    assert_eq!(county.expect().await["entry"]["payload"]["n"], 2);
    assert_eq!(admin.expect().await["entry"]["payload"]["n"], 3);
}

#[tokio::test]
async fn what_cannot_be_obeyed_is_refused_and_the_socket_stays_open() {
    let world = World::start().await;
    let cookie = world
        .login_as(Role::DutyOfficer, "2201")
        .await
        .cookie
        .unwrap();
    let mut client = ProtocolClient::connect(world.address, &cookie)
        .await
        .unwrap();
    for (frame, code) in [
        (json!({ "op": "dance" }), "request.malformed"),
        (
            json!({ "op": "subscribe", "sub": 1, "topics": [] }),
            "socket.no_topics",
        ),
        (
            json!({ "op": "ping", "at": 1, "extra": true }),
            "request.malformed",
        ),
        (json!([[[]]]), "request.malformed"),
    ] {
        client.say(frame).await;
        let refused = client.expect().await;
        assert_eq!(
            (refused["op"].as_str(), refused["problem"]["code"].as_str()),
            (Some("refused"), Some(code))
        );
        assert!(
            refused["problem"]["detail"]
                .as_str()
                .is_some_and(|text| !text.is_ascii()),
            "Chinese text"
        );
    }
    client.say(json!({ "op": "ping", "at": 42 })).await;
    assert_eq!(client.expect().await, json!({ "op": "pong", "at": 42 }));
}

#[tokio::test]
async fn a_command_answers_as_over_http_and_its_retry_is_harmless() {
    let world = World::start().await;
    let cookie = world
        .login_as(Role::SystemAdmin, "2201")
        .await
        .cookie
        .unwrap();
    let mut client = ProtocolClient::connect(world.address, &cookie)
        .await
        .unwrap();
    let id = "7d0c6b1e-5b0f-4c5e-9a34-0d6a3d1f2b10";
    let account = json!({ "login": "wang.wu", "name": "王五", "division": "2201", "password": "seven quiet lantern boats" });
    let done = client
        .command(id, "POST", "/api/v1/accounts", account.clone())
        .await;
    assert_eq!(done["status"], 201, "{done}");
    // The line breaks before the answer is read; the client sends the same command on a new one.
    let mut again = ProtocolClient::connect(world.address, &cookie)
        .await
        .unwrap();
    let replayed = again.command(id, "POST", "/api/v1/accounts", account).await;
    assert_eq!(
        (&replayed["status"], &replayed["body"]["id"]),
        (&done["status"], &done["body"]["id"])
    );
    let strange = again.command(id, "GET", "/health", json!(null)).await;
    assert_eq!(strange["body"]["code"], "socket.bad_command");
}

#[tokio::test]
async fn a_session_that_ends_takes_its_socket_along() {
    let world = World::start().await;
    let mut desk = world.login_as(Role::DutyOfficer, "2201").await;
    let mut client = ProtocolClient::connect(world.address, &desk.cookie.clone().unwrap())
        .await
        .unwrap();
    desk.delete("/session").await.ok();
    loop {
        match client.next().await {
            Some(frame) if frame["op"] == "bye" => {
                assert_eq!(frame["code"], "session_ended");
                break;
            }
            Some(frame) => assert_eq!(frame["op"], "beat"),
            None => panic!("closed without a word"),
        }
    }
}
