//! The steps of keeping assets and of asking what stands where.

use std::sync::Arc;

use fenghuotai_maps::{geom::LonLat, query::SpatialSet};
use serde_json::json;

use super::{
    atlas::{Atlas, Drawn, Key},
    imports::{self, Declared},
    kind::{KINDS, Kind},
    model::{Asset, AssetId, Contact, Draft, Status, shape, to_wgs84},
    refusal::Refusal,
    store::{self, Filter, Placed},
    wire::{AssetSeen, Found, KindCount, Near},
};
use crate::{
    identity::{Action, Actor, policy},
    platform::{
        Ctx, Failure, Fault, Millis,
        db::settled,
        import::{Line, List, Report, Sorted, Writing},
        journal,
        tabular::Table,
    },
};

pub const RADIUS_MAX_M: f64 = 500_000.0;
/// Assets in one spatial answer.
pub const FOUND_MAX: usize = 1_000;
/// A record not looked at for this long counts as overdue for verification.
const VERIFIED_FOR_MS: i64 = 365 * Millis::DAY;
const BY_HAND: &str = "manual";

#[tracing::instrument(name = "asset.list", skip_all)]
pub async fn list(ctx: &Ctx, actor: &Actor, mut filter: Filter) -> Result<Vec<AssetSeen>, Failure> {
    policy::may_somewhere(actor, Action::ReadAssets)?;
    if !filter.division.starts_with(actor.division.as_str()) {
        filter.division = actor.division.as_str().to_owned();
    }
    let assets = store::list(ctx.db.read(), &ctx.seal, &filter).await?;
    Ok(assets.into_iter().map(AssetSeen::from).collect())
}

#[tracing::instrument(name = "asset.read", skip_all, fields(asset.id = %id))]
pub async fn read(ctx: &Ctx, actor: &Actor, id: &AssetId) -> Result<AssetSeen, Failure> {
    readable(ctx, actor, id).await.map(AssetSeen::from)
}

/// Contacts in full. Every look is recorded.
#[tracing::instrument(name = "asset.reveal", skip_all, fields(asset.id = %id))]
pub async fn reveal(ctx: &Ctx, actor: &Actor, id: &AssetId) -> Result<Vec<Contact>, Failure> {
    let asset = readable(ctx, actor, id).await?;
    policy::may(actor, Action::ReadAssetContacts, &asset.division)?;
    let looked = journal::Draft::look(
        "asset.contacts_read",
        id.to_string(),
        asset.division.as_str(),
        actor.account_id.to_string(),
        json!({ "name": asset.name }),
    );
    let mut tx = ctx.db.begin().await?;
    tx.append(looked, ctx.clock.now()).await?;
    tx.commit().await?;
    Ok(asset.contacts)
}

async fn readable(ctx: &Ctx, actor: &Actor, id: &AssetId) -> Result<Asset, Failure> {
    let asset = store::read_by_id(ctx.db.read(), &ctx.seal, id)
        .await?
        .ok_or(Refusal::Missing)?;
    policy::may(actor, Action::ReadAssets, &asset.division)?;
    Ok(asset)
}

/// How complete the registry is, by kind.
pub async fn counts(ctx: &Ctx, actor: &Actor) -> Result<Vec<KindCount>, Failure> {
    policy::may_somewhere(actor, Action::ReadAssets)?;
    let verified_after = ctx.clock.now().plus(-VERIFIED_FOR_MS);
    let counts = store::counts(ctx.db.read(), actor.division.as_str(), verified_after).await?;
    Ok(counts
        .into_iter()
        .map(|count| KindCount {
            kind: count.kind,
            total: count.total,
            placeless: count.placeless,
            unverified: count.unverified,
        })
        .collect())
}

