//! A venue that is called: free, in a meeting, into a consultation; and how it goes back.

use fenghuotai::identity::Role;
use fenghuotai::platform::journal;
use serde_json::{Value, json};

use super::city::{City, id, row};
use crate::client::Client;

/// A hazmat leak in the city's district and a consultation about it that calls `venues`, the first as main venue.
async fn consultation(city: &City, venues: &[&str]) -> String {
    let mut duty = city.world.login_as(Role::DutyOfficer, "2201").await;
    let report = json!({
        "title": "演示危化品泄漏",
        "category": "accident.work_safety.hazmat",
        "division": "220102",
        "place_text": "南关区演示路口",
    });
    let incident = duty.post("/incidents", report).await.ok();
    let path = format!(
        "/incidents/{}/consultation",
        incident["id"].as_str().expect("an id")
    );
    let opened = duty.post(&path, json!({ "venue_ids": venues })).await;
    opened.ok()["id"].as_str().expect("an id").to_owned()
}

async fn calls(terminal: &mut Client) -> Value {
    let path = format!("/venues/{}/calls", id(terminal));
    terminal.get(&path).await.ok()
}

async fn state(city: &mut City, conference: &str, venue: &str) -> Value {
    let path = format!("/conferences/{conference}");
    row(&city.operator.get(&path).await.ok(), venue)["connection"].clone()
}

#[tokio::test]
async fn a_fresh_terminal_is_told_of_its_call_and_rings_when_it_says_so() {
    let mut city = City::in_session().await;
    let county = id(&city.county);
    let told = calls(&mut city.county).await;
    assert_eq!(told["seated"], Value::Null);
    let call = &told["calls"][0];
    assert_eq!(call["conference_id"], json!(city.meeting));
    assert_eq!(
        (&call["state"], &call["answer"], &call["urgency"]),
        (&json!("calling"), &json!("at_once"), &json!("ordinary"))
    );
    let ring = city.path("ring");
    city.county.post(&ring, json!({})).await.ok();
    assert_eq!(
        calls(&mut city.county).await["calls"][0]["state"],
        "ringing"
    );
    assert_eq!(city.seat(&county).await["connection"]["state"], "ringing");
}

#[tokio::test]
async fn a_venue_in_a_meeting_rings_for_a_consultation_and_leaves_the_meeting_to_join_it() {
    let mut city = City::in_session().await.everybody_in().await;
    let (county, district, meeting) = (id(&city.county), id(&city.district), city.meeting.clone());
    let consultation = consultation(&city, &[&district, &county]).await;

    let told = calls(&mut city.county).await;
    assert_eq!(told["seated"], json!(meeting));
    let call = &told["calls"][0];
    assert_eq!(
        (&call["conference_id"], &call["urgency"], &call["answer"]),
        (&json!(consultation), &json!("emergency"), &json!("at"))
    );
    assert_eq!(call["main_venue"], "南关区");
    assert!(
        call["reason"]
            .as_str()
            .expect("words")
            .contains("南关区演示路口")
    );
    assert!(!call["convener"].as_str().expect("a name").is_empty());

    let ring = format!("/conferences/{consultation}/ring");
    city.county.post(&ring, json!({})).await.ok();
    assert_eq!(
        state(&mut city, &consultation, &county).await["state"],
        "ringing"
    );
    assert_eq!(state(&mut city, &meeting, &county).await["state"], "joined");

    let answer = format!("/conferences/{consultation}/answer");
    city.county.post(&answer, json!({})).await.ok();
    assert_eq!(
        state(&mut city, &consultation, &county).await["state"],
        "joined"
    );
    assert_eq!(
        state(&mut city, &meeting, &county).await["state"],
        "elsewhere"
    );
    let told = calls(&mut city.county).await;
    assert_eq!(
        (&told["seated"], &told["calls"]),
        (&json!(consultation), &json!([]))
    );
    assert_eq!(told["back"]["conference_id"], json!(meeting));

    // A tab that was cut off in the meeting does not pull the venue back; going back on purpose does.
    let rejoin = city.path("rejoin");
    city.county
        .post(&rejoin, json!({}))
        .await
        .refused(409, "conference.went_elsewhere");
    let join = city.path("join");
    city.county.post(&join, json!({})).await.ok();
    assert_eq!(state(&mut city, &meeting, &county).await["state"], "joined");
    assert_eq!(
        state(&mut city, &consultation, &county).await["state"],
        "elsewhere"
    );

    let entries = journal::of_entity(&city.world.ctx.db, &meeting, 0, 100)
        .await
        .expect("a journal");
    let moved = entries
        .iter()
        .find(|entry| entry.kind == "conference.venue_went_elsewhere")
        .expect("the meeting's own record");
    assert!(moved.topics.contains(&format!("venue/{county}")));
}

