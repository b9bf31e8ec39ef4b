//! Venue terminals as accounts of their own.

use fenghuotai::identity::Role;
use fenghuotai::platform::Millis;
use serde_json::{Value, json};

use crate::world::World;

const VENUE: &str = "01930000-0000-7000-8000-0000000000aa";

fn terminal(division: &str) -> Value {
    json!({ "name": "榆树分会场终端", "venue_id": VENUE, "division": division })
}

#[tokio::test]
async fn a_terminal_is_enrolled_once_and_stays_signed_in_until_it_is_revoked() {
    let world = World::start().await;
    let mut operator = world.login_as(Role::Operator, "2201").await;
    let made = operator.post("/devices", terminal("220182")).await.ok();
    let code = made["enrolment_code"].as_str().unwrap();

    let mut device = world.stranger();
    device
        .post("/devices/enrol", json!({ "code": "AAAA-AAAA-AAAA-AAAA" }))
        .await
        .refused(403, "identity.wrong_code");
    let me = device
        .post("/devices/enrol", json!({ "code": code }))
        .await
        .ok();
    assert_eq!(me["kind"], "device");
    assert_eq!(me["roles"], json!(["venue"]));
    assert_eq!(me["venue_id"], VENUE);
    world
        .stranger()
        .post("/devices/enrol", json!({ "code": code }))
        .await
        .refused(403, "identity.wrong_code");

    world.advance(60 * Millis::DAY);
    assert_eq!(device.get("/session").await.ok()["name"], "榆树分会场终端");
    let mut operator = world.login_as(Role::Operator, "2201").await;
    assert_eq!(
        operator.get("/devices").await.ok()["items"][0]["venue_id"],
        VENUE
    );
    operator
        .delete(&format!("/devices/{}", made["id"].as_str().unwrap()))
        .await
        .ok();
    device
        .get("/session")
        .await
        .refused(401, "identity.not_signed_in");
}

#[tokio::test]
async fn terminals_belong_to_the_jurisdiction_of_who_registers_them() {
    let world = World::start().await;
    let mut county = world.login_as(Role::Operator, "220102").await;
    county
        .post("/devices", terminal("220182"))
        .await
        .refused(403, "identity.outside_jurisdiction");
    let mut city = world.login_as(Role::Operator, "2201").await;
    let made = city.post("/devices", terminal("220182")).await.ok();
    county
        .delete(&format!("/devices/{}", made["id"].as_str().unwrap()))
        .await
        .refused(403, "identity.outside_jurisdiction");
    assert_eq!(county.get("/devices").await.ok()["items"], json!([]));
    let mut duty = world.login_as(Role::DutyOfficer, "2201").await;
    duty.post("/devices", terminal("2201"))
        .await
        .refused(403, "identity.role_forbids");
}

#[tokio::test]
async fn a_code_spoils_and_guessing_is_bounded() {
    let world = World::start().await;
    let mut operator = world.login_as(Role::Operator, "2201").await;
    let made = operator.post("/devices", terminal("220182")).await.ok();
    let code = json!({ "code": made["enrolment_code"] });
    let mut device = world.stranger();
    for _ in 0..5 {
        device
            .post("/devices/enrol", json!({ "code": "BBBB-BBBB-BBBB-BBBB" }))
            .await
            .refused(403, "identity.wrong_code");
    }
    device
        .post("/devices/enrol", code.clone())
        .await
        .refused(429, "identity.locked");
    world.advance(7 * Millis::DAY);
    device
        .post("/devices/enrol", code)
        .await
        .refused(403, "identity.wrong_code");
}
