//! Accounts between the system and the security administrator.

use fenghuotai::identity::Role;
use fenghuotai::platform::Millis;
use serde_json::{Value, json};

use crate::{
    client::{Client, PASSWORD},
    world::World,
};

fn id(account: &Value) -> String {
    account["id"].as_str().expect("an account").to_owned()
}

async fn hire(system: &mut Client, login: &str, division: &str) -> Value {
    let new = json!({ "login": login, "name": format!("员工{login}"), "division": division });
    system.post("/accounts", new).await.ok()
}

#[tokio::test]
async fn a_new_account_can_do_nothing_until_it_has_a_password_of_its_own_and_a_role() {
    let world = World::start().await;
    let mut system = world.login_as(Role::SystemAdmin, "2201").await;
    let mut security = world.login_as(Role::SecurityAdmin, "2201").await;
    let made = hire(&mut system, "li.na", "220182").await;
    let initial = made["initial_password"].as_str().unwrap().to_owned();

    let mut li = world.stranger();
    assert_eq!(
        li.sign_in("li.na", &initial, None).await.ok()["stage"],
        "change_password"
    );
    li.get("/devices")
        .await
        .refused(403, "identity.password_must_change");
    li.put(
        "/session/password",
        json!({ "current": initial, "new": "willow drum eleven geese" }),
    )
    .await
    .ok();
    li.get("/devices")
        .await
        .refused(403, "identity.role_forbids");

    let path = format!("/accounts/{}/roles", id(&made));
    let grant = json!({ "roles": ["duty_officer"], "division": "220182", "version": 2 });
    security.put(&path, grant).await.ok();
    // The running session has the new right at once.
    assert_eq!(
        li.get("/session").await.ok()["roles"],
        json!(["duty_officer"])
    );
}

#[tokio::test]
async fn rights_are_refused_where_they_would_mix_or_elevate_oneself() {
    let world = World::start().await;
    let mut system = world.login_as(Role::SystemAdmin, "2201").await;
    let mut security = world.login_as(Role::SecurityAdmin, "2201").await;
    let made = hire(&mut system, "zhou", "2201").await;
    let path = format!("/accounts/{}/roles", id(&made));
    let grant = |roles: Value, version: i64| json!({ "roles": roles, "division": "2201", "version": version });
    security
        .put(&path, grant(json!(["leader", "audit_admin"]), 1))
        .await
        .refused(422, "identity.mixed_roles");
    security
        .put(&path, grant(json!(["venue"]), 1))
        .await
        .refused(422, "identity.venue_needed");
    let conflict = security
        .put(&path, grant(json!(["leader"]), 9))
        .await
        .refused(409, "identity.version_conflict");
    assert_eq!(conflict["current"], 1);
    let own = format!("/accounts/{}/roles", security.account_id.clone().unwrap());
    security
        .put(&own, grant(json!(["security_admin"]), 1))
        .await
        .refused(403, "identity.own_account");
    let last = format!("/accounts/{}/roles", system.account_id.clone().unwrap());
    security
        .put(&last, grant(json!([]), 1))
        .await
        .refused(409, "identity.last_administrator");
}

#[tokio::test]
async fn a_login_is_taken_once_and_the_same_request_again_changes_nothing() {
    let world = World::start().await;
    let mut system = world.login_as(Role::SystemAdmin, "2201").await;
    let new = json!({ "id": "01930000-0000-7000-8000-000000000001", "login": "wu", "name": "吴", "division": "2201" });
    let first = system.post("/accounts", new.clone()).await.ok();
    let second = system.post("/accounts", new).await.ok();
    assert_eq!(first["id"], second["id"]);
    system
        .post(
            "/accounts",
            json!({ "login": "WU", "name": "吴二", "division": "2201" }),
        )
        .await
        .refused(409, "identity.login_taken");
    system
        .post(
            "/accounts",
            json!({ "login": "w u", "name": "吴", "division": "2201" }),
        )
        .await
        .refused(422, "identity.bad_login");
    system
        .post(
            "/accounts",
            json!({ "login": "wu3", "name": "吴", "division": "9100" }),
        )
        .await
        .refused(422, "request.malformed");
}