/// Adds an asset; the same id again answers the same asset.
#[tracing::instrument(name = "asset.add", skip_all)]
pub async fn add(
    ctx: &Ctx,
    actor: &Actor,
    id: Option<AssetId>,
    draft: Draft,
) -> Result<AssetSeen, Failure> {
    policy::may(actor, Action::EditAssets, &draft.division)?;
    let draft = valid(draft)?;
    settled(|| added(ctx, actor, id.clone(), draft.clone())).await
}

async fn added(
    ctx: &Ctx,
    actor: &Actor,
    id: Option<AssetId>,
    draft: Draft,
) -> Result<AssetSeen, Failure> {
    let now = ctx.clock.now();
    let id = id.unwrap_or_else(|| AssetId::new(now));
    let mut tx = ctx.db.begin().await?;
    if let Some(known) = store::held(&mut tx, &ctx.seal, &id).await? {
        policy::may(actor, Action::ReadAssets, &known.division)?;
        return Ok(known.into());
    }
    let source_id = id.to_string();
    let asset = asset(id, BY_HAND, source_id, draft, now, 1)?;
    store::put(&mut tx, &ctx.seal, &asset).await?;
    tx.append(written(&asset, actor), now).await?;
    tx.commit().await?;
    Ok(asset.into())
}

#[tracing::instrument(name = "asset.change", skip_all, fields(asset.id = %id))]
pub async fn change(
    ctx: &Ctx,
    actor: &Actor,
    id: &AssetId,
    version: i64,
    mut draft: Draft,
) -> Result<AssetSeen, Failure> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let known = store::held(&mut tx, &ctx.seal, id)
        .await?
        .ok_or(Refusal::Missing)?;
    policy::may(actor, Action::EditAssets, &known.division)?;
    policy::may(actor, Action::EditAssets, &draft.division)?;
    if known.version != version {
        return Err(Refusal::VersionConflict {
            current: json!(AssetSeen::from(known)),
        }
        .into());
    }
    draft.keep_masked(&known.contacts);
    let asset = asset(
        known.id,
        &known.source,
        known.source_id,
        valid(draft)?,
        now,
        version + 1,
    )?;
    store::put(&mut tx, &ctx.seal, &asset).await?;
    tx.append(written(&asset, actor), now).await?;
    tx.commit().await?;
    Ok(asset.into())
}

/// A file to import and what was declared about it.
#[derive(Debug)]
pub struct File<'a> {
    pub source: &'a str,
    pub geojson: bool,
    pub declared: Declared,
    pub bytes: &'a [u8],
}

/// Imports a list, or shows what importing it would do. All lines are one transaction.
#[tracing::instrument(name = "asset.import", skip_all, fields(source = file.source))]
pub async fn import(
    ctx: &Ctx,
    actor: &Actor,
    file: File<'_>,
    writing: Writing,
) -> Result<Report, Failure> {
    policy::may_somewhere(actor, Action::EditAssets)?;
    let mut list = if file.geojson {
        imports::read_geojson(file.bytes, &file.declared).map_err(|()| Refusal::NotGeoJson)?
    } else {
        imports::read_table(
            &Table::read(file.bytes).map_err(Refusal::NotATable)?,
            &file.declared,
        )
    };
    list.refuse(|draft| {
        let foreign = policy::may(actor, Action::EditAssets, &draft.division).is_err();
        foreign.then(|| {
            let division = draft.division.as_str().to_owned();
            ("division", "foreign_division", division)
        })
    });
    settled(|| imported(ctx, actor, &file, list.clone(), writing)).await
}