#[tokio::test]
async fn calling_all_leaves_who_went_elsewhere_alone_and_the_end_offers_the_way_back() {
    let mut city = City::in_session().await.everybody_in().await;
    let (county, district, meeting) = (id(&city.county), id(&city.district), city.meeting.clone());
    let consultation = consultation(&city, &[&district, &county]).await;
    let answer = format!("/conferences/{consultation}/answer");
    city.county.post(&answer, json!({})).await.ok();
    let call = city.path("call");
    city.operator.post(&call, json!({})).await.ok();
    assert_eq!(
        state(&mut city, &meeting, &county).await["state"],
        "elsewhere"
    );

    let end = format!("/conferences/{consultation}/end");
    city.operator.post(&end, json!({})).await.ok();
    let told = calls(&mut city.county).await;
    assert_eq!(told["seated"], Value::Null);
    assert_eq!(told["back"]["conference_id"], json!(meeting));
    let end = city.path("end");
    city.operator.post(&end, json!({})).await.ok();
    assert_eq!(calls(&mut city.county).await["back"], Value::Null);
}

#[tokio::test]
async fn a_declined_call_is_a_state_of_the_roster_and_the_venue_stays_where_it_is() {
    let mut city = City::in_session().await.everybody_in().await;
    let (county, district, meeting) = (id(&city.county), id(&city.district), city.meeting.clone());
    let consultation = consultation(&city, &[&district, &county]).await;
    let decline = format!("/conferences/{consultation}/decline");
    city.county.post(&decline, json!({})).await.ok();
    let declined = state(&mut city, &consultation, &county).await;
    assert_eq!(
        (&declined["state"], &declined["reason"]),
        (&json!("failed"), &json!("declined"))
    );
    assert_eq!(calls(&mut city.county).await["calls"], json!([]));
    assert_eq!(state(&mut city, &meeting, &county).await["state"], "joined");
}

#[tokio::test]
async fn the_main_venue_of_a_meeting_and_a_venue_whose_rule_says_so_are_asked() {
    let mut city = City::in_session().await.everybody_in().await;
    let (main, county) = (id(&city.main), id(&city.county));
    let path = format!("/venues/{county}");
    let mut known = city.operator.get(&path).await.ok();
    assert_eq!(known["answer_rule"], "always");
    known["answer_rule"] = json!("when_free");
    known.as_object_mut().expect("a venue").remove("id");
    city.operator.put(&path, known.clone()).await.ok();
    known["answer_rule"] = json!("sometimes");
    city.operator
        .put(&path, known)
        .await
        .refused(422, "conference.invalid_field");

    consultation(&city, &[&main, &county]).await;
    let why = |told: &Value| {
        let call = &told["calls"][0];
        (call["answer"].clone(), call["why"].clone())
    };
    assert_eq!(
        why(&calls(&mut city.main).await),
        (json!("asked"), json!("leads"))
    );
    assert_eq!(
        why(&calls(&mut city.county).await),
        (json!("asked"), json!("rule"))
    );
}

#[tokio::test]
async fn running_a_meeting_is_not_enough_to_take_a_venue_out_of_another() {
    let mut city = City::in_session().await.everybody_in().await;
    let (county, district) = (id(&city.county), id(&city.district));
    // The district's own operator invites the county into a meeting of the district.
    let mut neighbour = city.world.login_as(Role::Operator, "220102").await;
    let draft = json!({ "title": "区里的会", "active_main": district, "venues": [county] });
    let theirs = neighbour.post("/conferences", draft).await.ok();
    let theirs = theirs["id"].as_str().expect("an id").to_owned();
    let path = |verb: &str| format!("/conferences/{theirs}/{verb}");
    neighbour.post(&path("start"), json!({})).await.ok();
    neighbour
        .post(&path("join"), json!({ "venue_id": county }))
        .await
        .refused(409, "conference.seated_elsewhere");
    assert_eq!(city.seat(&county).await["connection"]["state"], "joined");
    let told = calls(&mut city.county).await;
    assert_eq!(
        (&told["calls"][0]["answer"], &told["calls"][0]["why"]),
        (&json!("asked"), &json!("busy"))
    );
    let of_county = format!("/venues/{county}/calls");
    neighbour
        .get(&of_county)
        .await
        .refused(403, "conference.not_your_venue");
}