#[tokio::test]
async fn disabling_ends_the_sessions_and_enabling_lets_in_again() {
    let world = World::start().await;
    let mut system = world.login_as(Role::SystemAdmin, "2201").await;
    let mut duty = world.login_as(Role::DutyOfficer, "220102").await;
    let path = format!("/accounts/{}", duty.account_id.clone().unwrap());
    system
        .post(&format!("{path}/disable"), json!({}))
        .await
        .ok();
    system
        .post(&format!("{path}/disable"), json!({}))
        .await
        .ok();
    duty.get("/session")
        .await
        .refused(401, "identity.not_signed_in");
    let login = duty.login.clone();
    duty.sign_in(&login, PASSWORD, None)
        .await
        .refused(403, "identity.disabled");
    system.post(&format!("{path}/enable"), json!({})).await.ok();
    duty.sign_in(&login, PASSWORD, None).await.ok();
    let own = format!("/accounts/{}/disable", system.account_id.clone().unwrap());
    system
        .post(&own, json!({}))
        .await
        .refused(403, "identity.own_account");
}

#[tokio::test]
async fn a_reset_password_and_an_unlock_help_who_is_stuck() {
    let world = World::start().await;
    let mut system = world.login_as(Role::SystemAdmin, "2201").await;
    let mut duty = world.login_as(Role::DutyOfficer, "220102").await;
    let (login, path) = (
        duty.login.clone(),
        format!("/accounts/{}", duty.account_id.clone().unwrap()),
    );
    for _ in 0..5 {
        duty.sign_in(&login, "forgotten entirely 4", None)
            .await
            .refused(401, "identity.wrong_credentials");
    }
    duty.sign_in(&login, PASSWORD, None)
        .await
        .refused(429, "identity.locked");
    let reset = system
        .post(&format!("{path}/reset-password"), json!({}))
        .await
        .ok();
    let locks = system.get("/accounts/locks").await.ok();
    assert_eq!(locks["items"].as_array().unwrap().len(), 1, "{locks}");
    assert_eq!(locks["items"][0]["scope"], "account_at_source");
    assert_eq!(locks["items"][0]["account"]["login"], login.as_str());
    assert_eq!(locks["items"][0]["failures"], 5);
    let unlock = format!("{path}/unlock");
    system
        .post(&unlock, json!({ "reason": " " }))
        .await
        .refused(422, "identity.reason_missing");
    system
        .post(&unlock, json!({ "reason": "本人到机房当面核实" }))
        .await
        .ok();
    assert_eq!(system.get("/accounts/locks").await.ok()["items"], json!([]));
    let mut auditor = world.login_as(Role::AuditAdmin, "2201").await;
    let seen = auditor
        .get("/audit?kind=identity.account_unlocked")
        .await
        .ok();
    assert_eq!(seen["items"][0]["payload"]["reason"], "本人到机房当面核实");
    duty.sign_in(&login, PASSWORD, None)
        .await
        .refused(401, "identity.wrong_credentials");
    let initial = reset["initial_password"].as_str().unwrap();
    assert_eq!(
        duty.sign_in(&login, initial, None).await.ok()["stage"],
        "change_password"
    );
}

#[tokio::test]
async fn a_lost_authenticator_is_replaced_by_the_security_administrator_only() {
    let world = World::start().await;
    let mut system = world.login_as(Role::SystemAdmin, "2201").await;
    let mut security = world.login_as(Role::SecurityAdmin, "2201").await;
    let path = format!(
        "/accounts/{}/reset-totp",
        system.account_id.clone().unwrap()
    );
    system
        .post(&path, json!({}))
        .await
        .refused(403, "identity.role_forbids");
    security.post(&path, json!({})).await.ok();
    system
        .get("/session")
        .await
        .refused(401, "identity.not_signed_in");
    let login = system.login.clone();
    assert_eq!(
        system.sign_in(&login, PASSWORD, None).await.ok()["stage"],
        "enrol_totp"
    );
}

#[tokio::test]
async fn the_list_is_paged_and_searched() {
    let world = World::start().await;
    let mut system = world.login_as(Role::SystemAdmin, "2201").await;
    for (login, division) in [("a1", "220102"), ("a2", "220182"), ("a3", "220182")] {
        hire(&mut system, login, division).await;
        world.advance(Millis::SECOND);
    }
    let first = system.get("/accounts?under=220182&limit=1").await.ok();
    assert_eq!(first["items"][0]["login"], "a2");
    let next = first["next"].as_str().unwrap();
    let second = system
        .get(&format!("/accounts?under=220182&limit=1&after={next}"))
        .await
        .ok();
    assert_eq!(
        (&second["items"][0]["login"], &second["next"]),
        (&json!("a3"), &Value::Null)
    );
    assert_eq!(
        system.get("/accounts?q=a1").await.ok()["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let text = system.get("/accounts").await.ok().to_string();
    assert!(
        !text.contains("argon2") && !text.contains("secret"),
        "{text}"
    );
}