async fn imported(
    ctx: &Ctx,
    actor: &Actor,
    file: &File<'_>,
    list: List<Draft>,
    writing: Writing,
) -> Result<Report, Failure> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let known = store::of_source(&mut tx, &ctx.seal, file.source).await?;
    let made = |before: Option<&Asset>, line: Line<Draft>| {
        let (id, version) = before.map_or_else(
            || (AssetId::new(now), 1),
            |before| (before.id.clone(), before.version + 1),
        );
        let made = asset(id, file.source, line.source_id, line.draft, now, version)?;
        Ok::<_, Refusal>(Asset {
            datum_in: file.declared.datum,
            ..made
        })
    };
    let Sorted { report, fresh } = list.sort(&known, writing, made, same)?;
    if report.applied {
        let mut events = Vec::with_capacity(fresh.len());
        for asset in &fresh {
            store::put(&mut tx, &ctx.seal, asset).await?;
            events.push(written(asset, actor));
        }
        tx.append_all(events, now).await?;
        tx.commit().await?;
    }
    Ok(report)
}

/// Equal but for the marks of this import.
fn same(before: &Asset, new: &Asset) -> bool {
    let unmarked = Asset {
        updated_at: before.updated_at,
        version: before.version,
        verified_at: before.verified_at,
        ..new.clone()
    };
    unmarked == *before
}

/// What a spatial question asks.
#[derive(Debug, Clone)]
pub struct Question {
    pub place: [f64; 2],
    pub kinds: Vec<&'static Kind>,
    pub limit: usize,
}

/// Assets at most `radius_m` metres (haversine) from a place, nearest first.
///
/// # Errors
/// When the question makes no sense or the actor may not read assets.
#[tracing::instrument(name = "asset.within", skip_all)]
pub async fn within(
    ctx: &Ctx,
    atlas: &Atlas,
    actor: &Actor,
    question: &Question,
    radius_m: f64,
) -> Result<Found, Failure> {
    policy::may_somewhere(actor, Action::ReadAssets)?;
    let centre = place(question)?;
    if !(radius_m > 0.0 && radius_m <= RADIUS_MAX_M) {
        return Err(Refusal::BadQuestion("radius_m").into());
    }
    let drawn = drawing(ctx, atlas).await?;
    let found = drawn.within(centre, radius_m, fenghuotai_maps::query::LIMIT_MAX);
    let mut keys: Vec<(Key, f64)> = found
        .hits
        .iter()
        .filter(|hit| suits(hit.key, actor, &question.kinds))
        .map(|hit| (hit.key.clone(), hit.distance_m.unwrap_or_default()))
        .collect();
    let truncated = found.truncated || keys.len() > question.limit;
    keys.truncate(question.limit.min(FOUND_MAX));
    Ok(Found {
        items: with_rows(ctx, keys).await?,
        truncated,
    })
}

/// The nearest assets in use of each kind asked for.
///
/// # Errors
/// When the question makes no sense or the actor may not read assets.
#[tracing::instrument(name = "asset.nearest", skip_all)]
pub async fn nearest(
    ctx: &Ctx,
    atlas: &Atlas,
    actor: &Actor,
    question: &Question,
) -> Result<Found, Failure> {
    policy::may_somewhere(actor, Action::ReadAssets)?;
    let centre = place(question)?;
    let drawn = drawing(ctx, atlas).await?;
    let mut keys = Vec::new();
    for kind in &question.kinds {
        let keep = |key: &Key| key.in_use && suits(key, actor, std::slice::from_ref(kind));
        let found = drawn.nearest(centre, question.limit.min(FOUND_MAX), keep);
        keys.extend(
            found
                .hits
                .iter()
                .map(|hit| (hit.key.clone(), hit.distance_m.unwrap_or_default())),
        );
    }
    Ok(Found {
        items: with_rows(ctx, keys).await?,
        truncated: false,
    })
}

/// Everything that has a place and was not removed: for the live map, which asks who may see what.
///
/// # Errors
/// When the database does not answer.
pub async fn placed(ctx: &Ctx) -> Result<Vec<Placed>, Fault> {
    store::placed(ctx.db.read()).await
}

/// The kinds that help with an incident of this category.
#[must_use]
pub fn suitable_kinds(category: &str) -> Vec<&'static Kind> {
    KINDS.iter().filter(|kind| kind.suits(category)).collect()
}

