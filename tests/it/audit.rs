//! What the audit administrator sees, and what he does not.

use fenghuotai::{audit, identity::Role};
use serde_json::{Value, json};

use crate::{client::Client, world::World};

async fn records(auditor: &mut Client, query: &str) -> Vec<Value> {
    auditor.get(&format!("/audit{query}")).await.ok()["items"]
        .as_array()
        .expect("items")
        .clone()
}

#[tokio::test]
async fn every_statement_is_valid_on_this_database() {
    let world = World::start().await;
    for statement in audit::STATEMENTS {
        world
            .ctx
            .db
            .prepare(statement)
            .await
            .unwrap_or_else(|fault| panic!("{statement}: {fault}"));
    }
}

#[tokio::test]
async fn a_refused_attempt_is_written_with_who_what_and_why() {
    let world = World::start().await;
    let mut auditor = world.login_as(Role::AuditAdmin, "2201").await;
    let mut duty = world.login_as(Role::DutyOfficer, "220102").await;
    let refused = duty
        .post("/accounts", json!({}))
        .await
        .refused(403, "identity.role_forbids");
    world
        .stranger()
        .get("/accounts")
        .await
        .refused(401, "identity.not_signed_in");

    let seen = records(&mut auditor, "?kind=audit.refused").await;
    assert_eq!(seen.len(), 2);
    assert_eq!(
        (&seen[0]["actor"], &seen[0]["payload"]["code"]),
        (&json!("anonymous"), &json!("identity.not_signed_in"))
    );
    assert_eq!(seen[1]["actor"], duty.account_id.clone().unwrap().as_str());
    assert_eq!(seen[1]["actor_name"], format!("测试{}", duty.login));
    assert_eq!(seen[1]["payload"]["route"], "POST /accounts");
    assert_eq!(seen[1]["payload"]["action"], "EditAccounts");
    assert_eq!(seen[1]["payload"]["trace_id"], refused["trace_id"]);
}

#[tokio::test]
async fn a_failed_sign_in_names_the_login_but_never_what_was_typed_in_its_place() {
    let world = World::start().await;
    let mut auditor = world.login_as(Role::AuditAdmin, "2201").await;
    let mut stranger = world.stranger();
    stranger
        .sign_in("wang.wei", "guess 17 x", None)
        .await
        .refused(401, "identity.wrong_credentials");
    stranger
        .sign_in("My Secret Phrase!", "", None)
        .await
        .refused(401, "identity.wrong_credentials");
    let seen = records(&mut auditor, "?kind=identity.sign_in_failed").await;
    assert_eq!(
        (&seen[1]["entity"], &seen[0]["entity"]),
        (&json!("wang.wei"), &json!("?"))
    );
    let all = auditor.get("/audit?limit=200").await.ok().to_string();
    assert!(
        !all.to_lowercase().contains("secret phrase") && !all.contains("guess 17"),
        "{all}"
    );
}

