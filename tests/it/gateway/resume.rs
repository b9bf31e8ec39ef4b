//! A reader gets the complete gap or an explicit reset, whatever happens to its line.

use fenghuotai::identity::Role;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::Value;

use super::{ProtocolClient, happen};
use crate::world::World;

fn seqs(frames: &[Value]) -> Vec<i64> {
    frames
        .iter()
        .filter(|frame| frame["op"] == "entry")
        .map(|frame| frame["entry"]["seq"].as_i64().expect("a number"))
        .collect()
}

#[tokio::test]
async fn the_gap_is_told_in_order_then_live() {
    let world = World::start().await;
    let desk = world.login_as(Role::DutyOfficer, "2201").await;
    let cookie = desk.cookie.clone().unwrap();
    let start = happen(&world.ctx, 0, "220102", "incident").await;
    for n in 1..=5 {
        happen(&world.ctx, n, "220102", "incident").await;
    }
    let mut client = ProtocolClient::connect(world.address, &cookie)
        .await
        .unwrap();
    let epoch = client.welcome["epoch"].as_str().unwrap().to_owned();
    let told = client
        .subscribe(1, &["incident"], Some((&epoch, start)))
        .await;
    assert_eq!(seqs(&told), (start + 1..=start + 5).collect::<Vec<_>>());
    let next = happen(&world.ctx, 6, "220102", "incident").await;
    let frame = client.expect().await;
    assert_eq!(
        (frame["op"].as_str(), frame["entry"]["seq"].as_i64()),
        (Some("entry"), Some(next))
    );
    assert_eq!(frame["entry"]["payload"]["n"], 6);
}

#[tokio::test]
async fn another_epoch_is_an_explicit_reset() {
    let world = World::start().await;
    let cookie = world
        .login_as(Role::DutyOfficer, "2201")
        .await
        .cookie
        .unwrap();
    happen(&world.ctx, 1, "220102", "incident").await;
    let mut client = ProtocolClient::connect(world.address, &cookie)
        .await
        .unwrap();
    let told = client
        .subscribe(1, &["incident"], Some(("of another database", 0)))
        .await;
    assert_eq!(
        (told[0]["op"].as_str(), told[0]["reason"].as_str()),
        (Some("reset"), Some("epoch"))
    );
    assert_eq!(told.len(), 2, "a reset tells nothing of the gap");
}

#[tokio::test]
async fn a_hundred_cuts_lose_nothing_and_repeat_nothing() {
    let world = World::start().await;
    let cookie = world
        .login_as(Role::DutyOfficer, "2201")
        .await
        .cookie
        .unwrap();
    let mut chance = StdRng::seed_from_u64(20_261_122);
    let mut client = ProtocolClient::connect(world.address, &cookie)
        .await
        .unwrap();
    let epoch = client.welcome["epoch"].as_str().unwrap().to_owned();
    let first = happen(&world.ctx, 0, "220102", "incident").await;
    let (mut processed, mut heard, mut written) = (first, Vec::new(), Vec::new());
    client
        .subscribe(1, &["incident"], Some((&epoch, processed)))
        .await;
    for n in 1..=100 {
        for _ in 0..chance.random_range(0..4) {
            // Entries this desk does not hear leave holes in the numbers.
            let ours = chance.random_bool(0.7);
            let seq = happen(
                &world.ctx,
                n,
                if ours { "220102" } else { "110101" },
                "incident",
            )
            .await;
            if ours {
                written.push(seq);
            }
        }
        for _ in 0..chance.random_range(0..2) {
            if heard.len() < written.len() {
                let frame = client.expect().await;
                processed = frame["entry"]["seq"].as_i64().unwrap();
                heard.push(processed);
            }
        }
        drop(client);
        client = ProtocolClient::connect(world.address, &cookie)
            .await
            .unwrap();
        let told = client
            .subscribe(1, &["incident"], Some((&epoch, processed)))
            .await;
        assert!(told.iter().all(|frame| frame["op"] != "reset"));
        heard.extend(seqs(&told));
        processed = told.last().unwrap()["seq"].as_i64().unwrap();
    }
    assert_eq!(heard, written);
}
