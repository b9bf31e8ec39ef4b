//! Imports on small drawn files: squares near Changchun, one of them knotted.

use axum::http::Method;
use fenghuotai::identity::Role;
use serde_json::json;

use crate::{
    client::{Client, Reply},
    world::World,
};

pub const DIVISIONS: &[u8] = include_bytes!("files/divisions.csv");
const DRAWN: &[u8] = include_bytes!("files/drawn.geojson");
const TIED: &[u8] = include_bytes!("files/tied.geojson");

pub async fn import(client: &mut Client, path: &str, file: &[u8]) -> Reply {
    client
        .send_bytes(
            Method::POST,
            path,
            file.to_vec(),
            &[("content-type", "application/octet-stream")],
        )
        .await
}

async fn world_with_divisions() -> (World, Client) {
    let world = World::start().await;
    let mut planner = world.login_as(Role::Planner, "2201").await;
    let report = import(&mut planner, "/divisions/import", DIVISIONS)
        .await
        .ok();
    assert_eq!(
        (&report["added"], &report["applied"]),
        (&json!(8), &json!(true)),
        "{report}"
    );
    (world, planner)
}

#[tokio::test]
async fn a_place_is_in_one_division_before_the_change_and_in_another_after() {
    let (_world, mut planner) = world_with_divisions().await;
    import(
        &mut planner,
        "/boundaries/import?datum=wgs84&source=drawn",
        DRAWN,
    )
    .await
    .ok();
    let at = planner
        .get("/divisions/at?lon=124.7&lat=43.7&on=2020-06-19")
        .await
        .ok();
    assert_eq!(at["division"]["code"], "220184");
    assert_eq!(at["division"]["full_name"], "吉林省长春市公主岭市");
    assert_eq!(at["lineage"].as_array().unwrap().len(), 3);
    planner
        .get("/divisions/at?lon=124.7&lat=43.7&on=2020-06-18")
        .await
        .refused(404, "region.no_division_there");
    let today = planner.get("/divisions/at?lon=125.2&lat=43.7").await.ok();
    assert_eq!(
        (&today["division"]["code"], &today["on"]),
        (&json!("220102"), &json!("2026-11-22"))
    );
    let old = planner.get("/divisions/220381").await.ok();
    assert_eq!(
        (&old["valid_until"], &old["successor"]),
        (&json!("2020-06-19"), &json!("220184"))
    );
    let listed = planner.get("/divisions?q=gongzhuling&on=any").await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_small_knot_is_untied_and_its_place_is_named() {
    let (_world, mut planner) = world_with_divisions().await;
    let report = import(&mut planner, "/boundaries/import?datum=wgs84", DRAWN)
        .await
        .ok();
    assert_eq!(
        (&report["added"], &report["repaired"], &report["skipped"]),
        (&json!(2), &json!(1), &json!(1))
    );
    let line = report["lines"]
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["outcome"] == "repaired")
        .unwrap();
    assert_eq!(
        (&line["line"], &line["name"], &line["reason"]),
        (&json!(2), &json!("二道区"), &json!("boundary.repaired"))
    );
    let (lon, lat) = (
        line["place"][0].as_f64().unwrap(),
        line["place"][1].as_f64().unwrap(),
    );
    assert!(
        (125.97..126.01).contains(&lon) && (43.97..44.01).contains(&lat),
        "{line}"
    );
    let skipped = report["lines"]
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["outcome"] == "skipped")
        .unwrap();
    assert_eq!(skipped["code"], "100000_JD");
    planner.get("/divisions/at?lon=125.7&lat=43.7").await.ok();
    // The missing centroid is no matter; the seat is the declared centre.
    assert_eq!(
        planner.get("/divisions/220102").await.ok()["seat"],
        json!([125.3, 43.9])
    );
    let again = import(&mut planner, "/boundaries/import?datum=wgs84", DRAWN)
        .await
        .ok();
    assert_eq!(
        (&again["unchanged"], &again["applied"]),
        (&json!(3), &json!(false))
    );
}

