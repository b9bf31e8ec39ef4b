//! The real lists and boundaries, where they are at hand: `FENGHUOTAI_TEST_DATA`, else `../shared/data`.

use std::{io::Read as _, path::PathBuf};

use fenghuotai::identity::Role;
use serde_json::json;

use super::drawn::import;
use crate::{client::Client, world::World};

/// The bytes of a data file, unpacked; says loudly that a test did nothing when it is absent.
fn file(name: &str) -> Option<Vec<u8>> {
    let dir = std::env::var_os("FENGHUOTAI_TEST_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
        PathBuf::from,
    );
    let path = dir.join(name);
    if !path.exists() {
        eprintln!(
            "SKIPPED: {} is not here; set FENGHUOTAI_TEST_DATA",
            path.display()
        );
        return None;
    }
    if !name.ends_with(".xz") {
        return Some(std::fs::read(&path).expect("the file can be read"));
    }
    let unpacked = std::process::Command::new("xz")
        .arg("-dc")
        .arg(&path)
        .stdout(std::process::Stdio::piped())
        .spawn();
    let Ok(mut unpacked) = unpacked else {
        eprintln!("SKIPPED: no `xz` to unpack {}", path.display());
        return None;
    };
    let mut bytes = Vec::new();
    unpacked
        .stdout
        .take()
        .expect("piped")
        .read_to_end(&mut bytes)
        .expect("it unpacks");
    unpacked.wait().expect("xz ends");
    Some(bytes)
}

async fn world() -> (World, Client) {
    let world = World::start().await;
    let planner = world.login_as(Role::Planner, "2201").await;
    (world, planner)
}

