//! Keeps the features of the map true: what is there at the start, then every entry of the journal.

use std::time::Duration;

use serde_json::json;

use super::{
    features::{self, Change, REGION},
    link::MapFeed,
    picture::Picture,
};
use crate::{
    conference,
    incident::{self, lifecycle::Status},
    infrastructure,
    platform::{Ctx, Fault, journal::Entry},
    region::{self, Atlas},
};

const PAGE: usize = 1_000;
/// The database did not answer; the place in the journal is kept.
const AGAIN: Duration = Duration::from_secs(1);

/// Puts every asset and every open incident on the map; an incident people are consulting about is marked.
pub async fn load(ctx: &Ctx, map: &MapFeed) -> Result<Picture, Fault> {
    for placed in infrastructure::placed(ctx).await? {
        let row = json!({
            "kind": placed.kind.code,
            "name": placed.name,
            "status": placed.status,
            "geometry": placed.geometry,
        });
        let (id, division) = (placed.id.as_str(), placed.division.as_str());
        apply(map, features::asset(id, division, &row));
    }
    let mut picture = Picture::default();
    for (conference, incident) in conference::running_consultations(ctx).await? {
        picture.consultation_opened(conference.as_str(), &incident);
    }
    let statuses = Status::ALL
        .into_iter()
        .filter(|status| features::OPEN.contains(&status.as_str()))
        .collect();
    let mut filter = incident::Filter {
        statuses,
        limit: PAGE,
        ..incident::Filter::default()
    };
    loop {
        let page = incident::list(&ctx.db, &filter).await?;
        for row in &page {
            let row = incident::wire::Incident::from(row);
            let row = serde_json::to_value(row).expect("plain data becomes JSON");
            apply(map, picture.incident(&row));
        }
        match page.last() {
            Some(last) if page.len() == PAGE => {
                filter.before = Some((last.received_at, last.id.clone()));
            }
            _ => return Ok(picture),
        }
    }
}

/// Puts the outlines of today's divisions on the map.
pub fn outline(ctx: &Ctx, atlas: &Atlas, map: &MapFeed) {
    let sheet = atlas.sheet();
    let outlines = sheet
        .areas(region::today(ctx))
        .map(|(division, area)| features::region(division, area));
    map.replace_layer(REGION, outlines.collect());
}

/// Follows the journal for ever.
pub async fn run(ctx: Ctx, atlas: Atlas, map: MapFeed, mut picture: Picture, seq: i64) {
    let mut journal = ctx.relay.follow(seq);
    loop {
        match journal.next().await {
            Ok(entry) if entry.topics.iter().any(|topic| topic == REGION) => {
                // Read here and not awaited from the atlas's own follower: it may hear of it later than we do.
                if let Err(fault) = region::load(&ctx, &atlas).await {
                    tracing::warn!(%fault, "the divisions could not be read anew for the map");
                }
                outline(&ctx, &atlas, &map);
            }
            Ok(entry) => apply(&map, heard(&mut picture, &entry)),
            Err(fault) => {
                tracing::warn!(%fault, "the map cannot read the journal; trying again");
                tokio::time::sleep(AGAIN).await;
            }
        }
    }
}

fn heard(picture: &mut Picture, entry: &Entry) -> Option<Change> {
    match entry.kind.as_str() {
        "incident.withdrawn" => Some(picture.withdrawn(&entry.entity)),
        "incident.consultation_opened" => {
            let conference = entry.payload["conference_id"].as_str()?;
            picture.consultation_opened(conference, &entry.entity)
        }
        "conference.ended" => picture.conference_ended(&entry.entity),
        kind if kind.starts_with("incident.") => picture.incident(&entry.payload["incident"]),
        "asset.added" | "asset.changed" => {
            features::asset(&entry.entity, &entry.jurisdiction, &entry.payload)
        }
        _ => None,
    }
}

fn apply(map: &MapFeed, change: Option<Change>) {
    match change {
        Some(Change::Show(feature)) => map.upsert(*feature),
        Some(Change::Hide { layer, id }) => map.remove(layer, &id),
        None => {}
    }
}