#[tokio::test]
async fn one_bad_feature_keeps_the_whole_file_out_and_is_called_by_name() {
    let (_world, mut planner) = world_with_divisions().await;
    let refused = import(&mut planner, "/boundaries/import?datum=wgs84", TIED)
        .await
        .refused(422, "region.lines_refused");
    let report = &refused["report"];
    assert_eq!(
        (&report["refused"], &report["applied"]),
        (&json!(2), &json!(false))
    );
    assert_eq!(
        (&report["lines"][0]["name"], &report["lines"][0]["reason"]),
        (&json!("二道区"), &json!("boundary.tangled"))
    );
    assert_eq!(report["lines"][0]["place"], json!([125.75, 43.75]));
    assert_eq!(report["lines"][1]["reason"], "unknown_division");
    planner
        .get("/divisions/at?lon=125.2&lat=43.7")
        .await
        .refused(404, "region.no_division_there");
}

#[tokio::test]
async fn the_declared_datum_moves_the_border() {
    let (_world, mut planner) = world_with_divisions().await;
    import(&mut planner, "/boundaries/import?datum=gcj02", DRAWN)
        .await
        .ok();
    // GCJ-02 lies about 0.0065° east of WGS-84 here: the border at 125.5 is at about 125.4935.
    assert_eq!(
        planner.get("/divisions/at?lon=125.497&lat=43.7").await.ok()["division"]["code"],
        "220105"
    );
    assert_eq!(
        planner.get("/divisions/at?lon=125.49&lat=43.7").await.ok()["division"]["code"],
        "220102"
    );
    assert_eq!(
        planner
            .get("/divisions/at?lon=125.497&lat=43.7&datum=gcj02")
            .await
            .ok()["division"]["code"],
        "220102"
    );
    import(&mut planner, "/boundaries/import", DRAWN)
        .await
        .refused(400, "request.bad_query");
    planner
        .get("/divisions/at?lon=200&lat=43")
        .await
        .refused(422, "region.not_a_place");
}

#[tokio::test]
async fn a_wrong_line_keeps_the_whole_list_out_and_a_preview_writes_nothing() {
    let world = World::start().await;
    let mut planner = world.login_as(Role::Planner, "2201").await;
    let wrong = "code,name\n22,吉林省\n220,短码\n2201,\n".as_bytes();
    let refused = import(&mut planner, "/divisions/import", wrong)
        .await
        .refused(422, "region.lines_refused");
    assert_eq!(refused["report"]["lines"][0]["line"], 3);
    assert_eq!(refused["report"]["lines"][1]["reason"], "name");
    let preview = import(&mut planner, "/divisions/import?preview=true", DIVISIONS)
        .await
        .ok();
    assert_eq!(
        (&preview["added"], &preview["applied"]),
        (&json!(8), &json!(false))
    );
    assert_eq!(planner.get("/divisions").await.ok()["items"], json!([]));
    import(&mut planner, "/divisions/import", b"{}")
        .await
        .refused(422, "region.not_a_list");
    import(&mut planner, "/boundaries/import?datum=wgs84", b"[]")
        .await
        .refused(422, "region.not_geojson");
    import(
        &mut planner,
        "/divisions/import?valid_from=tomorrow",
        DIVISIONS,
    )
    .await
    .refused(422, "region.bad_date");
}

#[tokio::test]
async fn only_planners_and_the_system_administrator_import() {
    let (world, _) = world_with_divisions().await;
    for role in [
        Role::Leader,
        Role::DutyOfficer,
        Role::AuditAdmin,
        Role::SecurityAdmin,
    ] {
        let mut client = world.login_as(role, "2201").await;
        import(&mut client, "/divisions/import", DIVISIONS)
            .await
            .refused(403, "identity.role_forbids");
        client.get("/divisions/2201").await.ok();
    }
    let mut system = world.login_as(Role::SystemAdmin, "2201").await;
    assert_eq!(
        import(&mut system, "/divisions/import", DIVISIONS)
            .await
            .ok()["unchanged"],
        8
    );
}
