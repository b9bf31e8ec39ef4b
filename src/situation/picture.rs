//! What the map shows of open incidents: their rows, and whether people are consulting about them right now.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    features::{self, Change, INCIDENT},
    link::Feature,
};

/// Property of an incident's feature: id of the consultation about it, absent when there is none.
const CONSULTATION: &str = "consultation";

/// An entry about a consultation carries no row of its incident, and one about an incident knows of no consultation:
/// here they meet.
#[derive(Debug, Default)]
pub struct Picture {
    shown: BTreeMap<String, Feature>,
    /// Running consultations and the incident each is about; bounded by the meetings a tower can carry.
    consultations: BTreeMap<String, String>,
}

impl Picture {
    /// An incident's row as JSON; nothing changes when it is none.
    pub fn incident(&mut self, row: &Value) -> Option<Change> {
        match features::incident(row)? {
            Change::Show(feature) => {
                let id = feature.id.clone();
                self.shown.insert(id.clone(), *feature);
                self.show(&id)
            }
            Change::Hide { id, .. } => Some(self.withdrawn(&id)),
        }
    }

    pub fn withdrawn(&mut self, id: &str) -> Change {
        self.shown.remove(id);
        Change::Hide {
            layer: INCIDENT,
            id: id.to_owned(),
        }
    }

    pub fn consultation_opened(&mut self, conference: &str, incident: &str) -> Option<Change> {
        self.consultations
            .insert(conference.to_owned(), incident.to_owned());
        self.show(incident)
    }

    /// A meeting about no incident changes nothing.
    pub fn conference_ended(&mut self, conference: &str) -> Option<Change> {
        let incident = self.consultations.remove(conference)?;
        self.show(&incident)
    }

    fn show(&self, id: &str) -> Option<Change> {
        let mut feature = self.shown.get(id)?.clone();
        let running = self
            .consultations
            .iter()
            .find(|(_, incident)| *incident == id);
        if let Some((conference, _)) = running {
            let conference = Value::from(conference.clone());
            feature
                .properties
                .insert(CONSULTATION.to_owned(), conference);
        }
        Some(Change::Show(Box::new(feature)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(status: &str) -> Value {
        json!({
            "id": "a", "number": "220102-1", "title": "火灾", "category": "accident.work_safety.fire", "level": "II",
            "status": status, "division": "220102", "place_text": "人民大街", "lon": 125.3, "lat": 43.9,
            "exercise": false, "received_at": 5,
        })
    }

    /// The consultation an incident is shown with.
    #[track_caller]
    fn consulting(change: Option<Change>) -> Option<String> {
        match change {
            Some(Change::Show(feature)) => {
                let id = feature.properties.get(CONSULTATION)?;
                Some(id.as_str().unwrap().to_owned())
            }
            other => panic!("it is shown, not {other:?}"),
        }
    }

    #[test]
    fn a_consultation_is_marked_on_its_incident_until_it_ends() {
        let mut picture = Picture::default();
        assert_eq!(consulting(picture.incident(&row("reported"))), None);
        assert_eq!(
            consulting(picture.consultation_opened("c", "a")).as_deref(),
            Some("c")
        );
        assert_eq!(
            consulting(picture.incident(&row("responding"))).as_deref(),
            Some("c"),
            "a change of the incident keeps the mark"
        );
        assert_eq!(consulting(picture.conference_ended("c")), None);
        assert_eq!(picture.conference_ended("c"), None);
        assert_eq!(consulting(picture.incident(&row("controlled"))), None);
    }

    #[test]
    fn the_mark_waits_for_its_incident_and_a_second_consultation_keeps_it() {
        let mut picture = Picture::default();
        assert_eq!(picture.consultation_opened("c", "a"), None);
        assert_eq!(picture.consultation_opened("d", "a"), None);
        assert_eq!(
            consulting(picture.incident(&row("reported"))).as_deref(),
            Some("c")
        );
        assert_eq!(
            consulting(picture.conference_ended("c")).as_deref(),
            Some("d")
        );
        assert_eq!(
            picture.incident(&row("closed")),
            Some(Change::Hide {
                layer: INCIDENT,
                id: "a".to_owned()
            })
        );
        assert_eq!(
            picture.conference_ended("d"),
            None,
            "nothing is shown again"
        );
    }

    #[test]
    fn a_meeting_about_nothing_changes_nothing() {
        assert_eq!(Picture::default().conference_ended("m"), None);
        assert_eq!(Picture::default().incident(&Value::Null), None);
    }
}
