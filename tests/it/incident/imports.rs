//! Importing files of call records.

use axum::http::Method;
use fenghuotai::identity::Role;
use serde_json::{Value, json};

use super::{City, path, state_hash};
use crate::client::{Client, Reply};

const FILE: &str = "\
编号,接警时间,经度,纬度,地址,类别,内容,报警电话
A1,2026-11-20 08:00:00,125.3245,43.8860,人民大街100号,交通事故,两车相撞,13800000001
A2,2026-11-20 08:03:00,125.3246,43.8861,人民大街100号,交通事故,有人受伤,13800000002
A3,2026-11-20 09:00:00,125.4000,43.9000,东盛大街,火灾,四楼冒烟,13800000003
A4,2026-11-20 10:00:00,0,0,卫星路,停电,整条街停电,
A5,2026-11-20 11:00:00,116.4,39.9,前进大街,积水,没过膝盖,
A6,不知道,125.3,43.8,南湖大路,火灾,,
";

pub(super) async fn upload(client: &mut Client, name: &str, bytes: Vec<u8>) -> Reply {
    let path = format!("/call-imports?name={name}");
    client
        .send_bytes(Method::POST, &path, bytes, &[("content-type", "text/csv")])
        .await
}

/// Waits for the end of a run, in real time; answers the import.
pub(super) async fn finished(client: &mut Client, address: &str) -> Value {
    for _ in 0..6_000 {
        let import = client.get(address).await.ok();
        if !matches!(import["state"].as_str(), Some("running" | "undoing")) {
            return import;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the import did not end within two minutes");
}

fn plan(looked: &Value) -> Value {
    let mut plan = looked["suggested"].clone();
    plan["source"] = json!("长春110");
    plan
}

struct Batch {
    address: String,
    plan: Value,
}

impl Batch {
    async fn uploaded(client: &mut Client, text: &str) -> Self {
        let looked = upload(client, "calls.csv", text.as_bytes().to_vec())
            .await
            .ok();
        let address = format!("/call-imports/{}", looked["import"]["id"].as_str().unwrap());
        Self {
            address,
            plan: plan(&looked),
        }
    }

    async fn run(&self, client: &mut Client) -> Value {
        client
            .post(&format!("{}/start", self.address), self.plan.clone())
            .await
            .ok();
        let import = finished(client, &self.address).await;
        assert_eq!(import["state"], "done", "{import}");
        import
    }
}

fn counts(import: &Value) -> [i64; 5] {
    ["total", "added", "known", "refused", "without_place"]
        .map(|key| import["progress"][key].as_i64().unwrap())
}

#[tokio::test]
async fn a_file_is_looked_into_previewed_imported_and_its_errors_named_by_line() {
    let mut city = City::start().await;
    let desk = &mut city.dispatcher;
    let looked = upload(
        desk,
        "calls.csv",
        encoding_rs::GB18030.encode(FILE).0.into_owned(),
    )
    .await
    .ok();
    assert_eq!(looked["suggested"]["encoding"], "gb18030");
    assert_eq!(looked["suggested"]["columns"]["source_id"], "编号");
    assert_eq!(looked["rows"][2][4], "东盛大街");
    let address = format!("/call-imports/{}", looked["import"]["id"].as_str().unwrap());
    let batch = Batch {
        address,
        plan: plan(&looked),
    };

    let preview = desk
        .post(&format!("{}/preview", batch.address), batch.plan.clone())
        .await
        .ok();
    let named = |problems: &Value| -> Vec<(u64, String)> {
        let each = problems.as_array().unwrap().iter();
        each.map(|p| {
            (
                p["line"].as_u64().unwrap(),
                p["code"].as_str().unwrap().to_owned(),
            )
        })
        .collect()
    };
    let expected = vec![
        (5, "place_null".to_owned()),
        (6, "place_far_from_all".to_owned()),
        (7, "time_unreadable".to_owned()),
    ];
    assert_eq!(named(&preview["problems"]), expected);
    assert_eq!(
        preview["rows"][0]["received_at"],
        1_763_596_800_000_i64 + 365 * 86_400_000
    );
    assert_eq!(
        desk.get("/incidents").await.ok()["items"],
        json!([]),
        "a preview writes nothing"
    );

    let import = batch.run(desk).await;
    assert_eq!(counts(&import), [6, 5, 0, 1, 2]);
    let problems = desk.get(&format!("{}/problems", batch.address)).await.ok();
    assert_eq!(named(&problems["items"]), expected);
    let page = desk
        .get(&format!("{}/problems?limit=2", batch.address))
        .await
        .ok();
    let next = page["next"].as_str().unwrap();
    let rest = desk
        .get(&format!("{}/problems?limit=2&after={next}", batch.address))
        .await
        .ok();
    assert_eq!(named(&rest["items"]), expected[2..]);

    let list = desk
        .get("/incidents?category=accident.transport.road")
        .await
        .ok();
    assert_eq!(list["items"][0]["number"], "I0001-000003");
    let proposals = desk.get(&format!("{}/proposals", batch.address)).await.ok();
    assert_eq!(
        (&proposals["total"], &proposals["members"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(proposals["items"][0]["keep"]["number"], "I0001-000002");
}

#[tokio::test]
async fn the_same_file_again_adds_nothing_and_undo_restores_the_state_exactly() {
    let mut city = City::start().await;
    let own = city.report(json!({})).await;
    let before = state_hash(&city.world.ctx.db).await;

    let desk = &mut city.dispatcher;
    let first = Batch::uploaded(desk, FILE).await;
    first.run(desk).await;
    let imported = state_hash(&city.world.ctx.db).await;
    assert_ne!(imported, before);
    let again = Batch::uploaded(desk, FILE).await;
    assert_eq!(counts(&again.run(desk).await), [6, 0, 5, 1, 0]);
    assert_eq!(
        state_hash(&city.world.ctx.db).await,
        imported,
        "nothing was added"
    );

    // Merges within the import and over its border, both ways.
    let list = desk.get("/incidents?q=I0001-").await.ok();
    let number = |n: &str| {
        list["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|i| i["number"] == n)
            .unwrap()
            .clone()
    };
    let (a, b, c) = (
        number("I0001-000002"),
        number("I0001-000003"),
        number("I0001-000004"),
    );
    desk.post(&path(&b, "merge"), json!({ "into": a["id"] }))
        .await
        .ok();
    desk.post(&path(&a, "merge"), json!({ "into": own["id"] }))
        .await
        .ok();
    desk.post(&path(&own, "merge"), json!({ "into": c["id"] }))
        .await
        .ok();

    desk.post(&format!("{}/undo", first.address), json!({}))
        .await
        .ok();
    assert_eq!(finished(desk, &first.address).await["state"], "undone");
    assert_eq!(
        state_hash(&city.world.ctx.db).await,
        before,
        "exactly as it was"
    );

    // And once more from the start: an undone import can be run again.
    assert_eq!(counts(&first.run(desk).await), [6, 5, 0, 1, 2]);
}

#[tokio::test]
async fn an_import_somebody_has_worked_on_is_not_taken_back_over_his_head() {
    let mut city = City::start().await;
    let batch = Batch::uploaded(&mut city.dispatcher, FILE).await;
    batch.run(&mut city.dispatcher).await;
    let list = city
        .dispatcher
        .get("/incidents?category=accident.work_safety.fire")
        .await
        .ok();
    city.world.advance(1_000);
    city.officer
        .post(&path(&list["items"][0], "confirm"), json!({}))
        .await
        .ok();
    let problem = city
        .dispatcher
        .post(&format!("{}/undo", batch.address), json!({}))
        .await
        .refused(409, "call_import.worked_on");
    assert_eq!(problem["incidents"], json!(["I0001-000004"]));
}

#[tokio::test]
async fn files_and_plans_that_cannot_be_are_refused() {
    let mut city = City::start().await;
    let desk = &mut city.dispatcher;
    upload(desk, "empty.csv", vec![])
        .await
        .refused(422, "call_import.empty");
    let batch = Batch::uploaded(desk, FILE).await;
    let mut wrong = batch.plan.clone();
    wrong["zone"] = json!("Mars/Olympus");
    wrong["columns"]["lat"] = json!("北纬");
    let problem = desk
        .post(&format!("{}/start", batch.address), wrong)
        .await
        .refused(422, "call_import.plan_unusable");
    assert_eq!(
        problem["problems"].as_array().unwrap().len(),
        2,
        "all of it at once"
    );
    desk.post(&format!("{}/undo", batch.address), json!({}))
        .await
        .refused(409, "call_import.not_now");
    batch.run(desk).await;
    desk.post(&format!("{}/start", batch.address), batch.plan.clone())
        .await
        .refused(409, "call_import.not_now");
    let mut elsewhere = city.world.login_as(Role::Planner, "220182").await;
    elsewhere
        .get(&batch.address)
        .await
        .refused(403, "identity.outside_jurisdiction");
    let mut leader = city.world.login_as(Role::Leader, "2201").await;
    leader
        .get("/call-imports")
        .await
        .refused(403, "identity.role_forbids");
}

#[tokio::test]
async fn an_interrupted_import_goes_on_at_the_next_start() {
    let mut city = City::start().await;
    let batch = Batch::uploaded(&mut city.dispatcher, FILE).await;
    batch.run(&mut city.dispatcher).await;
    let whole = state_hash(&city.world.ctx.db).await;
    // As a kill in the middle leaves it: marked as running, some rows written.
    let mut tx = city.world.ctx.db.begin().await.unwrap();
    tx.execute(
        "UPDATE call_imports SET state = 'running', done_rows = 2",
        fenghuotai::platform::db::args![],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    fenghuotai::incident::resume(&city.world.ctx).await.unwrap();
    let import = finished(&mut city.dispatcher, &batch.address).await;
    assert_eq!(
        counts(&import),
        [6, 5, 0, 1, 2],
        "what was here already counts as added by it"
    );
    assert_eq!(
        state_hash(&city.world.ctx.db).await,
        whole,
        "and nothing was added twice"
    );
}
