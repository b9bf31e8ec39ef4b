//! A list of experts: wrong lines named, the same file again nothing new, found by what people type, contacts guarded.

use fenghuotai::{
    identity::Role,
    platform::{db::args, journal},
};

use serde_json::json;

use crate::world::World;

const LIST: &str = "编号,姓名,出生年,工作单位,职称,应急类别,学科代码,学科名称,行政区划,手机,特长,是否在岗\n\
    ZJ1,薛春勇,1969,示例水利院（虚构）,研究员,自然灾害,57025,水工结构,220183,10048743364,大坝安全,是\n\
    ZJ2,姜玉,1982,示例大学（虚构）,教授,公共卫生,33021,流行病学,2201,10032785002,传染病,是\n\
    ZJ3,高胜,19七八,示例公司（虚构）,,自然灾害,570,水利工程,220102,10093925558,防洪,是\n";
const IMPORT: &str = "/experts/import?source=demo";

#[tokio::test]
async fn a_wrong_line_is_named_and_nothing_is_half_done() {
    let world = World::start().await;
    let mut planner = world.login_as(Role::Planner, "2201").await;
    let refused = planner.upload(IMPORT, "text/csv", LIST).await.ok();
    assert_eq!(
        (refused["applied"].as_bool(), refused["new"].as_i64()),
        (Some(false), Some(2))
    );
    let problem = &refused["problems"][0];
    assert_eq!(
        (
            problem["line"].as_i64(),
            problem["field"].as_str(),
            problem["code"].as_str(),
            problem["value"].as_str()
        ),
        (
            Some(4),
            Some("birth_year"),
            Some("not_a_number"),
            Some("19七八")
        )
    );
    assert!(
        planner.get("/experts").await.ok()["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );

    let skipped = planner
        .upload(&format!("{IMPORT}&on_problem=skip"), "text/csv", LIST)
        .await
        .ok();
    assert_eq!(
        (skipped["applied"].as_bool(), skipped["new"].as_i64()),
        (Some(true), Some(2))
    );
    let head = journal::head(&world.ctx.db).await.unwrap();
    let again = planner
        .upload(&format!("{IMPORT}&on_problem=skip"), "text/csv", LIST)
        .await
        .ok();
    assert_eq!(
        (
            again["new"].as_i64(),
            again["changed"].as_i64(),
            again["same"].as_i64()
        ),
        (Some(0), Some(0), Some(2))
    );
    assert_eq!(
        journal::head(&world.ctx.db).await.unwrap(),
        head,
        "the same file again is nothing new"
    );
}

#[tokio::test]
async fn people_are_found_by_characters_pinyin_and_initials() {
    let world = World::start().await;
    let mut planner = world.login_as(Role::Planner, "2201").await;
    planner
        .upload(&format!("{IMPORT}&on_problem=skip"), "text/csv", LIST)
        .await
        .ok();
    for query in [
        "薛春勇",
        "xuechunyong",
        "xcy",
        "XCY",
        "daba",
        "大坝 水利院",
        "57025",
    ] {
        let found = planner
            .get(&format!("/experts?q={}", urlencode(query)))
            .await
            .ok();
        let names: Vec<_> = found["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["薛春勇"], "{query}");
    }
    assert!(
        planner.get("/experts?q=%25").await.ok()["items"]
            .as_array()
            .unwrap()
            .is_empty(),
        "% is a character"
    );
}

#[tokio::test]
async fn contacts_are_sealed_on_disk_masked_in_lists_and_every_look_is_recorded() {
    let world = World::start().await;
    let mut planner = world.login_as(Role::Planner, "2201").await;
    planner
        .upload(&format!("{IMPORT}&on_problem=skip"), "text/csv", LIST)
        .await
        .ok();
    let listed = planner.get("/experts?q=xcy").await.ok();
    assert_eq!(listed["items"][0]["contacts"][0]["value"], "100****3364");
    let id = listed["items"][0]["id"].as_str().unwrap().to_owned();
    let stored: String = world
        .ctx
        .db
        .read()
        .fetch_one(
            "SELECT contacts FROM experts WHERE expert_id = $1",
            args![&id],
        )
        .await
        .unwrap()
        .get("contacts")
        .unwrap();
    assert!(!stored.contains("10048743364"));

    let (one, reveal) = (format!("/experts/{id}"), format!("/experts/{id}/reveal"));
    let mut leader = world.login_as(Role::Leader, "2201").await;
    assert_eq!(
        leader.get(&one).await.ok()["contacts"][0]["value"],
        "100****3364"
    );
    leader
        .post(&reveal, json!({}))
        .await
        .refused(403, "identity.role_forbids");
    let mut duty = world.login_as(Role::DutyOfficer, "2201").await;
    let before = journal::head(&world.ctx.db).await.unwrap().seq;
    assert_eq!(
        duty.get(&one).await.ok()["contacts"][0]["value"],
        "100****3364",
        "looking at a person is not yet looking at his number"
    );
    assert_eq!(
        duty.post(&reveal, json!({})).await.ok()["contacts"][0]["value"],
        "10048743364"
    );
    let told = journal::after(&world.ctx.db, before, 100).await.unwrap();
    let look = told
        .iter()
        .find(|entry| entry.kind == "expert.contacts_read")
        .expect("the look is in the journal");
    assert_eq!(
        (look.entity.as_str(), Some(&look.actor)),
        (
            id.as_str(),
            duty.account_id.map(|id| id.to_string()).as_ref()
        )
    );
}

#[tokio::test]
async fn a_county_sees_and_changes_only_its_own() {
    let world = World::start().await;
    let mut city = world.login_as(Role::Planner, "2201").await;
    city.upload(&format!("{IMPORT}&on_problem=skip"), "text/csv", LIST)
        .await
        .ok();
    let mut county = world.login_as(Role::Planner, "220183").await;
    let seen = county.get("/experts?division=2201").await.ok();
    assert_eq!(seen["items"].as_array().unwrap().len(), 1);
    let foreign = county
        .upload(
            "/experts/import?source=own&on_problem=skip",
            "text/csv",
            LIST,
        )
        .await
        .ok();
    assert_eq!(foreign["new"], 1, "only the line of the own county");
    assert!(
        foreign["problems"]
            .as_array()
            .unwrap()
            .iter()
            .any(|p| p["code"] == "foreign_division" && p["line"] == 3)
    );
}

pub fn urlencode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
