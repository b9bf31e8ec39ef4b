//! Signing in, staying in, being locked out.

use axum::http::{Method, header};
use fenghuotai::{
    identity::Role,
    platform::{Millis, db::args},
};
use serde_json::{Value, json};

use crate::{
    client::{PASSWORD, TOTP_SECRET},
    world::World,
};

#[tokio::test]
async fn who_signs_in_is_told_who_he_is() {
    let world = World::start().await;
    let mut duty = world.login_as(Role::DutyOfficer, "220102").await;
    let me = duty.get("/session").await.ok();
    assert_eq!(me["roles"], json!(["duty_officer"]));
    assert_eq!(me["division"], "220102");
    assert_eq!(me["home"], "duty_officer");
    assert_eq!(me["stage"], "full");
    duty.delete("/session").await.ok();
    assert_eq!(duty.cookie, None);
    duty.get("/session")
        .await
        .refused(401, "identity.not_signed_in");
}

#[tokio::test]
async fn the_cookie_is_closed_to_scripts_and_only_its_digest_is_stored() {
    let world = World::start().await;
    let mut duty = world.login_as(Role::DutyOfficer, "2201").await;
    let login = duty.login.clone();
    let reply = duty.sign_in(&login, PASSWORD, None).await;
    let set = reply.headers[header::SET_COOKIE]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        set.contains("HttpOnly") && set.contains("SameSite=Strict") && set.contains("Path=/"),
        "{set}"
    );
    let token = set.split(';').next().unwrap().split_once('=').unwrap().1;
    let rows = world
        .ctx
        .db
        .read()
        .fetch_all("SELECT token_hash FROM sessions", args![])
        .await
        .unwrap();
    for row in rows {
        assert_ne!(row.get::<String>("token_hash").unwrap(), token);
    }
}

#[tokio::test]
async fn an_unknown_login_and_a_wrong_password_look_the_same() {
    let world = World::start().await;
    let duty = world.login_as(Role::DutyOfficer, "2201").await;
    let mut stranger = world.stranger();
    let strip = |mut body: Value| {
        body["trace_id"] = Value::Null;
        body
    };
    let known = strip(
        stranger
            .sign_in(&duty.login, "not it at all 77", None)
            .await
            .refused(401, "identity.wrong_credentials"),
    );
    let unknown = strip(
        stranger
            .sign_in("nobody", "not it at all 77", None)
            .await
            .refused(401, "identity.wrong_credentials"),
    );
    assert_eq!(known, unknown);
}

#[tokio::test]
async fn five_failures_lock_for_half_an_hour() {
    let world = World::start().await;
    let duty = world.login_as(Role::DutyOfficer, "2201").await;
    let mut stranger = world.stranger();
    for _ in 0..5 {
        stranger
            .sign_in(&duty.login, "not it at all 77", None)
            .await
            .refused(401, "identity.wrong_credentials");
    }
    let locked = stranger
        .sign_in(&duty.login, PASSWORD, None)
        .await
        .refused(429, "identity.locked");
    assert_eq!(
        locked["until"],
        world.ctx.clock.now().0 + 30 * Millis::MINUTE
    );
    // The session that exists already goes on.
    duty.clone().get("/session").await.ok();
    world.advance(30 * Millis::MINUTE - 1);
    stranger
        .sign_in(&duty.login, PASSWORD, None)
        .await
        .refused(429, "identity.locked");
    world.advance(1);
    stranger.sign_in(&duty.login, PASSWORD, None).await.ok();
}

#[tokio::test]
async fn guesses_sent_side_by_side_do_not_slip_past_the_lock() {
    let world = World::start().await;
    let duty = world.login_as(Role::DutyOfficer, "2201").await;
    let guesses: Vec<_> = (0..20)
        .map(|n| {
            let (mut client, login) = (world.stranger(), duty.login.clone());
            fenghuotai::platform::tasks::spawn("attempt", async move {
                client
                    .sign_in(&login, &format!("guess number {n} x"), None)
                    .await
            })
        })
        .collect();
    let mut judged = 0;
    for guess in guesses {
        judged += usize::from(guess.await.unwrap().code() == "identity.wrong_credentials");
    }
    assert!(
        (5..=7).contains(&judged),
        "{judged} of 20 passwords were judged"
    );
}

