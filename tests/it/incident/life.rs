//! The life of an incident over HTTP.

use fenghuotai::identity::Role;
use serde_json::json;

use super::{City, path};

#[tokio::test]
async fn an_incident_goes_its_way_and_the_timeline_tells_it() {
    let mut city = City::start().await;
    let made = city.report(json!({})).await;
    for verb in ["confirm", "respond", "control", "close", "archive"] {
        city.world.advance(1_000);
        city.officer.post(&path(&made, verb), json!({})).await.ok();
    }
    let reopened = city
        .officer
        .post(&path(&made, "reopen"), json!({ "reason": "复燃" }))
        .await
        .ok();
    assert_eq!(
        (&reopened["status"], &reopened["status_reason"]),
        (&json!("responding"), &json!("复燃"))
    );
    let timeline = city.officer.get(&path(&made, "timeline")).await.ok();
    let kinds: Vec<_> = timeline["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["kind"].as_str().unwrap())
        .collect();
    expect_test::expect![[r#"
        [
            "incident.reported",
            "incident.verification_started",
            "incident.confirmed",
            "incident.response_started",
            "incident.controlled",
            "incident.closed",
            "incident.archived",
            "incident.reopened",
        ]
    "#]]
    .assert_debug_eq(&kinds);
    assert!(
        timeline["items"][0]["by"]
            .as_str()
            .unwrap()
            .starts_with("测试dispatcher")
    );
    assert!(
        !timeline.to_string().contains("0431"),
        "no caller's number in the journal"
    );
}

#[tokio::test]
async fn a_stale_version_is_a_conflict_with_the_row_as_it_stands() {
    let mut city = City::start().await;
    let made = city.report(json!({})).await;
    let address = format!("/incidents/{}", made["id"].as_str().unwrap());
    let changed = city
        .dispatcher
        .patch(&address, json!({ "version": 1, "title": "三车相撞" }))
        .await
        .ok();
    assert_eq!(changed["version"], 2);
    let problem = city
        .officer
        .patch(&address, json!({ "version": 1, "description": "我也改" }))
        .await
        .refused(409, "incident.version_conflict");
    assert_eq!(problem["current"]["title"], "三车相撞");
    let problem = city
        .officer
        .post(&path(&made, "verify"), json!({ "version": 1 }))
        .await;
    problem.refused(409, "incident.version_conflict");
    let nothing = city
        .dispatcher
        .patch(&address, json!({ "version": 2, "title": "三车相撞" }))
        .await
        .ok();
    assert_eq!(nothing["version"], 2, "changing nothing writes nothing");
}

#[tokio::test]
async fn who_may_not_decide_is_refused_and_a_verb_out_of_turn_says_why() {
    let mut city = City::start().await;
    let made = city.report(json!({})).await;
    city.dispatcher
        .post(&path(&made, "confirm"), json!({}))
        .await
        .refused(403, "identity.role_forbids");
    let problem = city
        .officer
        .post(&path(&made, "close"), json!({}))
        .await
        .refused(409, "incident.not_now");
    assert_eq!(
        (&problem["verb"], &problem["state"]),
        (&json!("close"), &json!("reported"))
    );
    city.officer
        .post(&path(&made, "dismiss"), json!({}))
        .await
        .refused(422, "incident.reason_missing");
    let mut planner = city.world.login_as(Role::Planner, "2201").await;
    planner
        .post(&path(&made, "verify"), json!({}))
        .await
        .refused(403, "identity.role_forbids");
}

#[tokio::test]
async fn figures_are_a_series_and_the_level_follows_by_a_named_rule() {
    let mut city = City::start().await;
    let made = city.report(json!({})).await;
    let address = format!("/incidents/{}", made["id"].as_str().unwrap());
    let figure = |value: i64, source: &str, as_of: i64| json!({ "key": "dead", "value": value, "source": source, "as_of": as_of });
    let start = city.world.ctx.clock.now().0;
    city.dispatcher
        .post(&path(&made, "figures"), figure(3, "市医院", start))
        .await
        .ok();
    city.world.advance(60_000);
    city.dispatcher
        .post(
            &path(&made, "figures"),
            figure(2, "现场指挥", start - 60_000),
        )
        .await
        .ok();

    let series = city.officer.get(&path(&made, "figures")).await.ok();
    assert_eq!(series["series"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&series["heads"][0]["value"], &series["heads"][0]["source"]),
        (&json!(3), &json!("市医院"))
    );
    let detail = city.officer.get(&address).await.ok();
    assert_eq!(detail["proposal"]["level"], "III");
    assert_eq!(detail["proposal"]["fired"][0]["id"], "decree-493.III.dead");

    let set = |level: &str, version: i64| json!({ "version": version, "level": level });
    let levelled = city.officer.patch(&address, set("III", 1)).await.ok();
    assert_eq!(levelled["level_basis"], "decree-493.III.dead");
    city.officer
        .patch(&address, set("I", 2))
        .await
        .refused(422, "incident.level_basis_missing");
    let with_basis = json!({ "version": 2, "level": "II", "level_basis": "伤者多人危重" });
    assert_eq!(
        city.officer.patch(&address, with_basis).await.ok()["level"],
        "II"
    );
    let social = json!({ "version": 3, "category": "security.mass" });
    assert_eq!(
        city.officer.patch(&address, social).await.ok()["level"],
        json!(null),
        "no levels by law"
    );
}

#[tokio::test]
async fn a_draft_is_nobodys_duplicate_until_it_is_reported() {
    let mut city = City::start().await;
    let made = city.report(json!({ "draft": true })).await;
    assert_eq!(made["status"], "draft");
    let typed = json!({ "category": "accident.transport.road", "lon": 125.3245, "lat": 43.8860 });
    assert_eq!(
        city.dispatcher
            .post("/incidents/duplicates", typed.clone())
            .await
            .ok()["items"],
        json!([])
    );
    city.dispatcher
        .post(&path(&made, "report"), json!({}))
        .await
        .ok();
    assert_eq!(
        city.dispatcher
            .post("/incidents/duplicates", typed)
            .await
            .ok()["items"][0]["incident"]["id"],
        made["id"]
    );
}

#[tokio::test]
async fn the_journal_tells_of_every_change_on_the_incidents_topics() {
    let mut city = City::start().await;
    let made = city.report(json!({})).await;
    city.officer
        .post(&path(&made, "verify"), json!({}))
        .await
        .ok();
    let entries = fenghuotai::platform::journal::of_entity(
        &city.world.ctx.db,
        made["id"].as_str().unwrap(),
        0,
        10,
    )
    .await
    .unwrap();
    assert_eq!(entries.len(), 2);
    let topics = vec![
        "incident".to_owned(),
        format!("incident/{}", made["id"].as_str().unwrap()),
    ];
    assert!(
        entries
            .iter()
            .all(|entry| entry.topics == topics && entry.jurisdiction == "2201")
    );
    assert_eq!(entries[1].entity_version, 2);
    assert_eq!(entries[1].payload["incident"]["status"], "verifying");
}
