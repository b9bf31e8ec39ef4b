//! From an incident to a meeting: what is around it, who knows about it, and the venues that ring.

use fenghuotai::identity::Role;
use serde_json::{Value, json};

use crate::{
    client::Client,
    conference::city::{id, row, terminal},
    world::{World, eventually},
};

const ASSETS: &str = "编号,名称,类别,经度,纬度,行政区划,容量\n\
    A1,南关医院,hospital,125.3220,43.8800,220102,300\n\
    A2,朝阳医院,hospital,125.3000,43.8600,220104,200\n\
    A3,南关体育场,shelter,125.3210,43.8810,220102,5000人\n\
    A4,农安消防站,team,125.1800,44.4300,220122,30\n";
const EXPERTS: &str = "编号,姓名,出生年,工作单位,职称,应急类别,学科代码,学科名称,行政区划,手机,特长,是否在岗\n\
    ZJ1,薛春勇,1969,示例水利院（虚构）,研究员,自然灾害,57025,水工结构,220183,10048743364,大坝安全,是\n\
    ZJ2,姜玉,1982,示例大学（虚构）,教授,公共卫生,33021,流行病学,2201,10032785002,传染病,是\n";

/// A dam in danger in 南关, with registries around it and venues that could talk about it.
struct Dam {
    world: World,
    officer: Client,
    operator: Client,
    main: Client,
    district: Client,
    incident: String,
}

impl Dam {
    async fn start() -> Self {
        let world = World::start().await;
        let mut planner = world.login_as(Role::Planner, "2201").await;
        for (path, file) in [
            ("/assets/import?source=demo&datum=wgs84", ASSETS),
            ("/experts/import?source=demo", EXPERTS),
        ] {
            let report = planner.upload(path, "text/csv", file).await.ok();
            assert_eq!(report["applied"], true, "{report}");
        }
        let mut operator = world.login_as(Role::Operator, "2201").await;
        let main = terminal(&world, &mut operator, "市政府", "2201", "city").await;
        let district = terminal(&world, &mut operator, "南关区", "220102", "county").await;
        terminal(&world, &mut operator, "榆树市", "220182", "county").await;
        let mut officer = world.login_as(Role::DutyOfficer, "2201").await;
        let incident = report(&mut officer, json!({ "lon": 125.32, "lat": 43.88 })).await;
        Self {
            world,
            officer,
            operator,
            main,
            district,
            incident,
        }
    }

    fn path(&self, rest: &str) -> String {
        format!("/incidents/{}/{rest}", self.incident)
    }
}

async fn report(officer: &mut Client, place: Value) -> String {
    let mut body = json!({
        "category": "natural.flood.dam",
        "place_text": "伊通河南关段",
        "division": "220102",
        "description": "坝体渗漏",
    });
    body.as_object_mut()
        .expect("an object")
        .extend(place.as_object().expect("an object").clone());
    let made = officer.post("/incidents", body).await.ok();
    made["id"].as_str().expect("an id").to_owned()
}

fn names(rows: &Value) -> Vec<&str> {
    let rows = rows.as_array().expect("rows");
    rows.iter()
        .map(|row| row["name"].as_str().expect("a name"))
        .collect()
}

