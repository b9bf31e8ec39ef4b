//! The registry of venues.

use fenghuotai::identity::Role;
use serde_json::json;

use super::city::{City, id, venue};
use crate::world::World;

const YUSHU: &str = "0192d3a0-0000-7000-8000-000000000001";

#[tokio::test]
async fn a_venue_is_registered_once_however_often_it_is_sent() {
    let world = World::start().await;
    let mut operator = world.login_as(Role::Operator, "2201").await;
    let first = operator
        .post("/venues", venue(YUSHU, "榆树市", "220182", "county"))
        .await
        .ok();
    let again = operator
        .post("/venues", venue(YUSHU, "榆树市", "220182", "county"))
        .await
        .ok();
    assert_eq!(first, again);
    assert_eq!(
        operator.get("/venues").await.ok()["items"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn a_stale_change_is_a_conflict_and_shows_the_current_row() {
    let world = World::start().await;
    let mut operator = world.login_as(Role::Operator, "2201").await;
    operator
        .post("/venues", venue(YUSHU, "榆树", "220182", "county"))
        .await
        .ok();
    let mut change = venue(YUSHU, "榆树市", "220182", "county");
    change["version"] = json!(1);
    let path = format!("/venues/{YUSHU}");
    assert_eq!(operator.put(&path, change.clone()).await.ok()["version"], 2);
    let refused = operator
        .put(&path, change)
        .await
        .refused(409, "venue.version_conflict");
    assert_eq!(refused["current"]["name"], "榆树市");
}

#[tokio::test]
async fn the_tree_follows_the_divisions() {
    let world = World::start().await;
    let mut operator = world.login_as(Role::Operator, "2201").await;
    for (n, name, division, level) in [
        (1, "市政府", "2201", "city"),
        (2, "榆树市", "220182", "county"),
        (3, "五棵树镇", "220182102", "town"),
        (4, "南关区", "220102", "county"),
    ] {
        let id = format!("0192d3a0-0000-7000-8000-00000000000{n}");
        operator
            .post("/venues", venue(&id, name, division, level))
            .await
            .ok();
    }
    let tree = operator.get("/venues/tree").await.ok();
    assert_eq!(tree[0]["venues"][0]["name"], "市政府");
    let below = tree[0]["children"].as_array().expect("children");
    assert_eq!(
        below
            .iter()
            .map(|b| b["division"].as_str().unwrap_or(""))
            .collect::<Vec<_>>(),
        ["220102", "220182"]
    );
    assert_eq!(below[1]["children"][0]["venues"][0]["name"], "五棵树镇");
}

#[tokio::test]
async fn a_county_operator_registers_venues_at_home_only() {
    let world = World::start().await;
    let mut county = world.login_as(Role::Operator, "220182").await;
    county
        .post("/venues", venue(YUSHU, "榆树市", "220182", "county"))
        .await
        .ok();
    let refused = county
        .post(
            "/venues",
            venue(
                "0192d3a0-0000-7000-8000-000000000002",
                "南关区",
                "220102",
                "county",
            ),
        )
        .await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn a_venue_in_a_meeting_cannot_be_retired() {
    let mut city = City::in_session().await;
    let path = format!("/venues/{}", id(&city.county));
    city.operator
        .delete(&path)
        .await
        .refused(409, "venue.in_conference");
    let end = city.path("end");
    city.operator.post(&end, json!({})).await.ok();
    city.operator.delete(&path).await.ok();
    assert_eq!(city.operator.get(&path).await.status, 404);
    let roster = city
        .operator
        .get(&format!("/conferences/{}", city.meeting))
        .await
        .ok();
    assert_eq!(
        roster["roster"].as_array().map(Vec::len),
        Some(3),
        "the past meeting keeps it"
    );
}

#[tokio::test]
async fn a_bad_venue_is_refused_with_the_field_that_is_wrong() {
    let world = World::start().await;
    let mut operator = world.login_as(Role::Operator, "2201").await;
    for (field, value) in [
        ("name", ""),
        ("level", "village"),
        ("kind", "fax"),
        ("division", "99"),
    ] {
        let mut draft = venue(YUSHU, "榆树市", "220182", "county");
        draft[field] = json!(value);
        let refused = operator
            .post("/venues", draft)
            .await
            .refused(422, "conference.invalid_field");
        assert_eq!(refused["field"], field);
    }
}
