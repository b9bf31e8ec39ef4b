//! An expert comes in by a link: once, in time, for one meeting, until somebody takes it back.

use axum::http::Method;
use fenghuotai::identity::Role;
use fenghuotai::platform::{db::args, journal};
use serde_json::{Value, json};

use super::city::{City, id, row};
use crate::client::{Client, Reply};

/// What a telephone draws.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const OTHER: &str = "HAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

const EXPERTS: &str = "编号,姓名,出生年,工作单位,职称,应急类别,学科代码,学科名称,行政区划,手机,特长,是否在岗\n\
    ZJ1,测试危化一,1969,示例化工院（虚构）,研究员,事故灾难,53024,化学反应工程,2201,10048743364,危化品,是\n";

/// A consultation of the main venue with one expert.
struct Invited {
    city: City,
    consultation: String,
    reference: String,
}

impl Invited {
    async fn start() -> Self {
        let mut city = City::in_session().await;
        let mut planner = city.world.login_as(Role::Planner, "2201").await;
        planner
            .upload("/experts/import?source=demo", "text/csv", EXPERTS)
            .await
            .ok();
        let expert = planner.get("/experts").await.ok()["items"][0]["id"].clone();
        let report = json!({
            "title": "演示危化品泄漏", "category": "accident.work_safety.hazmat", "division": "220102",
            "place_text": "南关区演示路口",
        });
        let mut duty = city.world.login_as(Role::DutyOfficer, "2201").await;
        let incident = duty.post("/incidents", report).await.ok();
        let path = format!(
            "/incidents/{}/consultation",
            incident["id"].as_str().expect("an id")
        );
        let wanted = json!({ "venue_ids": [id(&city.main)], "expert_ids": [expert] });
        let opened = duty.post(&path, wanted).await.ok();
        let consultation = opened["id"].as_str().expect("an id").to_owned();
        let reference = opened["people"][0]["reference"].clone();
        let join = format!("/conferences/{consultation}/join");
        city.main.post(&join, json!({})).await.ok();
        Self {
            city,
            consultation,
            reference: reference.as_str().expect("a reference").to_owned(),
        }
    }

    fn path(&self, rest: &str) -> String {
        format!("/conferences/{}/{rest}", self.consultation)
    }

    async fn link(&mut self) -> Value {
        let (path, body) = (self.path("links"), json!({ "reference": self.reference }));
        self.city.operator.post(&path, body).await.ok()
    }

    /// As somebody with a telephone of his own.
    async fn redeem_with(&self, token: &Value, key: &str) -> Reply {
        let mut stranger = self.city.world.stranger();
        let body = json!({ "token": token, "key": key });
        stranger.post("/join", body).await
    }

    async fn redeem(&self, token: &Value) -> Reply {
        let mut stranger = self.city.world.stranger();
        stranger
            .post("/join", json!({ "token": token, "key": KEY }))
            .await
    }

    async fn seat(&mut self, venue: &str) -> Value {
        let path = format!("/conferences/{}", self.consultation);
        row(&self.city.operator.get(&path).await.ok(), venue)
    }
}

/// Somebody with a key and no account.
async fn guest(client: &mut Client, method: &str, path: &str, key: &str) -> Reply {
    let bearer = format!("Bearer {key}");
    let method = method.parse::<Method>().expect("a method");
    let headers = [("authorization", bearer.as_str())];
    client.send(method, path, Value::Null, &headers).await
}

#[tokio::test]
async fn a_link_seats_its_person_with_a_closed_microphone_that_only_the_person_opens() {
    let mut invited = Invited::start().await;
    let link = invited.link().await;
    assert_eq!(
        (&link["name"], &link["state"]),
        (&json!("测试危化一"), &json!("waiting"))
    );
    let seat = invited.redeem(&link["token"]).await.ok();
    assert_eq!(seat["conference_id"], json!(invited.consultation));
    let (key, venue) = (
        KEY.to_owned(),
        seat["venue_id"].as_str().expect("an id").to_owned(),
    );
    let mut phone = invited.city.world.stranger();
    guest(&mut phone, "POST", "/join/join", &key).await;
    let row = invited.seat(&venue).await;
    assert_eq!(
        (&row["name"], &row["kind"], &row["connection"]["state"]),
        (&json!("测试危化一"), &json!("person"), &json!("joined"))
    );
    assert_eq!(row["mic"], json!({ "closed": true, "by": "self" }));

    let open = invited.path("open-mic");
    let of_person = json!({ "venue_id": venue });
    let operator = &mut invited.city.operator;
    operator
        .post(&open, of_person)
        .await
        .refused(409, "conference.consent_needed");
    guest(&mut phone, "POST", "/join/open-mic", &key).await;
    assert_eq!(invited.seat(&venue).await["mic"]["closed"], false);

    let view = guest(&mut phone, "GET", "/join/view", &key).await.ok();
    assert_eq!(view["shown"][0]["name"], "市政府");
    assert_eq!(view["own"]["venue_id"], json!(venue));
    // The person's seat is nobody's venue: not in the registry, not to be invited elsewhere.
    let venues = invited.city.operator.get("/venues").await.ok();
    assert!(!venues.to_string().contains(&venue));
    let invite = invited.city.path("invite");
    invited
        .city
        .operator
        .post(&invite, json!({ "venue_ids": [venue] }))
        .await
        .refused(404, "venue.missing");
}