#[tokio::test]
async fn the_statistics_tree_and_the_areacity_table_agree() {
    let (Some(tree), Some(table)) = (
        file("divisions/pca-code.json"),
        file("divisions/areacity_level3.csv"),
    ) else {
        return;
    };
    let (_world, mut planner) = world().await;
    let report = import(&mut planner, "/divisions/import", &tree).await.ok();
    assert_eq!(report["added"], 31 + 342 + 3056, "{report}");
    assert_eq!(planner.get("/divisions/220171").await.ok()["kind"], "zone");
    assert_eq!(
        planner.get("/divisions/1101").await.ok()["kind"],
        "grouping"
    );
    assert_eq!(
        planner.get("/divisions/441900003").await.ok()["full_name"],
        "广东省东莞市东城街道"
    );

    let report = import(&mut planner, "/divisions/import", &table).await.ok();
    let lines = report["lines"].as_array().unwrap();
    let reasons = |reason: &str| lines.iter().filter(|line| line["reason"] == reason).count();
    assert_eq!(reasons("placeholder"), 3);
    assert!(
        reasons("same_as_above") >= 30,
        "{}",
        reasons("same_as_above")
    );
    assert_eq!(report["refused"], 0);
    let green = planner.get("/divisions?q=lvyuan&under=2201").await.ok();
    assert_eq!(green["items"][0]["name"], "绿园区");
    let both = planner
        .get("/divisions?q=%E6%9C%9D%E9%98%B3%E5%8C%BA")
        .await
        .ok();
    let codes: Vec<_> = both["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["code"].as_str().unwrap())
        .collect();
    assert!(
        codes.contains(&"110105") && codes.contains(&"220104"),
        "{codes:?}"
    );
}

#[tokio::test]
async fn four_levels_of_the_country_import_and_again_change_nothing() {
    let Some(table) = file("divisions/areacity_level4.csv.xz") else {
        return;
    };
    let (world, mut planner) = world().await;
    let report = import(&mut planner, "/divisions/import", &table).await.ok();
    assert!(
        report["added"].as_u64().unwrap() > 42_500,
        "{}",
        report["added"]
    );
    assert_eq!(report["refused"], 0);
    let again = import(&mut planner, "/divisions/import", &table).await.ok();
    assert_eq!(
        (&again["added"], &again["changed"]),
        (&json!(0), &json!(0)),
        "{again}"
    );
    drop(world);
}

#[tokio::test]
async fn the_boundaries_of_changchun_are_repaired_where_they_cross_themselves() {
    let (Some(tree), Some(new), Some(old)) = (
        file("divisions/pca-code.json"),
        file("boundaries/220100_v2022.geojson"),
        file("boundaries/220100_v2021_without_220184.geojson"),
    ) else {
        return;
    };
    let (_world, mut planner) = world().await;
    import(&mut planner, "/divisions/import", &tree).await.ok();
    import(&mut planner, "/divisions/import", super::drawn::DIVISIONS)
        .await
        .ok();
    import(
        &mut planner,
        "/boundaries/import?datum=gcj02&source=2021",
        &old,
    )
    .await
    .ok();
    let report = import(
        &mut planner,
        "/boundaries/import?datum=gcj02&source=2022&valid_from=2020-06-19",
        &new,
    )
    .await
    .ok();
    assert_eq!(
        (&report["added"], &report["repaired"]),
        (&json!(10), &json!(1)),
        "{report}"
    );
    // 榆树市 crosses itself; where the data's description says so, moved from GCJ-02 to WGS-84.
    let line = &report["lines"][0];
    assert_eq!(line["name"], "榆树市");
    let (lon, lat) = (
        line["place"][0].as_f64().unwrap(),
        line["place"][1].as_f64().unwrap(),
    );
    assert!(
        (lon - 126.7125).abs() < 0.005 && (lat - 44.5292).abs() < 0.005,
        "{line}"
    );
    // 德惠市 is two parts that touch along a line: one area, and a point of the small part is in it.
    let small = planner
        .get("/divisions/at?lon=126.208&lat=44.7055&datum=gcj02")
        .await
        .ok();
    assert_eq!(small["division"]["code"], "220183");
    // The seats of all eleven lie in their own county.
    for code in [
        "220102", "220103", "220104", "220105", "220106", "220112", "220113", "220122", "220182",
        "220183", "220184",
    ] {
        let seat = planner.get(&format!("/divisions/{code}")).await.ok()["seat"].clone();
        let at = planner
            .get(&format!("/divisions/at?lon={}&lat={}", seat[0], seat[1]))
            .await
            .ok();
        assert_eq!(at["division"]["code"], code, "{at}");
    }
    // 公主岭 belongs to nobody we know before the day it came to Changchun.
    planner
        .get("/divisions/at?lon=124.81&lat=43.507&on=2020-06-19")
        .await
        .ok();
    planner
        .get("/divisions/at?lon=124.81&lat=43.507&on=2020-06-18")
        .await
        .refused(404, "region.no_division_there");
}

#[tokio::test]
async fn the_nation_imports_without_its_dashed_line() {
    let Some(nation) = file("boundaries/100000_v2022.geojson.xz") else {
        return;
    };
    let (_world, mut planner) = world().await;
    let report = import(
        &mut planner,
        "/boundaries/import?datum=gcj02&creates_divisions=true",
        &nation,
    )
    .await;
    let report = if report.status.is_success() {
        report.ok()
    } else {
        panic!("{}", report.json)
    };
    assert_eq!(
        report["added"].as_u64().unwrap() + report["repaired"].as_u64().unwrap(),
        34,
        "{report}"
    );
    assert_eq!(report["skipped"], 1);
    for (lon, lat, code) in [
        (125.3, 43.9, "22"),
        (116.4, 39.9, "11"),
        (87.6, 43.8, "65"),
        (121.5, 25.0, "71"),
        (91.1, 29.7, "54"),
    ] {
        let at = planner
            .get(&format!("/divisions/at?lon={lon}&lat={lat}"))
            .await
            .ok();
        assert_eq!(at["division"]["code"], code);
    }
}