fn suits(key: &Key, actor: &Actor, kinds: &[&'static Kind]) -> bool {
    let asked = kinds.is_empty() || kinds.iter().any(|kind| kind.code == key.kind.code);
    asked && policy::may(actor, Action::ReadAssets, &key.division).is_ok()
}

fn place(question: &Question) -> Result<LonLat, Refusal> {
    LonLat::new(question.place[0], question.place[1]).map_err(|_| Refusal::BadQuestion("place"))
}

async fn with_rows(ctx: &Ctx, keys: Vec<(Key, f64)>) -> Result<Vec<Near>, Fault> {
    let ids: Vec<&AssetId> = keys.iter().map(|(key, _)| &key.id).collect();
    let mut assets = store::by_ids(ctx.db.read(), &ctx.seal, &ids).await?;
    // Removed since the drawing was made: then it is not there.
    let near = keys.into_iter().filter_map(|(key, distance_m)| {
        Some(Near {
            asset: assets.remove(&key.id)?.into(),
            distance_m: distance_m.round(),
        })
    });
    Ok(near.collect())
}

/// Where everything stands, drawn anew when the registry has changed.
async fn drawing(ctx: &Ctx, atlas: &Atlas) -> Result<Arc<Drawn>, Fault> {
    let stamp = store::stamp(ctx.db.read()).await?;
    if let Some(drawn) = atlas.kept(stamp) {
        return Ok(drawn);
    }
    let mut items = Vec::new();
    for placed in store::placed(ctx.db.read()).await? {
        let Ok(shape) = shape(&placed.geometry) else {
            tracing::warn!(asset.id = %placed.id, "an asset cannot be drawn and is left out of spatial answers");
            continue;
        };
        let key = Key {
            id: placed.id,
            kind: placed.kind,
            division: placed.division,
            in_use: placed.status == Status::InUse,
        };
        items.push((key, shape));
    }
    Ok(atlas.keep(SpatialSet::build(items), stamp))
}

/// The draft with its geometry in WGS-84, if everything about it is right.
fn valid(mut draft: Draft) -> Result<Draft, Refusal> {
    let wrongs = draft.wrongs();
    if !wrongs.is_empty() {
        return Err(Refusal::Invalid(wrongs));
    }
    if let Some(geometry) = &draft.geometry {
        let converted =
            to_wgs84(geometry, draft.datum).map_err(|why| Refusal::BadGeometry(why.to_string()))?;
        draft.geometry = Some(converted);
    }
    Ok(draft)
}

fn asset(
    id: AssetId,
    source: &str,
    source_id: String,
    draft: Draft,
    now: Millis,
    version: i64,
) -> Result<Asset, Refusal> {
    let kind = Kind::parse(&draft.kind).ok_or_else(|| Refusal::Invalid(draft.wrongs()))?;
    Ok(Asset {
        id,
        kind,
        name: draft.name,
        division: draft.division,
        address: draft.address,
        geometry: draft.geometry,
        datum_in: draft.datum,
        org: draft.org,
        contacts: draft.contacts,
        status: draft.status,
        details: draft.details,
        source: source.to_owned(),
        source_id,
        verified_at: Some(now),
        updated_at: now,
        version,
    })
}

fn written(asset: &Asset, actor: &Actor) -> journal::Draft {
    journal::Draft {
        kind: if asset.version == 1 {
            "asset.added"
        } else {
            "asset.changed"
        },
        entity: asset.id.to_string(),
        entity_version: asset.version,
        jurisdiction: asset.division.as_str().to_owned(),
        topics: vec!["asset".into()],
        actor: actor.account_id.to_string(),
        payload: json!({
            "kind": asset.kind.code,
            "name": asset.name,
            "status": asset.status,
            "geometry": asset.geometry,
            "source": asset.source,
            "source_id": asset.source_id,
        }),
    }
}