#[tokio::test]
async fn a_link_works_once_and_only_its_hash_is_kept() {
    let mut invited = Invited::start().await;
    let link = invited.link().await;
    let token = link["token"].as_str().expect("a token").to_owned();
    let seat = invited.redeem(&link["token"]).await.ok();
    // The answer was lost and the telephone asks again; another telephone does not get in.
    assert_eq!(invited.redeem(&link["token"]).await.ok(), seat);
    invited
        .redeem_with(&link["token"], OTHER)
        .await
        .refused(409, "join.used");
    invited
        .redeem_with(&link["token"], "short")
        .await
        .refused(422, "join.weak_key");
    invited
        .redeem(&json!("nobody-made-this"))
        .await
        .refused(401, "join.unknown");
    let key = KEY.to_owned();
    let ctx = &invited.city.world.ctx;
    let rows = ctx
        .db
        .read()
        .fetch_all("SELECT token_hash, key_hash FROM join_links", args![])
        .await
        .expect("rows");
    for column in ["token_hash", "key_hash"] {
        let kept: String = rows[0].get(column).expect("text");
        assert!(kept.len() == 64 && kept != token && kept != key);
    }
    let entries = journal::of_entity(&ctx.db, &invited.consultation, 0, 100)
        .await
        .expect("a journal");
    let told: Vec<&str> = entries.iter().map(|entry| entry.kind.as_str()).collect();
    assert!(told.contains(&"conference.link_issued") && told.contains(&"conference.link_used"));
    let text = format!("{entries:?}");
    assert!(!text.contains(&token) && !text.contains(&key));
}

#[tokio::test]
async fn a_key_opens_nothing_but_its_own_seat() {
    let mut invited = Invited::start().await;
    let link = invited.link().await;
    invited.redeem(&link["token"]).await.ok();
    let key = KEY.to_owned();
    let mut phone = invited.city.world.stranger();
    for (method, path) in [
        ("GET", invited.path("links")),
        ("GET", "/incidents".to_owned()),
        ("GET", "/conferences".to_owned()),
        ("POST", invited.path("end")),
    ] {
        assert_eq!(
            guest(&mut phone, method, &path, &key).await.status,
            401,
            "{path}"
        );
    }
    guest(&mut phone, "POST", "/join/hang-up", &key)
        .await
        .refused(404, "join.unknown_verb");
    guest(&mut phone, "POST", "/join/join", "another")
        .await
        .refused(401, "join.unknown");
}

#[tokio::test]
async fn a_revoked_link_ends_the_presence_of_its_person() {
    let mut invited = Invited::start().await;
    let link = invited.link().await;
    let seat = invited.redeem(&link["token"]).await.ok();
    let (key, venue) = (
        KEY.to_owned(),
        seat["venue_id"].as_str().expect("an id").to_owned(),
    );
    let mut phone = invited.city.world.stranger();
    guest(&mut phone, "POST", "/join/join", &key).await;
    let revoke = invited.path(&format!(
        "links/{}/revoke",
        link["id"].as_str().expect("an id")
    ));
    let links = invited.city.operator.post(&revoke, json!({})).await.ok();
    assert_eq!(links["items"][0]["state"], "revoked");
    guest(&mut phone, "POST", "/join/join", &key)
        .await
        .refused(403, "join.revoked");
    assert_eq!(invited.seat(&venue).await["connection"]["state"], "hung_up");

    // A new link leads to the same seat; the one before it stops working.
    let second = invited.link().await;
    assert_eq!(second["venue_id"], json!(venue));
    let third = invited.link().await;
    invited
        .redeem(&second["token"])
        .await
        .refused(403, "join.revoked");
    invited.redeem(&third["token"]).await.ok();
}

#[tokio::test]
async fn only_who_runs_the_conference_makes_links_and_only_for_its_people() {
    let mut invited = Invited::start().await;
    let path = invited.path("links");
    let stranger = json!({ "reference": "expert/nobody" });
    invited
        .city
        .operator
        .post(&path, stranger)
        .await
        .refused(404, "join.not_invited");
    let wanted = json!({ "reference": invited.reference });
    assert_eq!(
        invited.city.main.post(&path, wanted.clone()).await.status,
        403
    );
    let mut neighbour = invited.city.world.login_as(Role::Operator, "220182").await;
    assert_eq!(neighbour.post(&path, wanted).await.status, 403);
    let end = invited.path("end");
    invited.city.operator.post(&end, json!({})).await.ok();
    let wanted = json!({ "reference": invited.reference });
    invited
        .city
        .operator
        .post(&path, wanted)
        .await
        .refused(409, "conference.ended");
}
