//! Callers' numbers: sealed on disk, masked in answers, shown by a look that is recorded, found by what is typed.

use fenghuotai::{
    identity::Role,
    incident,
    platform::{
        db::{Db, args},
        journal,
    },
};
use serde_json::{Value, json};

use super::City;

/// `phone` and `phone_mark` as they lie in the table.
async fn stored(db: &Db) -> Vec<(String, Option<String>)> {
    let rows = db
        .read()
        .fetch_all(
            "SELECT phone, phone_mark FROM calls ORDER BY call_id",
            args![],
        )
        .await
        .unwrap();
    rows.iter()
        .map(|row| (row.get("phone").unwrap(), row.get("phone_mark").unwrap()))
        .collect()
}

/// The address of an incident's first call's reveal.
async fn reveal(city: &mut City, made: &Value) -> String {
    let id = made["id"].as_str().unwrap();
    let detail = city.officer.get(&format!("/incidents/{id}")).await.ok();
    let call = detail["calls"][0]["id"].as_str().unwrap();
    format!("/incidents/{id}/calls/{call}/reveal")
}

#[tokio::test]
async fn a_number_is_sealed_on_disk_and_shown_by_a_look_that_is_recorded() {
    let mut city = City::start().await;
    let made = city.report(json!({ "division": "220102" })).await;
    let (phone, mark) = stored(&city.world.ctx.db).await.remove(0);
    for plain in ["138", "0431", "0001", "13804310001"] {
        assert!(!phone.contains(plain) || phone.len() > 40, "{phone}");
        assert_ne!(mark.as_deref(), Some(plain));
    }
    assert!(!phone.contains("138 0431 0001"));

    let address = reveal(&mut city, &made).await;
    let before = journal::head(&city.world.ctx.db).await.unwrap().seq;
    let shown = city.officer.post(&address, json!({})).await.ok();
    assert_eq!(shown["phone"], "138 0431 0001");
    let told = journal::after(&city.world.ctx.db, before, 10)
        .await
        .unwrap();
    let [look] = told.as_slice() else {
        panic!("one entry, not {told:?}");
    };
    let actor = city.officer.account_id.as_ref().unwrap().to_string();
    assert_eq!(
        (look.kind.as_str(), &look.actor, look.jurisdiction.as_str()),
        ("incident.phone_read", &actor, "220102")
    );
    assert!(address.contains(&look.entity));
    assert_eq!(look.topics, ["audit"], "no screen hears of it");
    assert!(!look.payload.to_string().contains("0431"));

    let head = journal::head(&city.world.ctx.db).await.unwrap();
    let mut leader = city.world.login_as(Role::Leader, "2201").await;
    leader
        .post(&address, json!({}))
        .await
        .refused(403, "identity.role_forbids");
    let mut neighbour = city.world.login_as(Role::DutyOfficer, "220182").await;
    neighbour
        .post(&address, json!({}))
        .await
        .refused(403, "identity.outside_jurisdiction");
    let seen = journal::after(&city.world.ctx.db, head.seq, 100)
        .await
        .unwrap();
    assert!(seen.iter().all(|entry| entry.kind != "incident.phone_read"));
}

#[tokio::test]
async fn a_call_is_revealed_only_through_its_own_incident_or_the_one_it_is_merged_into() {
    let mut city = City::start().await;
    let one = city.report(json!({ "division": "220102" })).await;
    let two = city.report(json!({ "division": "220104" })).await;
    let (first, second) = (one["id"].as_str().unwrap(), two["id"].as_str().unwrap());
    let foreign = reveal(&mut city, &one).await.replace(first, second);
    city.officer
        .post(&foreign, json!({}))
        .await
        .refused(404, "incident.call_missing");
    city.officer
        .post(
            &format!("/incidents/{first}/merge"),
            json!({ "into": second }),
        )
        .await
        .ok();
    assert_eq!(
        city.officer.post(&foreign, json!({})).await.ok()["phone"],
        "138 0431 0001"
    );
}

#[tokio::test]
async fn the_same_caller_is_found_though_nobody_can_read_his_number() {
    let mut city = City::start().await;
    let made = city
        .report(json!({ "place_text": "", "lon": null, "lat": null }))
        .await;
    let same_caller = async |city: &mut City, phone: &str| {
        let typed =
            json!({ "category": "security.crime", "phone": phone, "place_text": "另一个地方" });
        let found = city
            .dispatcher
            .post("/incidents/duplicates", typed)
            .await
            .ok();
        let items = found["items"].as_array().unwrap().clone();
        items.iter().any(|item| {
            item["incident"]["id"] == made["id"]
                && item["evidence"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|piece| piece["reason"] == "same_caller")
        })
    };
    assert!(same_caller(&mut city, "+86 138-0431-0001").await);
    assert!(!same_caller(&mut city, "13804310002").await);
}

#[tokio::test]
async fn numbers_of_earlier_days_are_sealed_at_the_start_and_only_once() {
    let mut city = City::start().await;
    let made = city.report(json!({})).await;
    city.report(json!({ "call": { "service": "110" } })).await;
    let db = city.world.ctx.db.clone();
    let address = reveal(&mut city, &made).await;
    let mut tx = db.begin().await.unwrap();
    tx.execute(
        "UPDATE calls SET phone = CASE WHEN phone = '' THEN '' ELSE '138 0431 0001' END, phone_mark = NULL",
        args![],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();

    incident::seal_phones(&city.world.ctx).await.unwrap();
    let sealed = stored(&db).await;
    assert!(sealed.iter().all(|(phone, mark)| {
        let none = phone.is_empty() && mark.as_deref() == Some("");
        let whole = phone.len() > 40 && mark.as_ref().is_some_and(|mark| mark.len() == 32);
        none || whole
    }));
    incident::seal_phones(&city.world.ctx).await.unwrap();
    assert_eq!(
        stored(&db).await,
        sealed,
        "what is sealed is not sealed again"
    );
    assert_eq!(
        city.officer.post(&address, json!({})).await.ok()["phone"],
        "138 0431 0001"
    );
}

#[tokio::test]
async fn imported_numbers_are_sealed_too() {
    let mut city = City::start().await;
    let file = "编号,时间,地址,类别,报警电话\n1,2026-11-22 19:00:00,人民大街1号,车祸,13804310001\n";
    let uploaded = city
        .officer
        .upload("/call-imports?name=calls.csv", "text/csv", file)
        .await
        .ok();
    let id = uploaded["import"]["id"].as_str().unwrap().to_owned();
    let mut plan = uploaded["suggested"].clone();
    plan["source"] = json!("phones");
    plan["columns"]["received_at"] = json!(["时间"]);
    assert_eq!(plan["columns"]["phone"], "报警电话", "{plan}");
    city.officer
        .post(&format!("/call-imports/{id}/start"), plan)
        .await
        .ok();
    let officer = &mut city.officer;
    crate::world::eventually("the import is done", async || {
        officer.get(&format!("/call-imports/{id}")).await.ok()["state"] == "done"
    })
    .await;
    let (phone, mark) = stored(&city.world.ctx.db).await.remove(0);
    assert!(phone.len() > 40 && mark.is_some_and(|mark| mark.len() == 32));
    let list = city.officer.get("/incidents").await.ok();
    let address = reveal(&mut city, &list["items"][0]).await;
    assert_eq!(
        city.officer.post(&address, json!({})).await.ok()["phone"],
        "13804310001"
    );
}
