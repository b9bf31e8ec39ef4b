//! Two at once: the same command sent twice in the same instant is done once, and nobody is told of a fault.

use fenghuotai::{
    identity::Role,
    platform::{db::args, journal, tasks},
};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    client::{Client, Reply},
    world::World,
};

/// How many send the same at once.
const AT_ONCE: usize = 8;
const ID: &str = "0190aaaa-0000-7000-8000-00000000ace0";

/// Everybody sends at once; the answers in no particular order.
async fn at_once<F>(client: &Client, send: impl Fn(Client, usize) -> F) -> Vec<Reply>
where
    F: Future<Output = Reply> + Send + 'static,
{
    let sent = (0..AT_ONCE).map(|each| tasks::spawn("racer", send(client.clone(), each)));
    let answers = join_all(sent.collect::<Vec<_>>()).await;
    answers
        .into_iter()
        .map(|answer| answer.expect("a racer comes home"))
        .collect()
}

async fn post_at_once(client: &Client, path: &str, body: &Value) -> Vec<Reply> {
    at_once(client, |mut client, _| {
        let (path, body) = (path.to_owned(), body.clone());
        async move { client.post(&path, body).await }
    })
    .await
}

/// Entries of this kind since `seq`.
async fn told(world: &World, seq: i64, kind: &str) -> usize {
    let entries = journal::after(&world.ctx.db, seq, 1_000).await.unwrap();
    entries.iter().filter(|entry| entry.kind == kind).count()
}

async fn head(world: &World) -> i64 {
    journal::head(&world.ctx.db).await.unwrap().seq
}