#[tokio::test]
async fn a_pause_and_a_long_day_end_a_session() {
    let world = World::start().await;
    let mut duty = world.login_as(Role::DutyOfficer, "2201").await;
    for _ in 0..11 {
        world.advance(2 * Millis::HOUR - Millis::MINUTE);
        duty.get("/session").await.ok();
    }
    world.advance(2 * Millis::HOUR + Millis::MINUTE);
    duty.get("/session")
        .await
        .refused(401, "identity.not_signed_in");

    let mut paused = world.login_as(Role::DutyOfficer, "2201").await;
    world.advance(2 * Millis::HOUR);
    paused
        .get("/session")
        .await
        .refused(401, "identity.not_signed_in");
}

#[tokio::test]
async fn an_administrator_needs_his_second_factor_and_no_code_works_twice() {
    let world = World::start().await;
    let mut admin = world.login_as(Role::SystemAdmin, "2201").await;
    let login = admin.login.clone();
    let mut again = world.stranger();
    again
        .sign_in(&login, PASSWORD, None)
        .await
        .refused(401, "identity.totp_needed");
    let spent = admin.totp(TOTP_SECRET);
    again
        .sign_in(&login, PASSWORD, Some(&spent))
        .await
        .refused(401, "identity.wrong_totp");
    world.advance(30 * Millis::SECOND);
    let fresh = admin.totp(TOTP_SECRET);
    again.sign_in(&login, PASSWORD, Some(&fresh)).await.ok();
    admin
        .post("/session/totp", json!({}))
        .await
        .refused(409, "identity.totp_already_enrolled");
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions_and_renews_the_cookie() {
    let world = World::start().await;
    let mut here = world.login_as(Role::Planner, "2201").await;
    let mut there = world.stranger();
    let login = here.login.clone();
    there.sign_in(&login, PASSWORD, None).await.ok();
    let sessions = here.get("/sessions").await.ok();
    assert_eq!(sessions.as_array().unwrap().len(), 2);
    let before = here.clone();
    let change = |current: &str, new: &str| json!({ "current": current, "new": new });
    here.put(
        "/session/password",
        change("wrong", "orchid tunnel seventeen"),
    )
    .await
    .refused(403, "identity.wrong_password");
    here.put("/session/password", change(PASSWORD, PASSWORD))
        .await
        .refused(422, "identity.same_password");
    here.put("/session/password", change(PASSWORD, "short"))
        .await
        .refused(422, "identity.weak_password");
    here.put(
        "/session/password",
        change(PASSWORD, "orchid tunnel seventeen"),
    )
    .await
    .ok();
    assert_ne!(here.cookie, before.cookie);
    here.get("/session").await.ok();
    there
        .get("/session")
        .await
        .refused(401, "identity.not_signed_in");
    before
        .clone()
        .get("/session")
        .await
        .refused(401, "identity.not_signed_in");
}

#[tokio::test]
async fn a_session_can_be_ended_from_another_one_but_not_a_strangers() {
    let world = World::start().await;
    let mut here = world.login_as(Role::Leader, "2201").await;
    let mut there = world.stranger();
    let login = here.login.clone();
    let id = there.sign_in(&login, PASSWORD, None).await.ok()["session_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut stranger = world.login_as(Role::Leader, "2201").await;
    stranger
        .delete(&format!("/sessions/{id}"))
        .await
        .refused(404, "identity.session_missing");
    here.delete(&format!("/sessions/{id}")).await.ok();
    there
        .get("/session")
        .await
        .refused(401, "identity.not_signed_in");
}

#[tokio::test]
async fn a_foreign_page_cannot_use_the_cookie() {
    let world = World::start().await;
    let mut duty = world.login_as(Role::DutyOfficer, "2201").await;
    let evil = [("origin", "https://evil.invalid")];
    duty.send(Method::DELETE, "/session", Value::Null, &evil)
        .await
        .refused(403, "request.foreign_origin");
    duty.get("/session").await.ok();
}
