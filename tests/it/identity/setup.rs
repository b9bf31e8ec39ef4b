//! The first start of a tower.

use fenghuotai::identity;
use serde_json::{Value, json};

use crate::{client::Client, world::World};

fn three(code: &str) -> Value {
    json!({
        "code": code,
        "division": "220100",
        "system": { "login": "xitong", "name": "赵一", "password": "harbour candle velvet 19" },
        "security": { "login": "anquan", "name": "钱二", "password": "meadow copper whistle 27" },
        "audit": { "login": "shenji", "name": "孙三", "password": "granite pepper lantern 35" },
    })
}

/// A tower with its three administrators signed in and their authenticators enrolled.
pub async fn set_up(world: &World) -> [Client; 3] {
    let code = identity::offer_set_up(&world.ctx)
        .await
        .unwrap()
        .expect("a fresh tower");
    world.stranger().post("/setup", three(&code)).await.ok();
    let mut clients = Vec::new();
    for (login, password) in [
        ("xitong", "harbour candle velvet 19"),
        ("anquan", "meadow copper whistle 27"),
        ("shenji", "granite pepper lantern 35"),
    ] {
        let mut client = world.stranger();
        assert_eq!(
            client.sign_in(login, password, None).await.ok()["stage"],
            "enrol_totp"
        );
        client
            .get("/accounts")
            .await
            .refused(403, "identity.totp_must_enrol");
        let secret = client.post("/session/totp", json!({})).await.ok()["secret"]
            .as_str()
            .unwrap()
            .to_owned();
        client
            .post("/session/totp/verify", json!({ "code": "000000" }))
            .await
            .refused(401, "identity.wrong_totp");
        let right = client.totp(&secret);
        client
            .post("/session/totp/verify", json!({ "code": right }))
            .await
            .ok();
        assert_eq!(client.get("/session").await.ok()["stage"], "full");
        clients.push(client);
    }
    clients.try_into().ok().expect("three")
}

#[tokio::test]
async fn the_code_of_the_first_start_makes_three_administrators_once() {
    let world = World::start().await;
    assert_eq!(world.stranger().get("/setup").await.ok()["needed"], true);
    let first = identity::offer_set_up(&world.ctx).await.unwrap().unwrap();
    let code = identity::offer_set_up(&world.ctx).await.unwrap().unwrap();
    assert_ne!(first, code, "each start prints a fresh code");

    let mut stranger = world.stranger();
    stranger
        .post("/setup", three("AAAA-BBBB-CCCC-DDDD"))
        .await
        .refused(403, "identity.wrong_code");
    stranger
        .post("/setup", three(&first))
        .await
        .refused(403, "identity.wrong_code");
    let made = stranger
        .post("/setup", three(&code.to_lowercase()))
        .await
        .ok();
    assert_eq!(made[0]["roles"], json!(["system_admin"]));
    assert_eq!(made[2]["division"], "2201");

    stranger
        .post("/setup", three(&code))
        .await
        .refused(409, "identity.already_set_up");
    assert_eq!(stranger.get("/setup").await.ok()["needed"], false);
    assert_eq!(identity::offer_set_up(&world.ctx).await.unwrap(), None);
}

#[tokio::test]
async fn the_three_administrators_are_three_persons() {
    let world = World::start().await;
    let code = identity::offer_set_up(&world.ctx).await.unwrap().unwrap();
    for (who, key, value) in [
        ("security", "login", "XITONG"),
        ("audit", "name", "赵一"),
        ("audit", "password", "harbour candle velvet 19"),
    ] {
        let mut body = three(&code);
        body[who][key] = json!(value);
        world
            .stranger()
            .post("/setup", body)
            .await
            .refused(422, "identity.same_person");
    }
    let mut weak = three(&code);
    weak["audit"]["password"] = json!("audit123");
    world
        .stranger()
        .post("/setup", weak)
        .await
        .refused(422, "identity.weak_password");
    // None of this used the code up.
    world.stranger().post("/setup", three(&code)).await.ok();
}

#[tokio::test]
async fn the_three_split_the_power_between_them() {
    let world = World::start().await;
    let [mut system, mut security, mut audit] = set_up(&world).await;
    let new = json!({ "login": "wang", "name": "王伟", "division": "220102" });
    security
        .post("/accounts", new.clone())
        .await
        .refused(403, "identity.role_forbids");
    audit
        .post("/accounts", new.clone())
        .await
        .refused(403, "identity.role_forbids");
    let made = system.post("/accounts", new).await.ok();
    let path = format!("/accounts/{}/roles", made["id"].as_str().unwrap());
    let grant = json!({ "roles": ["duty_officer"], "division": "220102", "version": 1 });
    system
        .put(&path, grant.clone())
        .await
        .refused(403, "identity.role_forbids");
    audit
        .put(&path, grant.clone())
        .await
        .refused(403, "identity.role_forbids");
    assert_eq!(
        security.put(&path, grant).await.ok()["roles"],
        json!(["duty_officer"])
    );
    security
        .get("/devices")
        .await
        .refused(403, "identity.role_forbids");
    audit
        .get("/devices")
        .await
        .refused(403, "identity.role_forbids");
}
