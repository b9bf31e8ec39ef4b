//! A full disk ends the recording with an alarm; the meeting notices nothing.

use std::path::Path;
use std::process::Command;

use fenghuotai::platform::Clock;
use serde_json::{Value, json};

use super::catalogue::sending;
use crate::conference::city::City;
use crate::world::{EVENING, TempDir, World, eventually};

async fn until_alarm(city: &mut City) -> Value {
    let path = city.path("recording");
    let mut county = city.county.clone();
    eventually("the alarm", async || {
        county.get(&path).await.ok()["ended_why"] == "disk_full"
    })
    .await;
    city.county.get(&path).await.ok()
}

/// The meeting goes on: the venue is in, its packets flow.
async fn goes_on(city: &mut City, publisher: &super::publisher::Publisher) {
    let venue = crate::conference::city::id(&city.county);
    let seat = city.seat(&venue).await;
    assert_eq!(seat["connection"]["state"], "joined");
    let before = publisher.pictures();
    eventually("pictures go on", async || {
        publisher.pictures() > before + 25
    })
    .await;
    let path = city.path("media");
    let figures = city.operator.get(&path).await.ok().to_string();
    assert!(figures.contains(&venue), "{figures}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn below_the_low_water_mark_recording_stops_with_an_alarm() {
    let world = World::with(Clock::fixed(EVENING), TempDir::new(), |config| {
        // No disk has so much room.
        config.recording.low_water_bytes = u64::MAX;
    })
    .await;
    let mut city = City::in_session_of(world).await.everybody_in().await;
    let publisher = sending(&mut city).await;
    let path = city.path("record");
    city.operator.post(&path, json!({})).await.ok();
    let state = until_alarm(&mut city).await;
    assert_eq!(state["running"], false);
    goes_on(&mut city, &publisher).await;
}

/// A file system of a few hundred KiB, gone when dropped.
struct Tmpfs<'a>(&'a Path);

impl<'a> Tmpfs<'a> {
    fn mount(at: &'a Path, size: &str) -> Option<Self> {
        std::fs::create_dir_all(at).ok()?;
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(at)
            .output()
            .ok()?;
        done.status.success().then_some(Self(at))
    }
}

impl Drop for Tmpfs<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_fills_up_keeps_what_was_whole() {
    let place = TempDir::new();
    let Some(_disk) = Tmpfs::mount(place.path(), "128k") else {
        eprintln!("SKIPPED: only root may mount the small disk that is to fill up");
        return;
    };
    let folder = place.path().to_owned();
    let world = World::with(Clock::fixed(EVENING), TempDir::new(), |config| {
        config.recording.directory = Some(folder);
        // The disk itself says when it is full.
        config.recording.low_water_bytes = 0;
    })
    .await;
    let mut city = City::in_session_of(world).await.everybody_in().await;
    let publisher = sending(&mut city).await;
    let path = city.path("record");
    city.operator.post(&path, json!({})).await.ok();
    // Let it write for a second, then take away what is left.
    let before = publisher.pictures();
    eventually("some of it is written", async || {
        publisher.pictures() > before + 50
    })
    .await;
    let _ = std::fs::write(place.path().join("ballast"), vec![0; 256 * 1024]);
    let state = until_alarm(&mut city).await;
    goes_on(&mut city, &publisher).await;
    let path = format!(
        "/recordings/{}",
        state["recording_id"].as_str().expect("an id")
    );
    let mut operator = city.operator.clone();
    eventually("what was whole is in the catalogue", async || {
        let recording = operator.get(&path).await.ok();
        recording["segments"][0]["duration_ms"].as_i64() > Some(500)
    })
    .await;
}
