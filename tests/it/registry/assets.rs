//! Assets: points, lines and areas, what lies in a circle, which are nearest, versions.

use fenghuotai::{
    identity::Role,
    platform::{db::args, journal},
};
use serde_json::json;

use crate::world::World;

const IMPORT: &str = "/assets/import?source=demo&datum=wgs84";
const LIST: &str = "编号,名称,类别,经度,纬度,行政区划,容量\n\
    A1,南关医院,hospital,125.3200,43.8800,220102,300\n\
    A2,朝阳医院,hospital,125.3000,43.8600,220104,200\n\
    A3,南关体育场,shelter,125.3210,43.8810,220102,5000人\n\
    A4,农安消防站,team,125.1800,44.4300,220122,30\n\
    A5,坏行,hospital,1253.0,43.8,220102,1\n";

#[tokio::test]
async fn a_list_imports_and_the_wrong_line_is_named() {
    let world = World::start().await;
    let mut planner = world.login_as(Role::Planner, "2201").await;
    let report = planner
        .upload(&format!("{IMPORT}&on_problem=skip"), "text/csv", LIST)
        .await
        .ok();
    assert_eq!(
        (report["rows"].as_i64(), report["new"].as_i64()),
        (Some(5), Some(4))
    );
    assert_eq!(
        (
            report["problems"][0]["line"].as_i64(),
            report["problems"][0]["code"].as_str()
        ),
        (Some(6), Some("not_on_earth"))
    );
    let again = planner
        .upload(&format!("{IMPORT}&on_problem=skip"), "text/csv", LIST)
        .await
        .ok();
    assert_eq!(
        (again["new"].as_i64(), again["same"].as_i64()),
        (Some(0), Some(4))
    );
    let changed = planner
        .upload(
            &format!("{IMPORT}&on_problem=skip"),
            "text/csv",
            LIST.replace(",300\n", ",350\n"),
        )
        .await
        .ok();
    assert_eq!(
        (changed["changed"].as_i64(), changed["same"].as_i64()),
        (Some(1), Some(3))
    );
}

