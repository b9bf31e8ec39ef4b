//! Real call records of another country, shifted into the city and flagged 演练, at the pace they came in or faster.

use std::path::Path;
use std::time::Duration;

use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::api::Api;
use super::city::CALLS_CSV;
use crate::platform::Fault;

/// The middle of the county the records come from, and the place it is laid upon; WGS-84.
const THERE: (f64, f64) = (-75.35, 40.2);
const HERE: (f64, f64) = (125.3228, 43.88);
/// A degree of longitude is shorter here than there.
const STRETCH: f64 = 1.06;
/// Farther from the middle than this, degrees, a position is a slip of the records' own geocoder.
const FAR: f64 = 0.6;
/// Nobody wants to watch an empty night.
const PAUSE_MAX: Duration = Duration::from_secs(20);
const PAUSE_MIN: Duration = Duration::from_millis(20);

struct Call {
    at: Option<DateTime>,
    body: Value,
}

/// Sends record after record; goes on after a restart where `cursor` says.
///
/// # Errors
/// When the slice cannot be read or the API refuses a report.
pub async fn run(desk: &Api, speed: f64, cursor: &Path) -> Result<(), Fault> {
    let calls = calls()?;
    let done = std::fs::read_to_string(cursor)
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0);
    let mut before: Option<DateTime> = None;
    for (place, call) in calls.iter().enumerate().skip(done) {
        tokio::time::sleep(pause(before, call.at, speed)).await;
        desk.post("/incidents", &call.body).await?;
        std::fs::write(cursor, (place + 1).to_string())
            .map_err(|error| Fault::new(format!("writing {}", cursor.display()), error))?;
        before = call.at;
    }
    tracing::info!("every call record has been replayed; --fresh begins anew");
    Ok(())
}

fn pause(before: Option<DateTime>, at: Option<DateTime>, speed: f64) -> Duration {
    let (Some(before), Some(at)) = (before, at) else {
        return PAUSE_MIN;
    };
    let between_s = at.duration_since(before).as_secs_f64().max(0.0) / speed.max(0.001);
    Duration::try_from_secs_f64(between_s)
        .unwrap_or(PAUSE_MAX)
        .clamp(PAUSE_MIN, PAUSE_MAX)
}

fn calls() -> Result<Vec<Call>, Fault> {
    let mut reader = csv::Reader::from_reader(CALLS_CSV.as_bytes());
    let fault =
        |error: csv::Error| Fault::new("reading the call records of the demonstration", error);
    reader
        .records()
        .map(|record| record.map(|record| call(&record)).map_err(fault))
        .collect()
}

/// Columns: lat, lng, desc, zip, title, timeStamp, twp, addr, e.
fn call(record: &csv::StringRecord) -> Call {
    let field = |place: usize| record.get(place).unwrap_or_default().trim();
    let (service, subject) = field(4).split_once(':').unwrap_or(("", field(4)));
    let subject = subject.trim().trim_end_matches('-').trim();
    let (number, kind, category) = meaning(service, subject);
    let point = point(field(0), field(1));
    Call {
        at: field(5).parse().ok(),
        body: json!({
            "title": format!("{kind} · {subject}"),
            "category": category,
            "division": "2201",
            "place_text": field(7),
            "lon": point.map(|(lon, _)| lon),
            "lat": point.map(|(_, lat)| lat),
            "description": field(2),
            "exercise": true,
            "source": "call",
            "call": { "service": number, "subject": field(4) },
        }),
    }
}

/// Telephone number of the service here, a Chinese word for the title, and the category.
fn meaning(service: &str, subject: &str) -> (&'static str, &'static str, &'static str) {
    let has = |word: &str| subject.contains(word);
    match service {
        "EMS" if has("VEHICLE ACCIDENT") => ("120", "交通事故救护", "accident.transport.road"),
        "EMS" => ("120", "医疗急救", "health.medical"),
        "Traffic" if has("VEHICLE ACCIDENT") => ("122", "道路交通事故", "accident.transport.road"),
        "Traffic" => ("122", "道路阻断", "accident.transport.obstruction"),
        "Fire" if has("VEHICLE ACCIDENT") => ("119", "交通事故救援", "accident.transport.road"),
        "Fire" if has("GAS") || has("CARBON MONOXIDE") => {
            ("119", "燃气泄漏", "accident.facility.gas")
        }
        "Fire" if has("ALARM") || has("INVESTIGATION") => {
            ("119", "消防报警", "accident.facility.alarm")
        }
        "Fire" if has("WOODS") => ("119", "山林火情", "natural.wildfire"),
        _ => ("119", "火灾", "accident.work_safety.fire"),
    }
}

fn point(lat: &str, lng: &str) -> Option<(f64, f64)> {
    let (lat, lng): (f64, f64) = (lat.parse().ok()?, lng.parse().ok()?);
    let (east, north) = (lng - THERE.0, lat - THERE.1);
    let round = |value: f64| (value * 1e6).round() / 1e6;
    (east.abs() < FAR && north.abs() < FAR)
        .then(|| (round(HERE.0 + east * STRETCH), round(HERE.1 + north)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_of_the_slice_becomes_a_flagged_report_inside_the_city_or_without_a_point() {
        let calls = calls().unwrap();
        assert_eq!(calls.len(), 3_000);
        for call in &calls {
            assert!(call.at.is_some());
            assert_eq!(call.body["exercise"], true);
            if let Some(lon) = call.body["lon"].as_f64() {
                assert!((124.6..126.0).contains(&lon), "{lon}");
            }
        }
        assert!(
            calls
                .iter()
                .filter(|call| call.body["lon"].is_f64())
                .count()
                > 2_900
        );
    }

    #[test]
    fn a_speed_up_shortens_the_pauses_within_bounds() {
        let at = |text: &str| text.parse::<DateTime>().ok();
        let (noon, later) = (at("2015-12-10 12:00:00"), at("2015-12-10 12:01:00"));
        assert_eq!(pause(noon, later, 60.0), Duration::from_secs(1));
        assert_eq!(pause(noon, later, 1e9), PAUSE_MIN);
        assert_eq!(pause(noon, at("2015-12-11 12:00:00"), 1.0), PAUSE_MAX);
        assert_eq!(
            pause(later, noon, 1.0),
            PAUSE_MIN,
            "records out of order do not wait"
        );
    }
}
