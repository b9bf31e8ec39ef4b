use super::*;
use crate::platform::Millis;

fn venue(name: &str, division: &str, level: Level, kind: VenueKind) -> Venue {
    Venue {
        id: VenueId::new(Millis(0)),
        name: name.to_owned(),
        short_name: name.to_owned(),
        division: code(division),
        level,
        kind,
        remote_open_ok: true,
        answer_rule: crate::conference::AnswerRule::Always,
        version: 1,
    }
}

fn code(digits: &str) -> DivisionCode {
    DivisionCode::parse(digits).expect("a division code")
}

fn city() -> Vec<Venue> {
    vec![
        venue("市政府", "2201", Level::City, VenueKind::Av),
        venue("市航拍", "2201", Level::City, VenueKind::Source),
        venue("南关区", "220102", Level::County, VenueKind::Av),
        venue("南关电话", "220102", Level::County, VenueKind::AudioOnly),
        venue("榆树市", "220182", Level::County, VenueKind::Av),
    ]
}

fn names(actor: &str, own: Option<&VenueId>, incident: &str, known: &[Venue]) -> Vec<String> {
    let asked = Asked {
        actor: &code(actor),
        own,
        incident: &code(incident),
    };
    let proposed = venues(asked, known);
    proposed
        .into_iter()
        .map(|(venue, because)| format!("{} {because:?}", venue.name))
        .collect()
}

#[test]
fn the_city_leads_and_the_county_of_the_incident_rings() {
    assert_eq!(
        names("2201", None, "220102", &city()),
        ["市政府 Own", "南关区 Division", "南关电话 Division"]
    );
}

#[test]
fn a_township_without_a_venue_is_heard_through_its_county() {
    assert_eq!(
        names("2201", None, "220182001", &city()),
        ["市政府 Own", "榆树市 Division"]
    );
}

#[test]
fn nobody_is_proposed_twice_and_ones_own_venue_leads() {
    let known = city();
    assert_eq!(
        names("220102", Some(&known[3].id), "220102", &known),
        ["南关电话 Own", "南关区 Own"]
    );
}

#[test]
fn a_long_title_keeps_its_last_word() {
    let title = title(&"长".repeat(300));
    assert_eq!(title.chars().count(), TITLE_MAX);
    assert!(title.ends_with("会商"), "{title}");
}