#[tokio::test]
async fn a_circle_and_the_nearest_answer_with_distances() {
    let world = World::start().await;
    let mut planner = world.login_as(Role::Planner, "2201").await;
    planner
        .upload(&format!("{IMPORT}&on_problem=skip"), "text/csv", LIST)
        .await
        .ok();
    let mut desk = world.login_as(Role::DutyOfficer, "2201").await;
    let inside = desk
        .get("/assets/within?lon=125.32&lat=43.88&radius_m=1000")
        .await
        .ok();
    let names: Vec<_> = inside["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["南关医院", "南关体育场"]);
    assert_eq!(inside["items"][0]["distance_m"], 0.0);
    assert_eq!(
        inside["items"][1]["distance_m"], 137.0,
        "haversine on 6 371 008.8 m"
    );
    let nearest = desk
        .get("/assets/nearest?lon=125.30&lat=43.86&kinds=hospital,team&limit=1")
        .await
        .ok();
    let names: Vec<_> = nearest["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["朝阳医院", "农安消防站"]);
    desk.get("/assets/within?lon=500&lat=43&radius_m=10")
        .await
        .refused(422, "asset.bad_question");
    desk.get("/assets/within?lon=125&lat=43&radius_m=-1")
        .await
        .refused(422, "asset.bad_question");
    desk.get("/assets/nearest?lon=125&lat=43&kinds=ufo")
        .await
        .refused(422, "asset.bad_question");
}

#[tokio::test]
async fn what_is_added_by_hand_is_on_the_next_answer_and_a_stale_change_is_a_conflict() {
    let world = World::start().await;
    let mut planner = world.login_as(Role::Planner, "2201").await;
    let area = json!({ "type": "Polygon", "coordinates": [[[125.0, 43.0], [125.1, 43.0], [125.1, 43.1], [125.0, 43.0]]] });
    let shelter = json!({ "kind": "shelter", "name": "某广场", "division": "220102", "geometry": area, "details": { "capacity": 800 } });
    let added = planner.post("/assets", shelter.clone()).await.ok();
    let found = planner
        .get("/assets/within?lon=125.09&lat=43.05&radius_m=10")
        .await
        .ok();
    assert_eq!(
        (
            found["items"][0]["name"].as_str(),
            found["items"][0]["distance_m"].as_f64()
        ),
        (Some("某广场"), Some(0.0))
    );

    let path = format!("/assets/{}", added["id"].as_str().unwrap());
    let mut change = shelter.clone();
    change["version"] = json!(1);
    change["details"]["capacity"] = json!(900);
    assert_eq!(planner.put(&path, change.clone()).await.ok()["version"], 2);
    let conflict = planner
        .put(&path, change)
        .await
        .refused(409, "asset.version_conflict");
    assert_eq!(conflict["current"]["details"]["capacity"], 900);

    let mut wrong = shelter;
    wrong["details"] = json!({ "wings": 2 });
    let refused = planner
        .post("/assets", wrong)
        .await
        .refused(422, "asset.invalid");
    assert_eq!(
        refused["fields"],
        json!([{ "field": "capacity", "code": "missing" }, { "field": "wings", "code": "unknown_word" }])
    );
    let mut leader = world.login_as(Role::Leader, "2201").await;
    leader
        .post("/assets", json!({}))
        .await
        .refused(403, "identity.role_forbids");
}

#[tokio::test]
async fn contacts_are_sealed_and_masked_revealed_by_a_recorded_look_and_kept_by_a_change() {
    let world = World::start().await;
    let mut planner = world.login_as(Role::Planner, "2201").await;
    let list = "编号,名称,类别,经度,纬度,行政区划,联系人,电话\nB1,南关医院,hospital,125.32,43.88,220102,值班室,0431-88880001\n";
    planner.upload(IMPORT, "text/csv", list).await.ok();
    let listed = planner.get("/assets").await.ok()["items"][0].clone();
    assert_eq!(listed["contacts"][0]["phone"], "043****0001");
    let id = listed["id"].as_str().unwrap().to_owned();
    let (one, reveal) = (format!("/assets/{id}"), format!("/assets/{id}/reveal"));
    let stored: String = world
        .ctx
        .db
        .read()
        .fetch_one(
            "SELECT contacts FROM assets WHERE asset_id = $1",
            args![&id],
        )
        .await
        .unwrap()
        .get("contacts")
        .unwrap();
    assert!(!stored.contains("8888") && !stored.contains("值班室"));
    let near = planner
        .get("/assets/within?lon=125.32&lat=43.88&radius_m=10")
        .await
        .ok();
    assert_eq!(near["items"][0]["contacts"][0]["phone"], "043****0001");

    let mut leader = world.login_as(Role::Leader, "2201").await;
    leader
        .post(&reveal, json!({}))
        .await
        .refused(403, "identity.role_forbids");
    let before = journal::head(&world.ctx.db).await.unwrap().seq;
    let mut duty = world.login_as(Role::DutyOfficer, "2201").await;
    let shown = duty.post(&reveal, json!({})).await.ok();
    assert_eq!(shown["contacts"][0]["phone"], "0431-88880001");
    let told = journal::after(&world.ctx.db, before, 100).await.unwrap();
    let look = told
        .iter()
        .find(|entry| entry.kind == "asset.contacts_read")
        .expect("the look is in the journal");
    assert_eq!(look.entity, id);

    // A form that was filled from a masked answer does not destroy the number.
    let mut form = planner.get(&one).await.ok();
    form["name"] = json!("南关区医院");
    form["contacts"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "role": "", "name": "院办", "phone": "0431-88880002" }));
    planner.put(&one, form).await.ok();
    let shown = duty.post(&reveal, json!({})).await.ok();
    let phones: Vec<_> = shown["contacts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|contact| contact["phone"].as_str().unwrap())
        .collect();
    assert_eq!(phones, ["0431-88880001", "0431-88880002"]);
}