fn accident() -> Value {
    json!({
        "category": "accident.transport.road", "place_text": "人民大街", "lon": 125.32, "lat": 43.88,
        "call": { "service": "122", "phone": "13804310001" },
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_report_at_once_is_one_incident_and_everybody_gets_it() {
    let world = World::start().await;
    let dispatcher = world.login_as(Role::Dispatcher, "2201").await;
    for round in 0..5 {
        let mut body = accident();
        body["id"] = json!(format!("0190aaaa-0000-7000-8000-0000000000a{round}"));
        let before = head(&world).await;
        let answers = post_at_once(&dispatcher, "/incidents", &body).await;
        let made = answers
            .iter()
            .filter(|answer| answer.status.as_u16() == 201)
            .count();
        for answer in &answers {
            assert!(answer.status.is_success(), "{}", answer.json);
            assert_eq!(answer.json, answers[0].json, "all get the first answer");
        }
        assert_eq!(
            (made, told(&world, before, "incident.reported").await),
            (1, 1)
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn further_calls_and_figures_at_once_are_written_once() {
    let world = World::start().await;
    let mut dispatcher = world.login_as(Role::Dispatcher, "2201").await;
    let made = dispatcher.post("/incidents", accident()).await.ok();
    let address = format!("/incidents/{}", made["id"].as_str().unwrap());
    let before = head(&world).await;
    let call = json!({ "id": ID, "service": "120", "phone": "13900000000" });
    for answer in post_at_once(&dispatcher, &format!("{address}/calls"), &call).await {
        answer.ok();
    }
    let figure = json!({ "id": ID, "key": "dead", "value": 2, "source": "现场" });
    for answer in post_at_once(&dispatcher, &format!("{address}/figures"), &figure).await {
        assert_eq!(answer.ok()["value"], 2);
    }
    let detail = dispatcher.get(&address).await.ok();
    assert_eq!(detail["calls"].as_array().unwrap().len(), 2);
    assert_eq!(told(&world, before, "incident.call_added").await, 1);
    assert_eq!(told(&world, before, "incident.figure_recorded").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_id_of_something_else_is_refused_and_not_a_fault() {
    let world = World::start().await;
    let mut dispatcher = world.login_as(Role::Dispatcher, "2201").await;
    let mut body = accident();
    body["call"]["id"] = json!(ID);
    body["figures"] = json!([{ "id": ID, "key": "dead", "value": 1, "source": "现场" }]);
    let first = dispatcher.post("/incidents", body.clone()).await.ok();
    dispatcher
        .post("/incidents", body.clone())
        .await
        .refused(409, "incident.id_taken");
    body["call"]["id"] = json!("0190aaaa-0000-7000-8000-00000000ace1");
    dispatcher
        .post("/incidents", body)
        .await
        .refused(409, "incident.id_taken");
    let other = dispatcher.post("/incidents", accident()).await.ok();
    assert_ne!(first["id"], other["id"]);
    let figure = json!({ "id": ID, "key": "dead", "value": 1, "source": "现场" });
    let address = format!("/incidents/{}/figures", other["id"].as_str().unwrap());
    dispatcher
        .post(&address, figure)
        .await
        .refused(409, "incident.id_taken");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_expert_asset_venue_and_meeting_at_once_are_one_each() {
    let world = World::start().await;
    let planner = world.login_as(Role::Planner, "2201").await;
    let operator = world.login_as(Role::Operator, "2201").await;
    let venue = "0190aaaa-0000-7000-8000-00000000ace2";
    let before = head(&world).await;
    let expert = json!({ "id": ID, "name": "薛春勇", "division": "2201", "contacts": [] });
    let asset = json!({ "id": ID, "kind": "hospital", "name": "南关医院", "division": "220102" });
    let seat = json!({ "id": venue, "name": "南关区分会场", "division": "220102", "level": "county", "kind": "av" });
    let meeting = json!({ "id": ID, "title": "例会", "active_main": venue, "venues": [] });
    for (who, path, body, kind) in [
        (&planner, "/experts", expert, "expert.added"),
        (&planner, "/assets", asset, "asset.added"),
        (&planner, "/venues", seat, "venue.registered"),
        (&operator, "/conferences", meeting, "conference.created"),
    ] {
        for answer in post_at_once(who, path, &body).await {
            assert_eq!(answer.ok()["id"], body["id"], "{path}");
        }
        assert_eq!(told(&world, before, kind).await, 1, "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_changes_at_once_one_wins_and_the_others_are_told() {
    let world = World::start().await;
    let mut planner = world.login_as(Role::Planner, "2201").await;
    for (path, body) in [
        (
            "/experts",
            json!({ "id": ID, "name": "薛春勇", "division": "2201", "contacts": [] }),
        ),
        (
            "/assets",
            json!({ "id": ID, "kind": "hospital", "name": "南关医院", "division": "220102" }),
        ),
    ] {
        planner.post(path, body.clone()).await.ok();
        let answers = at_once(&planner, |mut client, each| {
            let (address, mut body) = (format!("{path}/{ID}"), body.clone());
            (body["name"], body["version"]) = (json!(format!("甲{each}")), json!(1));
            async move { client.put(&address, body).await }
        })
        .await;
        let (won, lost): (Vec<_>, Vec<_>) = answers
            .into_iter()
            .partition(|answer| answer.status.is_success());
        assert_eq!((won.len(), lost.len()), (1, AT_ONCE - 1));
        for answer in lost {
            assert_eq!(answer.status.as_u16(), 409, "{}", answer.json);
            assert!(answer.code().ends_with("version_conflict"));
        }
        let now = planner.get(&format!("{path}/{ID}")).await.ok();
        assert_eq!(
            (&now["version"], &now["name"]),
            (&json!(2), &won[0].json["name"])
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_list_imported_at_once_is_there_once() {
    let world = World::start().await;
    let planner = world.login_as(Role::Planner, "2201").await;
    for (path, list) in [
        (
            "/experts/import?source=demo",
            "编号,姓名,行政区划\nZJ1,薛春勇,2201\nZJ2,姜玉,2201\n",
        ),
        (
            "/assets/import?source=demo&datum=wgs84",
            "编号,名称,类别,经度,纬度,行政区划\nA1,甲,hospital,125.3,43.8,2201\nA2,乙,hospital,125.4,43.8,2201\n",
        ),
    ] {
        let answers = at_once(&planner, |mut client, _| async move {
            client.upload(path, "text/csv", list).await
        })
        .await;
        let mut new = 0;
        for answer in answers {
            let report = answer.ok();
            new += report["new"].as_i64().unwrap();
            assert_eq!(
                report["new"].as_i64().unwrap() + report["same"].as_i64().unwrap(),
                2
            );
        }
        assert_eq!(new, 2, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn files_of_calls_uploaded_at_once_get_numbers_of_their_own() {
    let world = World::start().await;
    let officer = world.login_as(Role::DutyOfficer, "2201").await;
    let answers = at_once(&officer, |mut client, _| async move {
        client
            .upload(
                "/call-imports?name=calls.csv",
                "text/csv",
                "时间,地址\n2026-11-22,甲\n",
            )
            .await
    })
    .await;
    for answer in answers {
        answer.ok();
    }
    let row = world
        .ctx
        .db
        .read()
        .fetch_one(
            "SELECT COUNT(DISTINCT serial) AS serials FROM call_imports",
            args![],
        )
        .await
        .unwrap();
    assert_eq!(row.get::<i64>("serials").unwrap(), AT_ONCE as i64);
}