#[tokio::test]
async fn the_circle_lists_what_is_inside_it_nearest_first() {
    let mut dam = Dam::start().await;
    let near = dam
        .officer
        .get(&dam.path("surroundings?radius_m=1000"))
        .await
        .ok();
    assert_eq!(near["radius_m"], 1000.0);
    assert_eq!(names(&near["inside"]["items"]), ["南关体育场", "南关医院"]);
    let metres: Vec<f64> = near["inside"]["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["distance_m"].as_f64().unwrap())
        .collect();
    assert!(metres.is_sorted() && metres[1] <= 1000.0, "{metres:?}");
    // The fire station is 60 km away: outside the circle, and still the nearest team.
    assert!(
        names(&near["nearest"]["items"]).contains(&"农安消防站"),
        "{near}"
    );

    let shelters = dam.path("surroundings?radius_m=1000&kinds=shelter&nearest=1");
    let shelters = dam.officer.get(&shelters).await.ok();
    assert_eq!(names(&shelters["inside"]["items"]), ["南关体育场"]);
    let hospitals: Vec<&str> = names(&shelters["nearest"]["items"])
        .into_iter()
        .filter(|name| name.ends_with("医院"))
        .collect();
    assert_eq!(hospitals, ["南关医院"], "one of each kind");
    let unknown = dam.path("surroundings?kinds=volcano");
    dam.officer
        .get(&unknown)
        .await
        .refused(422, "consultation.unknown_kind");
}

#[tokio::test]
async fn an_incident_without_a_place_says_what_to_do() {
    let mut dam = Dam::start().await;
    let placeless = report(&mut dam.officer, json!({})).await;
    let refused = dam
        .officer
        .get(&format!("/incidents/{placeless}/surroundings"))
        .await
        .refused(409, "consultation.no_place");
    assert!(
        refused["detail"].as_str().unwrap().contains("补充坐标"),
        "{refused}"
    );
    // Experts are found by what they know, so they are proposed all the same.
    let matches = dam
        .officer
        .get(&format!("/incidents/{placeless}/expert-matches"))
        .await
        .ok();
    assert_eq!(matches["items"][0]["expert"]["name"], "薛春勇");
}

#[tokio::test]
async fn experts_come_with_reasons_that_add_up() {
    let mut dam = Dam::start().await;
    let matches = dam
        .officer
        .get(&dam.path("expert-matches?limit=5"))
        .await
        .ok();
    let items = matches["items"].as_array().unwrap();
    assert_eq!(
        items.len(),
        1,
        "an epidemiologist knows nothing about dams: {matches}"
    );
    let points: f64 = items[0]["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reason| reason["points"].as_f64().unwrap())
        .sum();
    assert!(
        (points - items[0]["score"].as_f64().unwrap()).abs() < 1e-9,
        "{matches}"
    );
    let kinds: Vec<&str> = items[0]["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reason| reason["kind"].as_str().unwrap())
        .collect();
    assert!(
        kinds.contains(&"subject") && kinds.contains(&"group"),
        "{kinds:?}"
    );
}

#[tokio::test]
async fn one_click_opens_a_meeting_whose_venues_ring() {
    let mut dam = Dam::start().await;
    let proposal = dam
        .officer
        .get(&dam.path("consultation/proposal"))
        .await
        .ok();
    assert_eq!(names(&proposal["venues"]), ["市政府", "南关区"]);
    assert_eq!(
        (
            &proposal["venues"][0]["because"],
            &proposal["venues"][1]["because"]
        ),
        (&json!("own"), &json!("division"))
    );
    let expert = proposal["experts"][0]["expert"]["id"].clone();
    let opening = json!({
        "id": "019abcde-0000-7000-8000-000000000001",
        "title": proposal["title"],
        "venue_ids": [id(&dam.main), id(&dam.district)],
        "expert_ids": [expert, expert],
    });
    let path = dam.path("consultation");
    let opened = dam.officer.post(&path, opening.clone()).await;
    assert_eq!(opened.status.as_u16(), 201, "{}", opened.json);
    let opened = opened.ok();
    assert_eq!(
        (&opened["kind"], &opened["phase"], &opened["incident_id"]),
        (
            &json!("consultation"),
            &json!("running"),
            &json!(dam.incident)
        )
    );
    assert_eq!(opened["active_main"], id(&dam.main));
    for venue in [&dam.main, &dam.district] {
        assert_eq!(row(&opened, &id(venue))["connection"]["state"], "calling");
    }
    let expert = proposal["experts"][0]["expert"]["id"].as_str().unwrap();
    assert_eq!(
        opened["people"],
        json!([{ "name": "薛春勇", "reference": format!("expert/{expert}") }])
    );

    // The terminal hears the call and rings.
    let conference = opened["id"].as_str().unwrap();
    dam.district
        .post(&format!("/conferences/{conference}/ring"), json!({}))
        .await
        .ok();
    let seen = dam
        .operator
        .get(&format!("/conferences/{conference}"))
        .await
        .ok();
    assert_eq!(
        row(&seen, &id(&dam.district))["connection"]["state"],
        "ringing"
    );

    // The map shows it on the incident, for as long as it lasts.
    let marked = async |dam: &mut Dam| {
        let map = dam.officer.get("/map/features?layer=incident").await.ok();
        map["features"][0]["properties"]["consultation"].clone()
    };
    eventually("the consultation is on the map", async || {
        marked(&mut dam).await == opened["id"]
    })
    .await;

    // The same click again is the same meeting, and the incident tells of it once.
    let again = dam.officer.post(&path, opening).await.ok();
    assert_eq!(again["id"], opened["id"]);
    let timeline = dam.officer.get(&dam.path("timeline")).await.ok();
    let told: Vec<&Value> = timeline["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["kind"] == "incident.consultation_opened")
        .collect();
    assert_eq!(told.len(), 1, "{timeline}");
    assert_eq!(
        (
            &told[0]["payload"]["conference_id"],
            &told[0]["payload"]["venues"],
            &told[0]["payload"]["experts"]
        ),
        (
            &opened["id"],
            &json!(["市政府", "南关区"]),
            &json!(["薛春勇"])
        )
    );

    let end = format!("/conferences/{conference}/end");
    dam.officer.post(&end, json!({})).await.ok();
    eventually("the mark is gone with the consultation", async || {
        marked(&mut dam).await.is_null()
    })
    .await;
}

#[tokio::test]
async fn a_county_opens_for_its_own_incidents_with_those_it_can_find() {
    let mut dam = Dam::start().await;
    let path = dam.path("consultation");
    let venues = json!({ "venue_ids": [id(&dam.district)] });
    let mut foreign = dam.world.login_as(Role::DutyOfficer, "220182").await;
    foreign
        .post(&path, venues.clone())
        .await
        .refused(403, "identity.outside_jurisdiction");
    foreign
        .get(&dam.path("consultation/proposal"))
        .await
        .refused(403, "identity.outside_jurisdiction");
    let mut dispatcher = dam.world.login_as(Role::Dispatcher, "220102").await;
    dispatcher
        .post(&path, venues.clone())
        .await
        .refused(403, "identity.role_forbids");

    let mut own = dam.world.login_as(Role::DutyOfficer, "220102").await;
    // The expert lives in another county: unknown here.
    let matches = dam.officer.get(&dam.path("expert-matches")).await.ok();
    let stranger = matches["items"][0]["expert"]["id"].clone();
    let with_stranger = json!({ "venue_ids": [id(&dam.district)], "expert_ids": [stranger] });
    own.post(&path, with_stranger)
        .await
        .refused(404, "expert.missing");
    let nobody = json!({ "venue_ids": [] });
    own.post(&path, nobody)
        .await
        .refused(422, "conference.invalid_field");
    let opened = own.post(&path, venues).await.ok();
    assert_eq!(
        opened["title"]
            .as_str()
            .map(|title| title.ends_with("会商")),
        Some(true)
    );
    assert_eq!(opened["division"], "220102");
}
