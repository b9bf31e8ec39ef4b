//! The steps that make the city; each looks first whether it has been done.

use serde_json::json;

use super::Demonstration;
use super::api::Api;
use super::city::{ASSETS_CSV, DIVISIONS_CSV, EXPERTS_CSV};
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
    if !any(&planner, "/experts?limit=1").await? {
        import(&planner, "/experts/import?source=demo", EXPERTS_CSV).await?;
    }
    if !any(&planner, "/assets?limit=1").await? {
        import(&planner, "/assets/import?source=demo&datum=wgs84", ASSETS_CSV).await?;
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
