//! Meetings by their verbs: calling, joining, microphones, what a restart keeps.

use fenghuotai::identity::Role;
use fenghuotai::platform::{Clock, journal};
use serde_json::json;

use super::city::{City, id, row};
use crate::world::{EVENING, TempDir, World};

#[tokio::test]
async fn starting_calls_everybody_and_answering_brings_them_in() {
    let mut city = City::in_session().await;
    let county = id(&city.county);
    assert_eq!(city.seat(&county).await["connection"]["state"], "calling");
    let (ring, answer) = (city.path("ring"), city.path("answer"));
    city.county.post(&ring, json!({})).await.ok();
    assert_eq!(city.seat(&county).await["connection"]["state"], "ringing");
    city.county.post(&answer, json!({})).await.ok();
    assert_eq!(city.seat(&county).await["connection"]["state"], "joined");
}

#[tokio::test]
async fn the_main_venue_sees_the_branches_and_a_branch_sees_the_main_venue() {
    let mut city = City::in_session().await.everybody_in().await;
    let (main, county, district) = (id(&city.main), id(&city.county), id(&city.district));
    let path = city.path(&format!("venues/{main}/view"));
    let seen = city.main.get(&path).await.ok();
    assert_eq!(seen["picture"], "layout");
    assert_eq!(seen["on_air"], true);
    let shown: Vec<_> = seen["shown"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| row["venue_id"].clone())
        .collect();
    assert_eq!(shown, [json!(county), json!(district)]);

    let path = city.path(&format!("venues/{county}/view"));
    let seen = city.county.get(&path).await.ok();
    assert_eq!(
        (&seen["picture"], &seen["shown"][0]["venue_id"]),
        (&json!("venue"), &json!(main))
    );
    assert_eq!(seen["heard"], json!([main]));
    assert_eq!(
        seen["own"]["mic"],
        json!({ "closed": true, "by": "policy" })
    );
}

#[tokio::test]
async fn what_control_closed_stays_closed_until_control_opens_it() {
    let mut city = City::in_session().await.everybody_in().await;
    let county = id(&city.county);
    let of_county = json!({ "venue_id": county });
    let (open, close, leave, join) = (
        city.path("open-mic"),
        city.path("close-mic"),
        city.path("leave"),
        city.path("join"),
    );

    city.county
        .post(&open, json!({}))
        .await
        .refused(409, "conference.mic_closed_by_control");
    city.operator.post(&open, of_county.clone()).await.ok();
    assert_eq!(city.seat(&county).await["mic"]["closed"], false);
    city.main.post(&close, of_county).await.ok();
    assert_eq!(
        city.seat(&county).await["mic"],
        json!({ "closed": true, "by": "control" }),
        "the main venue controls too"
    );
    city.county.post(&leave, json!({})).await.ok();
    city.county.post(&join, json!({})).await.ok();
    assert_eq!(
        city.seat(&county).await["mic"],
        json!({ "closed": true, "by": "control" })
    );
}

#[tokio::test]
async fn a_terminal_acts_for_its_own_venue_only() {
    let mut city = City::in_session().await.everybody_in().await;
    let district = json!({ "venue_id": id(&city.district) });
    for verb in ["close-mic", "open-mic", "leave", "join"] {
        let path = city.path(verb);
        city.county
            .post(&path, district.clone())
            .await
            .refused(403, "conference.not_your_venue");
    }
    let path = city.path("hang-up");
    assert_eq!(city.county.post(&path, district).await.status, 403);
    let path = city.path("end");
    assert_eq!(city.county.post(&path, json!({})).await.status, 403);
}

