//! Incidents through the whole router and a real database.

mod imports;
mod life;
mod merge;
mod montgomery;
mod phones;
mod report;

use fenghuotai::{
    identity::Role,
    incident,
    platform::db::{Db, args},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{client::Client, world::World};

/// A world with a dispatcher and a duty officer of the city.
struct City {
    world: World,
    dispatcher: Client,
    officer: Client,
}

impl City {
    async fn start() -> Self {
        let world = World::start().await;
        let dispatcher = world.login_as(Role::Dispatcher, "2201").await;
        let officer = world.login_as(Role::DutyOfficer, "2201").await;
        Self {
            world,
            dispatcher,
            officer,
        }
    }

    /// Reports an incident; `more` overrides the fields of an ordinary road accident.
    async fn report(&mut self, more: Value) -> Value {
        self.dispatcher
            .post("/incidents", road_accident(more))
            .await
            .ok()
    }
}

fn road_accident(more: Value) -> Value {
    let mut body = json!({
        "category": "accident.transport.road",
        "place_text": "人民大街与解放大路交汇",
        "lon": 125.3245, "lat": 43.8860,
        "description": "两车相撞，有人被困",
        "call": { "service": "122", "caller": "王先生", "phone": "138 0431 0001", "subject": "车祸" },
    });
    for (key, value) in more.as_object().expect("an object") {
        body[key] = value.clone();
    }
    body
}

fn path(incident: &Value, verb: &str) -> String {
    format!(
        "/incidents/{}/{verb}",
        incident["id"].as_str().expect("an incident")
    )
}

/// Hash of everything the slice holds, without the versions that only ever grow.
async fn state_hash(db: &Db) -> String {
    const EVERYTHING: [&str; 3] = [
        "SELECT incident_id, number, title, category, level, level_basis, status, status_reason, transferred_to,
                duplicate_of, status_before_merge, division, place_text, CAST(lon AS TEXT) AS lon, CAST(lat AS TEXT) AS lat,
                CAST(accuracy_m AS TEXT) AS accuracy_m, datum_in, description, sensitive, CAST(exercise AS TEXT) AS exercise,
                source, CAST(occurred_at AS TEXT) AS occurred_at, CAST(received_at AS TEXT) AS received_at,
                CAST(recorded_at AS TEXT) AS recorded_at, CAST(updated_at AS TEXT) AS updated_at, recorded_by, import_id
           FROM incidents ORDER BY incident_id",
        "SELECT call_id, incident_id, source, source_id, import_id, CAST(line AS TEXT) AS line, service, caller, phone, phone_mark,
                subject, body, CAST(received_at AS TEXT) AS received_at, CAST(occurred_at AS TEXT) AS occurred_at,
                place_text, CAST(lon AS TEXT) AS lon, CAST(lat AS TEXT) AS lat, CAST(accuracy_m AS TEXT) AS accuracy_m,
                datum_in, CAST(recorded_at AS TEXT) AS recorded_at
           FROM calls ORDER BY call_id",
        "SELECT figure_id, incident_id, figure_key, CAST(figure AS TEXT) AS figure, CAST(as_of AS TEXT) AS as_of, source,
                recorded_by, recorded_by_name, CAST(recorded_at AS TEXT) AS recorded_at
           FROM incident_figures ORDER BY figure_id",
    ];
    let mut hash = Sha256::new();
    for statement in EVERYTHING {
        let columns: Vec<&str> = statement
            .split_once("FROM")
            .expect("a query")
            .0
            .trim_start_matches("SELECT")
            .split(',')
            .map(|column| column.trim().rsplit(' ').next().expect("a name"))
            .collect();
        for row in db
            .read()
            .fetch_all(statement, args![])
            .await
            .expect("the database answers")
        {
            for column in &columns {
                hash.update(
                    row.get::<Option<String>>(column)
                        .expect(column)
                        .unwrap_or_else(|| "∅".to_owned()),
                );
                hash.update([0]);
            }
            hash.update([1]);
        }
    }
    hex::encode(hash.finalize())
}

#[tokio::test]
async fn every_statement_is_valid_on_this_database() {
    let world = World::start().await;
    for statement in incident::statements() {
        world
            .ctx
            .db
            .prepare(statement)
            .await
            .unwrap_or_else(|fault| panic!("{fault}: {statement}"));
    }
}
