//! Taking reports.

use fenghuotai::identity::Role;
use serde_json::json;

use super::{City, path, road_accident};

#[tokio::test]
async fn a_report_is_numbered_listed_and_has_its_caller() {
    let mut city = City::start().await;
    let made = city
        .report(json!({ "occurred_at": 1_795_348_500_000_i64 }))
        .await;
    assert_eq!(made["number"], "220100-20261122-0001");
    assert_eq!(made["status"], "reported");
    assert_eq!(made["title"], "人民大街与解放大路交汇 道路交通事故");
    assert_eq!(
        (
            &made["occurred_at"],
            &made["received_at"],
            &made["recorded_at"]
        ),
        (
            &json!(1_795_348_500_000_i64),
            &json!(1_795_348_800_000_i64),
            &json!(1_795_348_800_000_i64)
        ),
    );
    let second = city.report(json!({ "place_text": "卫星路" })).await;
    assert_eq!(second["number"], "220100-20261122-0002");

    let list = city.officer.get("/incidents?limit=1").await.ok();
    let next = list["next"].as_str().expect("a second page").to_owned();
    let rest = city
        .officer
        .get(&format!("/incidents?limit=1&after={next}"))
        .await
        .ok();
    assert_eq!(rest["next"], json!(null));
    let mut numbers = [
        list["items"][0]["number"].clone(),
        rest["items"][0]["number"].clone(),
    ];
    numbers.sort_by_key(ToString::to_string);
    assert_eq!(numbers, [made["number"].clone(), second["number"].clone()]);

    let found = city
        .officer
        .get("/incidents?q=%E5%8D%AB%E6%98%9F&status=reported,verifying&category=accident")
        .await
        .ok();
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    let detail = city.officer.get(&path(&made, "")).await;
    assert_eq!(
        detail.status.as_u16(),
        404,
        "a trailing slash is another address"
    );
    let detail = city
        .officer
        .get(&format!("/incidents/{}", made["id"].as_str().unwrap()))
        .await
        .ok();
    assert_eq!(detail["calls"][0]["phone"], "138****0001");
}