#[tokio::test]
async fn business_payloads_stay_closed_and_others_may_not_look() {
    let world = World::start().await;
    let draft = fenghuotai::platform::journal::Draft {
        kind: "incident.reported",
        entity: "x".to_owned(),
        entity_version: 1,
        jurisdiction: "220102".to_owned(),
        topics: vec!["incident".to_owned()],
        actor: "system".to_owned(),
        payload: json!({ "place_text": "人民大街" }),
    };
    let mut tx = world.ctx.db.begin().await.unwrap();
    tx.append(draft, world.ctx.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    let mut auditor = world.login_as(Role::AuditAdmin, "2201").await;
    let seen = records(&mut auditor, "?kind=incident.").await;
    assert_eq!(
        (&seen[0]["kind"], &seen[0]["payload"]),
        (&json!("incident.reported"), &Value::Null)
    );
    for role in Role::ALL
        .into_iter()
        .filter(|role| *role != Role::AuditAdmin)
    {
        let mut other = world.login_as(role, "2201").await;
        other
            .get("/audit")
            .await
            .refused(403, "identity.role_forbids");
        other
            .post("/audit/verify", json!({}))
            .await
            .refused(403, "identity.role_forbids");
    }
}

#[tokio::test]
async fn the_list_is_paged_filtered_and_the_chain_verified_on_the_spot() {
    let world = World::start().await;
    let mut auditor = world.login_as(Role::AuditAdmin, "2201").await;
    for _ in 0..5 {
        world
            .stranger()
            .get("/accounts")
            .await
            .refused(401, "identity.not_signed_in");
        world.advance(1_000);
    }
    let first = auditor.get("/audit?kind=audit.&limit=2").await.ok();
    let next = first["next"].as_str().expect("more").to_owned();
    let second = auditor
        .get(&format!("/audit?kind=audit.&limit=2&after={next}"))
        .await
        .ok();
    let seqs: Vec<i64> = [&first, &second]
        .iter()
        .flat_map(|page| page["items"].as_array().unwrap())
        .map(|item| item["seq"].as_i64().unwrap())
        .collect();
    assert!(
        seqs.len() == 4 && seqs.is_sorted_by(|a, b| a > b),
        "{seqs:?}"
    );
    let now = world.ctx.clock.now().0;
    let late = records(
        &mut auditor,
        &format!("?kind=audit.&from={}&until={now}", now - 2_000),
    )
    .await;
    assert_eq!(late.len(), 2);
    let verdict = auditor.post("/audit/verify", json!({})).await.ok();
    assert!(
        verdict["entries"].as_i64().unwrap() >= 5 && verdict["first_bad"].is_null(),
        "{verdict}"
    );
    assert_eq!(records(&mut auditor, "?kind=audit.verified").await.len(), 1);
}

#[tokio::test]
async fn a_stranger_cannot_fill_the_journal() {
    let world = World::start().await;
    let mut auditor = world.login_as(Role::AuditAdmin, "2201").await;
    let mut stranger = world.stranger();
    for _ in 0..200 {
        stranger
            .get("/accounts")
            .await
            .refused(401, "identity.not_signed_in");
    }
    assert_eq!(
        records(&mut auditor, "?kind=audit.refused&limit=200")
            .await
            .len(),
        120
    );
    world.advance(60_000);
    stranger
        .get("/accounts")
        .await
        .refused(401, "identity.not_signed_in");
    assert_eq!(
        records(&mut auditor, "?kind=audit.refused&limit=1").await[0]["payload"]["left_out_before"],
        80
    );
}

/// Endings of a past participle, as kinds have them; what a refusal says may look alike and is told apart by place.
const PARTICIPLES: [&str; 14] = [
    "ed",
    "kept",
    "left",
    "lost",
    "rang",
    "hung_up",
    "signed_in",
    "_reset",
    "_read",
    "withdrawn",
    "undone",
    "begun",
    "sent",
    "held",
];

/// String literals of the rooms that look like a kind of entry.
fn kinds_written() -> std::collections::BTreeMap<String, String> {
    let rooms: Vec<&str> = audit::KINDS
        .iter()
        .filter_map(|kind| kind.split('.').next())
        .chain([
            "camera",
            "consultation",
            "dispatch",
            "recording",
            "situation",
        ])
        .collect();
    let mut found = std::collections::BTreeMap::new();
    for (file, text) in crate::architecture::sources("src") {
        let own =
            file.contains("/tests") || file.contains("refusal") || file == "src/audit/kinds.rs";
        if own || file.starts_with("src/demo/") {
            continue;
        }
        let pieces: Vec<&str> = text.split('"').collect();
        for (before, literal) in pieces.iter().zip(&pieces[1..]) {
            let Some((room, word)) = literal.split_once('.') else {
                continue;
            };
            let spelled =
                !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            let happened = PARTICIPLES.iter().any(|ending| word.ends_with(ending));
            let told_apart = before.trim_end().ends_with("name =")
                || before
                    .trim_end()
                    .trim_end_matches(',')
                    .ends_with(|c: char| c.is_alphanumeric())
                    && before.trim_end().ends_with(',')
                    && before.contains("Kind::");
            if rooms.contains(&room)
                && spelled
                && happened
                && !word.starts_with("not_")
                && !told_apart
            {
                found.insert((*literal).to_owned(), file.clone());
            }
        }
    }
    found
}

#[test]
fn every_kind_a_room_writes_is_listed_and_every_listed_one_is_written() {
    let written = kinds_written();
    let missing: Vec<_> = written
        .iter()
        .filter(|(kind, _)| !audit::KINDS.contains(&kind.as_str()))
        .collect();
    assert!(missing.is_empty(), "add to src/audit/kinds.rs: {missing:?}");
    let sources = crate::architecture::sources("src");
    let somewhere = |kind: &str| {
        let literal = format!("\"{kind}\"");
        sources
            .iter()
            .any(|(file, text)| file != "src/audit/kinds.rs" && text.contains(&literal))
    };
    let unused: Vec<_> = audit::KINDS
        .iter()
        .filter(|kind| !somewhere(kind))
        .collect();
    assert!(unused.is_empty(), "no room writes {unused:?}");
    assert!(audit::KINDS.is_sorted(), "the list is sorted");
}