#[tokio::test]
async fn hanging_up_keeps_the_row_and_removing_deletes_it() {
    let mut city = City::in_session().await.everybody_in().await;
    let county = id(&city.county);
    let of_county = json!({ "venue_id": county });
    let (hang_up, call, remove) = (city.path("hang-up"), city.path("call"), city.path("remove"));
    city.operator.post(&hang_up, of_county.clone()).await.ok();
    assert_eq!(city.seat(&county).await["connection"]["state"], "hung_up");
    city.operator.post(&call, json!({})).await.ok();
    assert_eq!(
        city.seat(&county).await["connection"]["state"],
        "hung_up",
        "calling all leaves it alone"
    );
    city.operator
        .post(&call, json!({ "venue_ids": [county] }))
        .await
        .ok();
    assert_eq!(city.seat(&county).await["connection"]["state"], "calling");
    city.operator.post(&remove, of_county).await.ok();
    assert!(city.seat(&county).await.is_null());
    city.operator
        .post(&remove, json!({ "venue_id": id(&city.main) }))
        .await
        .refused(409, "conference.is_main_venue");
}

#[tokio::test]
async fn every_change_is_one_journal_entry_of_the_conference() {
    let mut city = City::in_session().await;
    let county = id(&city.county);
    let answer = city.path("answer");
    city.county.post(&answer, json!({})).await.ok();
    city.county.post(&answer, json!({})).await.ok();
    let entries = journal::of_entity(&city.world.ctx.db, &city.meeting, 0, 100)
        .await
        .expect("a journal");
    let kinds: Vec<_> = entries.iter().map(|entry| entry.kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "conference.created",
            "conference.started",
            "conference.venue_called",
            "conference.venue_called",
            "conference.venue_called",
            "conference.venue_joined"
        ]
    );
    let joined = entries.last().expect("an entry");
    assert_eq!(
        joined.topics,
        [
            "conference".to_owned(),
            format!("conference/{}", city.meeting),
            format!("venue/{county}")
        ]
    );
    assert_eq!(joined.payload["seat"]["connection"]["state"], "joined");
}

#[tokio::test]
async fn a_terminal_lists_what_it_is_invited_to_and_nothing_else() {
    let mut city = City::in_session().await;
    let mut stranger = city.world.login_as(Role::Venue, "220183").await;
    assert_eq!(
        city.county.get("/conferences").await.ok()["items"][0]["id"],
        json!(city.meeting)
    );
    assert_eq!(stranger.get("/conferences").await.ok()["items"], json!([]));
}

#[tokio::test]
async fn roles_and_microphones_are_identical_after_a_restart() {
    let dir = TempDir::new();
    let (path, schema) = (dir.path().to_owned(), dir.name().to_owned());
    let world = World::with(Clock::fixed(EVENING), dir, |_| {}).await;
    let mut operator = world.login_as(Role::Operator, "2201").await;
    let main = super::city::terminal(&world, &mut operator, "市政府", "2201", "city").await;
    let county = super::city::terminal(&world, &mut operator, "榆树市", "220182", "county").await;
    let draft = json!({ "title": "会议", "active_main": id(&main), "standby_main": id(&county), "venues": [] });
    let meeting = operator.post("/conferences", draft).await.ok()["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let address = |verb: &str| format!("/conferences/{meeting}/{verb}");
    operator.post(&address("start"), json!({})).await.ok();
    operator
        .post(&address("close-mic"), json!({ "venue_id": id(&county) }))
        .await
        .ok();
    operator
        .post(&address("answer"), json!({ "venue_id": id(&county) }))
        .await
        .ok();
    let before = operator.get(&format!("/conferences/{meeting}")).await.ok();
    world.ctx.db.close().await;

    let again = World::with(Clock::fixed(EVENING), TempDir::new(), |config| {
        config.data_dir = path;
        if config.database.postgres.is_some() {
            config.database.schema = Some(schema);
        }
    })
    .await;
    let cookie = operator.cookie.clone();
    let mut operator = again.stranger();
    operator.cookie = cookie;
    let after = operator.get(&format!("/conferences/{meeting}")).await.ok();
    assert_eq!(after, before);
    assert_eq!(
        row(&after, &id(&county))["mic"],
        json!({ "closed": true, "by": "control" })
    );
    assert_eq!(row(&after, &id(&county))["role"], "standby");
}
