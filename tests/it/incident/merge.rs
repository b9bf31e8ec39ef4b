//! Merging and taking it back exactly.

use serde_json::json;

use super::{City, path, state_hash};

#[tokio::test]
async fn merging_keeps_all_callers_and_logs_and_un_merging_restores_the_state_exactly() {
    let mut city = City::start().await;
    let kept = city.report(json!({})).await;
    city.world.advance(60_000);
    let other = city
        .report(json!({ "call": { "service": "120", "phone": "13911112222" } }))
        .await;
    let third = city
        .report(json!({ "call": { "service": "119", "phone": "13933334444" } }))
        .await;
    city.officer
        .post(&path(&other, "confirm"), json!({}))
        .await
        .ok();
    let figure = json!({ "key": "serious", "value": 2, "source": "急救中心" });
    city.officer
        .post(&path(&other, "figures"), figure)
        .await
        .ok();
    let before = state_hash(&city.world.ctx.db).await;

    let into = |incident: &serde_json::Value| json!({ "into": incident["id"] });
    city.world.advance(60_000);
    let merged = city
        .dispatcher
        .post(&path(&third, "merge"), into(&other))
        .await
        .ok();
    assert_eq!(
        (&merged["status"], &merged["duplicate_of"]),
        (&json!("duplicate"), &other["id"])
    );
    city.dispatcher
        .post(&path(&other, "merge"), into(&kept))
        .await
        .ok();
    city.dispatcher
        .post(&path(&other, "merge"), into(&kept))
        .await
        .ok();

    let detail = city
        .officer
        .get(&format!("/incidents/{}", kept["id"].as_str().unwrap()))
        .await
        .ok();
    assert_eq!(detail["calls"].as_array().unwrap().len(), 3, "all callers");
    assert_eq!(
        detail["merged"].as_array().unwrap().len(),
        2,
        "also what was merged into the merged one"
    );
    let timeline = city.officer.get(&path(&kept, "timeline")).await.ok();
    let of_other = timeline["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["incident_id"] == other["id"])
        .count();
    assert!(
        of_other >= 5,
        "both logs: reported, verification, confirmed, figure, absorbed, merged"
    );

    city.world.advance(60_000);
    city.dispatcher
        .post(&path(&other, "unmerge"), json!({}))
        .await
        .ok();
    let back = city
        .dispatcher
        .post(&path(&third, "unmerge"), json!({}))
        .await
        .ok();
    assert_eq!(back["status"], "reported");
    assert_eq!(
        state_hash(&city.world.ctx.db).await,
        before,
        "exactly as it was"
    );
}

#[tokio::test]
async fn circles_and_dead_ends_are_refused() {
    let mut city = City::start().await;
    let (a, b, c) = (
        city.report(json!({})).await,
        city.report(json!({})).await,
        city.report(json!({})).await,
    );
    let into = |incident: &serde_json::Value| json!({ "into": incident["id"] });
    city.dispatcher
        .post(&path(&a, "merge"), into(&a))
        .await
        .refused(422, "incident.merged_into_itself");
    city.dispatcher
        .post(&path(&a, "merge"), into(&b))
        .await
        .ok();
    city.dispatcher
        .post(&path(&b, "merge"), into(&a))
        .await
        .refused(409, "incident.merge_circle");
    city.dispatcher
        .post(&path(&a, "merge"), into(&c))
        .await
        .refused(409, "incident.merged_elsewhere");
    city.dispatcher
        .post(&path(&c, "merge"), into(&a))
        .await
        .refused(409, "incident.merge_target_unusable");
    city.dispatcher
        .post(&path(&a, "confirm"), json!({}))
        .await
        .refused(403, "identity.role_forbids");
    city.officer
        .post(&path(&a, "confirm"), json!({}))
        .await
        .refused(409, "incident.not_now");
    let nobody = json!({ "into": "0190aaaa-0000-7000-8000-000000000009" });
    city.dispatcher
        .post(&path(&b, "merge"), nobody)
        .await
        .refused(404, "incident.missing");
    city.dispatcher
        .post(&path(&b, "unmerge"), json!({}))
        .await
        .refused(409, "incident.not_now");
}

#[tokio::test]
async fn a_typed_duplicate_of_a_merged_incident_points_to_the_one_that_is_kept() {
    let mut city = City::start().await;
    let (kept, other) = (city.report(json!({})).await, city.report(json!({})).await);
    city.dispatcher
        .post(&path(&other, "merge"), json!({ "into": kept["id"] }))
        .await
        .ok();
    let typed = json!({ "category": "accident.transport.road", "lon": 125.3245, "lat": 43.8860 });
    let found = city
        .dispatcher
        .post("/incidents/duplicates", typed)
        .await
        .ok();
    let ids: Vec<_> = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["incident"]["id"].clone())
        .collect();
    assert_eq!(ids, [kept["id"].clone()]);
}