#[tokio::test]
async fn the_same_id_again_is_the_same_incident() {
    let mut city = City::start().await;
    let body = road_accident(json!({ "id": "0190aaaa-0000-7000-8000-000000000001" }));
    let first = city.dispatcher.post("/incidents", body.clone()).await;
    assert_eq!(first.status.as_u16(), 201);
    let again = city.dispatcher.post("/incidents", body).await;
    assert_eq!(again.status.as_u16(), 200);
    assert_eq!(first.json, again.json);
    let list = city.officer.get("/incidents").await.ok();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_field_and_nothing_is_written() {
    let mut city = City::start().await;
    let now = city.world.ctx.clock.now().0;
    for (field, body) in [
        ("category", json!({ "category": "aliens" })),
        ("lon", json!({ "lon": 181.0 })),
        ("lon", json!({ "lat": null })),
        ("accuracy_m", json!({ "accuracy_m": -1.0 })),
        ("title", json!({ "title": "长".repeat(201) })),
        ("occurred_at", json!({ "occurred_at": now + 3_600_000 })),
        ("division", json!({ "division": "0" })),
    ] {
        let refused = city
            .dispatcher
            .post("/incidents", road_accident(body))
            .await;
        let problem = refused.refused(422, "incident.field_unusable");
        assert_eq!(problem["field"], field);
    }
    let social = json!({ "category": "security.mass", "level": "I" });
    city.dispatcher
        .post("/incidents", road_accident(social))
        .await
        .refused(422, "incident.level_undefined");
    let figure = json!({ "figures": [{ "key": "dead", "value": -1, "source": "现场" }] });
    city.dispatcher
        .post("/incidents", road_accident(figure))
        .await
        .refused(422, "incident.figure_out_of_range");
    assert_eq!(
        city.officer.get("/incidents").await.ok()["items"],
        json!([])
    );
}

#[tokio::test]
async fn others_do_not_see_it_and_nobody_sees_the_callers_number_by_the_way() {
    let mut city = City::start().await;
    let made = city.report(json!({ "division": "220102" })).await;
    let address = format!("/incidents/{}", made["id"].as_str().unwrap());
    let mut neighbour = city.world.login_as(Role::DutyOfficer, "220182").await;
    neighbour
        .get(&address)
        .await
        .refused(403, "identity.outside_jurisdiction");
    assert_eq!(neighbour.get("/incidents").await.ok()["items"], json!([]));
    neighbour
        .get("/incidents?division=2201")
        .await
        .refused(403, "identity.outside_jurisdiction");
    let elsewhere = road_accident(json!({ "division": "220102" }));
    neighbour
        .post("/incidents", elsewhere)
        .await
        .refused(403, "identity.outside_jurisdiction");
    let mut administrator = city.world.login_as(Role::SystemAdmin, "2201").await;
    administrator
        .get("/incidents")
        .await
        .refused(403, "identity.role_forbids");
    let mut leader = city.world.login_as(Role::Leader, "2201").await;
    assert_eq!(
        leader.get(&address).await.ok()["calls"][0]["phone"],
        "138****0001"
    );
}

#[tokio::test]
async fn a_point_in_gcj02_is_stored_in_wgs84_and_the_typed_words_stay() {
    let mut city = City::start().await;
    let made = city
        .report(
            json!({ "lon": 125.3310, "lat": 43.8884, "datum": "gcj02", "place_text": "就是这里" }),
        )
        .await;
    assert!((made["lon"].as_f64().unwrap() - 125.3245).abs() < 2e-4);
    assert_eq!(
        (&made["datum_in"], &made["place_text"]),
        (&json!("gcj02"), &json!("就是这里"))
    );
}

#[tokio::test]
async fn duplicates_are_proposed_while_typing_and_a_further_caller_is_added_with_one_call() {
    let mut city = City::start().await;
    let made = city.report(json!({})).await;
    city.world.advance(5 * 60_000);
    let typed = json!({
        "category": "accident.transport.road", "lon": 125.3247, "lat": 43.8862,
        "place_text": "人民大街与解放大路交汇处", "service": "120", "subject": "车祸",
    });
    let found = city
        .dispatcher
        .post("/incidents/duplicates", typed.clone())
        .await
        .ok();
    assert_eq!(found["items"][0]["incident"]["id"], made["id"]);
    assert_eq!(found["items"][0]["proposed"], true);
    assert!(
        found["items"][0]["evidence"].as_array().unwrap().len() >= 4,
        "the score explains itself"
    );

    let call = json!({ "id": "0190aaaa-0000-7000-8000-0000000000c1", "service": "120", "phone": "13900000000" });
    city.dispatcher
        .post(&path(&made, "calls"), call.clone())
        .await
        .ok();
    city.dispatcher.post(&path(&made, "calls"), call).await.ok();
    let detail = city
        .officer
        .get(&format!("/incidents/{}", made["id"].as_str().unwrap()))
        .await
        .ok();
    assert_eq!(
        detail["calls"].as_array().unwrap().len(),
        2,
        "the same call again adds nothing"
    );

    city.world.advance(60 * 60_000);
    let later = city
        .dispatcher
        .post("/incidents/duplicates", typed)
        .await
        .ok();
    assert_eq!(later["items"], json!([]), "an hour later it is another one");
}

#[tokio::test]
async fn a_report_belongs_to_the_division_its_point_lies_in() {
    let mut city = City::start().await;
    let mut planner = city.world.login_as(Role::Planner, "2201").await;
    for (address, file) in [
        (
            "/divisions/import",
            include_bytes!("../region/files/divisions.csv").to_vec(),
        ),
        (
            "/boundaries/import?datum=wgs84&source=drawn",
            include_bytes!("../region/files/drawn.geojson").to_vec(),
        ),
    ] {
        let kind = [("content-type", "application/octet-stream")];
        planner
            .send_bytes(axum::http::Method::POST, address, file, &kind)
            .await
            .ok();
    }
    let inside = city.report(json!({ "lon": 124.7, "lat": 43.7 })).await;
    assert_eq!(
        (&inside["division"], &inside["number"]),
        (&json!("220184"), &json!("220184-20261122-0001"))
    );
    let given = city
        .report(json!({ "lon": 124.7, "lat": 43.7, "division": "220102" }))
        .await;
    assert_eq!(
        given["division"], "220102",
        "what a person says goes before what a map says"
    );
    let beyond = city.report(json!({ "lon": 10.0, "lat": 50.0 })).await;
    assert_eq!(
        beyond["division"], "2201",
        "nowhere known: it stays with whoever took it"
    );
}

#[tokio::test]
async fn a_category_comes_with_all_a_person_may_type_for_it() {
    let mut city = City::start().await;
    let table = city.dispatcher.get("/incidents/categories").await.ok();
    let fire = table["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|category| category["slug"] == "accident.work_safety.fire")
        .expect("a fire is a category");
    assert_eq!(fire["spelling"], "火灾 huozai hz");
}
