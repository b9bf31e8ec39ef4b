//! The live map through the real router: what the journal says is on it, for those who may know.

use fenghuotai::{
    identity::Role,
    platform::{Clock, Ctx, journal::Draft},
};
use serde_json::{Value, json};

use crate::{
    gateway::ProtocolClient,
    world::{EVENING, TempDir, World, eventually},
};

/// Writes the entry an incident's command would write.
async fn tell(ctx: &Ctx, id: &str, division: &str, status: &str) {
    let row = json!({
        "id": id, "number": format!("{division}-{id}"), "title": "仓库起火", "category": "accident.work_safety.fire",
        "level": "III", "status": status, "division": division, "place_text": "人民大街", "lon": 125.32, "lat": 43.88,
        "exercise": true, "received_at": 5,
    });
    let mut tx = ctx.db.begin().await.unwrap();
    let draft = Draft {
        kind: "incident.reported",
        entity: id.to_owned(),
        entity_version: 1,
        jurisdiction: division.to_owned(),
        topics: vec!["incident".to_owned(), format!("incident/{id}")],
        actor: "system".to_owned(),
        payload: json!({ "incident": row }),
    };
    tx.append(draft, ctx.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
}

fn names(collection: &Value) -> Vec<&str> {
    collection["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|feature| feature["id"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn incidents_are_on_the_map_of_those_who_may_read_them_until_they_close() {
    let world = World::start().await;
    let mut city = world.login_as(Role::Leader, "2201").await;
    let mut county = world.login_as(Role::DutyOfficer, "220102").await;
    let mut administrator = world.login_as(Role::SystemAdmin, "2201").await;
    tell(&world.ctx, "a", "220102", "reported").await;
    tell(&world.ctx, "b", "220104", "responding").await;

    let all = "/map/features?layer=incident";
    eventually("both incidents are on the leader's map", async || {
        names(&city.get(all).await.ok()) == ["incident/a", "incident/b"]
    })
    .await;
    assert_eq!(names(&county.get(all).await.ok()), ["incident/a"]);
    assert!(names(&administrator.get(all).await.ok()).is_empty());
    let elsewhere = "/map/features?layer=incident&bbox=120,40,121,41";
    assert!(names(&city.get(elsewhere).await.ok()).is_empty());
    assert!(names(&city.get("/map/features?layer=region").await.ok()).is_empty());

    tell(&world.ctx, "a", "220102", "closed").await;
    eventually("the closed incident has vanished", async || {
        names(&city.get(all).await.ok()) == ["incident/b"]
    })
    .await;
}

#[tokio::test]
async fn a_box_that_is_none_is_refused() {
    let world = World::start().await;
    let mut city = world.login_as(Role::Leader, "2201").await;
    for bbox in ["1,2,3", "4,3,2,1", "a,b,c,d", "0,0,NaN,1", "-200,0,0,1"] {
        let path = format!("/map/features?layer=incident&bbox={bbox}");
        city.get(&path).await.refused(422, "map.bad_box");
    }
    world
        .stranger()
        .get("/map/features?layer=incident")
        .await
        .refused(401, "identity.not_signed_in");
}

#[tokio::test]
async fn the_map_has_a_style_and_says_that_there_is_no_base() {
    let world = World::start().await;
    let mut planner = world.login_as(Role::Planner, "2201").await;
    for theme in ["", "?theme=light", "?theme=dark"] {
        let style = planner.get(&format!("/map/style.json{theme}")).await.ok();
        assert_eq!(style["version"], 8);
    }
    planner
        .get("/map/base.geojson")
        .await
        .refused(404, "map.no_base");
    assert_eq!(planner.get("/map/tiles/3/1/2").await.status.as_u16(), 204);
}

#[tokio::test]
async fn assets_stand_on_the_map_and_move_with_the_registry() {
    let world = World::start().await;
    let mut planner = world.login_as(Role::Planner, "2201").await;
    let mut county = world.login_as(Role::DutyOfficer, "220102").await;
    let draft = |name: &str, division: &str, status: &str, lon: f64| {
        json!({
            "kind": "hospital", "name": name, "division": division, "status": status, "details": { "beds": 300 },
            "contacts": [{ "phone": "13800000000" }],
            "geometry": { "type": "Point", "coordinates": [lon, 43.88] },
        })
    };
    let own = planner
        .post("/assets", draft("南关医院", "220102", "in_use", 125.32))
        .await
        .ok();
    planner
        .post("/assets", draft("朝阳医院", "220104", "in_use", 125.30))
        .await
        .ok();
    let own_name = format!("asset/{}", own["id"].as_str().unwrap());

    let all = "/map/features?layer=asset";
    eventually("both assets are on the planner's map", async || {
        names(&planner.get(all).await.ok()).len() == 2
    })
    .await;
    let seen = county.get(all).await.ok();
    assert_eq!(names(&seen), [own_name.as_str()], "only its own division's");
    assert_eq!(seen["features"][0]["properties"]["name"], "南关医院");
    assert!(
        !seen.to_string().contains("13800000000"),
        "the map knows no telephone"
    );

    let path = format!("/assets/{}", own["id"].as_str().unwrap());
    let mut moved = draft("南关医院", "220102", "in_use", 125.40);
    moved["version"] = json!(1);
    planner.put(&path, moved).await.ok();
    eventually("it has moved", async || {
        names(
            &county
                .get("/map/features?layer=asset&bbox=125.39,43,126,44")
                .await
                .ok(),
        )
        .len()
            == 1
    })
    .await;
    let mut removed = draft("南关医院", "220102", "removed", 125.40);
    removed["version"] = json!(2);
    planner.put(&path, removed).await.ok();
    eventually("it has vanished", async || {
        names(&county.get(all).await.ok()).is_empty()
    })
    .await;

    // A map that starts later reads the registry instead of the journal.
    let stored = world.ctx.config.clone();
    world.ctx.db.close().await;
    let later = World::with(Clock::fixed(EVENING), TempDir::new(), |config| {
        config.data_dir.clone_from(&stored.data_dir);
        config.database.clone_from(&stored.database);
    })
    .await;
    let mut planner = later.login_as(Role::Planner, "2201").await;
    let seen = planner.get(all).await.ok();
    assert_eq!(seen["features"][0]["properties"]["name"], "朝阳医院");
}

/// The next frame of the live map, other frames passed over.
async fn features(client: &mut ProtocolClient) -> Value {
    loop {
        let frame = client.next().await.expect("the socket stays open");
        if frame["op"] == "features" {
            return frame;
        }
    }
}

#[tokio::test]
async fn a_view_hears_what_appears_and_vanishes_and_nothing_else() {
    let world = World::start().await;
    let county = world.login_as(Role::DutyOfficer, "220102").await;
    let cookie = county.cookie.expect("signed in");
    let mut socket = ProtocolClient::connect(world.address, &cookie)
        .await
        .unwrap();
    let view = json!({ "op": "view", "sub": 4, "layers": ["incident"], "bbox": [125, 43, 126, 44], "zoom": 9 });
    socket.say(view.clone()).await;
    let first = features(&mut socket).await;
    assert_eq!((&first["sub"], &first["fresh"]), (&json!(4), &json!(true)));
    assert_eq!(first["upsert"], json!([]));

    tell(&world.ctx, "not-his", "220104", "reported").await;
    tell(&world.ctx, "his", "220102", "reported").await;
    let frame = features(&mut socket).await;
    assert_eq!(frame["upsert"].as_array().unwrap().len(), 1);
    assert_eq!(frame["upsert"][0]["id"], "incident/his");

    tell(&world.ctx, "his", "220102", "closed").await;
    assert_eq!(
        features(&mut socket).await["remove"],
        json!(["incident/his"])
    );

    let mut bad = view;
    bad["bbox"] = json!([4, 3, 2, 1]);
    socket.say(bad).await;
    let refused = socket.next().await.unwrap();
    assert_eq!(
        (&refused["op"], &refused["problem"]["code"]),
        (&json!("refused"), &json!("map.bad_box")),
        "{refused}"
    );
}
