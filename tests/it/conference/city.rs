//! A city with a meeting: operator, main venue and counties, each at its own client.

use fenghuotai::identity::Role;
use serde_json::{Value, json};

use crate::client::Client;
use crate::world::World;

pub struct City {
    pub world: World,
    pub operator: Client,
    pub main: Client,
    pub county: Client,
    pub district: Client,
    /// Id of the running meeting.
    pub meeting: String,
}

impl City {
    /// Three registered venues with their terminals, in a meeting that has started: everybody is being called.
    pub async fn in_session() -> Self {
        Self::in_session_of(World::start().await).await
    }

    pub async fn in_session_of(world: World) -> Self {
        let mut operator = world.login_as(Role::Operator, "2201").await;
        let main = terminal(&world, &mut operator, "市政府", "2201", "city").await;
        let county = terminal(&world, &mut operator, "榆树市", "220182", "county").await;
        let district = terminal(&world, &mut operator, "南关区", "220102", "county").await;
        let draft = json!({
            "title": "全市防汛工作视频会议",
            "active_main": id(&main),
            "venues": [id(&county), id(&district)],
        });
        let created = operator.post("/conferences", draft).await.ok();
        let meeting = created["id"].as_str().expect("an id").to_owned();
        operator
            .post(&format!("/conferences/{meeting}/start"), json!({}))
            .await
            .ok();
        Self {
            world,
            operator,
            main,
            county,
            district,
            meeting,
        }
    }

    pub fn path(&self, verb: &str) -> String {
        format!("/conferences/{}/{verb}", self.meeting)
    }

    /// All three terminals take the call.
    pub async fn everybody_in(mut self) -> Self {
        let answer = self.path("answer");
        for terminal in [&mut self.main, &mut self.county, &mut self.district] {
            terminal.post(&answer, json!({})).await.ok();
        }
        self
    }

    pub async fn seat(&mut self, venue: &str) -> Value {
        let meeting = self
            .operator
            .get(&format!("/conferences/{}", self.meeting))
            .await
            .ok();
        row(&meeting, venue)
    }
}

pub async fn terminal(
    world: &World,
    operator: &mut Client,
    name: &str,
    division: &str,
    level: &str,
) -> Client {
    let terminal = world.login_as(Role::Venue, division).await;
    operator
        .post("/venues", venue(&id(&terminal), name, division, level))
        .await
        .ok();
    terminal
}

pub fn venue(id: &str, name: &str, division: &str, level: &str) -> Value {
    json!({ "id": id, "name": name, "division": division, "level": level, "kind": "av", "remote_open_ok": true })
}

pub fn id(terminal: &Client) -> String {
    terminal
        .venue_id
        .as_ref()
        .expect("a venue's terminal")
        .to_string()
}

pub fn row(meeting: &Value, venue: &str) -> Value {
    let roster = meeting["roster"].as_array().expect("a roster");
    roster
        .iter()
        .find(|row| row["venue_id"] == venue)
        .cloned()
        .unwrap_or_default()
}
