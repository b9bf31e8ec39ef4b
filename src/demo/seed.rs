//! The steps that make the city; each looks first whether it has been done.

use serde_json::{Value, json};

use super::Demonstration;
use super::api::Api;
use super::city::{ASSETS_CSV, DIVISIONS_CSV, EXPERTS_CSV, VENUES};
use super::incidents::SAMPLES;
use crate::platform::Fault;

/// Everything, in the order in which one thing needs another.
///
/// # Errors
/// When the API refuses a step.
pub async fn city(city: &Demonstration) -> Result<(), Fault> {
    let planner = city.sign_in("planner").await?;
    if !any(&planner, "/divisions?limit=1").await? {
        import(&planner, "/divisions/import", DIVISIONS_CSV).await?;
    }
    let operator = city.sign_in("operator").await?;
    if !any(&operator, "/venues").await? {
        venues(&operator).await?;
    }
    if !any(&operator, "/conferences").await? {
        meeting(&operator).await?;
    }
    if !any(&planner, "/experts?limit=1").await? {
        import(&planner, "/experts/import?source=demo", EXPERTS_CSV).await?;
    }
    if !any(&planner, "/assets?limit=1").await? {
        import(
            &planner,
            "/assets/import?source=demo&datum=wgs84",
            ASSETS_CSV,
        )
        .await?;
    }
    let duty = city.sign_in("duty").await?;
    if !any(&duty, "/incidents?limit=1").await? {
        incidents(&duty, city.ctx.clock.now().0).await?;
    }
    Ok(())
}

async fn any(api: &Api, path: &str) -> Result<bool, Fault> {
    let answer = api.get(path).await?;
    Ok(answer["items"]
        .as_array()
        .is_some_and(|items| !items.is_empty()))
}

async fn import(api: &Api, path: &str, csv: &str) -> Result<(), Fault> {
    let answer = api.send(path, "text/csv", csv.to_owned()).await?;
    tracing::info!(path, %answer, "imported");
    Ok(())
}

async fn venues(operator: &Api) -> Result<(), Fault> {
    for venue in &VENUES {
        let body = json!({
            "id": venue.id(),
            "name": venue.name,
            "short_name": venue.short_name,
            "division": venue.division,
            "level": venue.level,
            "kind": "av",
            "remote_open_ok": true,
        });
        operator.post("/venues", &body).await?;
    }
    Ok(())
}

/// The standing meeting of the whole city: 市委 and 市政府 are each other's main venue.
async fn meeting(operator: &Api) -> Result<(), Fault> {
    let branches: Vec<String> = VENUES.iter().skip(2).map(|venue| venue.id()).collect();
    let body = json!({
        "title": "全市应急调度视频会议（演示）",
        "active_main": VENUES[0].id(),
        "standby_main": VENUES[1].id(),
        "venues": branches,
        "self_open_ok": true,
        "closed_on_entry": false,
    });
    let conference = operator.post("/conferences", &body).await?;
    let id = conference["id"].as_str().unwrap_or_default();
    operator
        .post(&format!("/conferences/{id}/start"), &Value::Null)
        .await?;
    Ok(())
}

async fn incidents(duty: &Api, now: i64) -> Result<(), Fault> {
    for (place, sample) in SAMPLES.iter().enumerate() {
        let id = format!("0190d001-0000-7000-8000-{place:012}");
        duty.post("/incidents", &sample.report(&id, now)).await?;
        for verb in sample.verbs {
            duty.post(
                &format!("/incidents/{id}/{verb}"),
                &json!({ "reason": "演示" }),
            )
            .await?;
        }
    }
    Ok(())
}
