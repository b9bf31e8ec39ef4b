//! Incidents as JSON.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    category::{self, Category},
    duplicate::Evidence,
    figures::{self, Figure, FigureKey},
    level::{self, Level, Silence},
    lifecycle::Status,
    model::{self, CallId, Datum, FigureId, IncidentId, Sensitivity, Source},
};
use crate::platform::{Millis, journal, sealing::mask, spelling};

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Incident)]
pub struct Incident {
    pub id: IncidentId,
    pub number: String,
    pub title: String,
    /// Slug, see `GET /incidents/categories`.
    pub category: &'static str,
    pub level: Option<Level>,
    /// Rule that was followed, or the reason of the person who set the level.
    pub level_basis: Option<String>,
    pub status: Status,
    pub status_reason: Option<String>,
    pub transferred_to: Option<String>,
    /// The incident this one is merged into.
    pub duplicate_of: Option<IncidentId>,
    pub division: String,
    pub place_text: String,
    /// WGS-84.
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    pub accuracy_m: Option<f64>,
    /// Datum in which the point was given.
    pub datum_in: Datum,
    pub description: String,
    pub sensitive: Vec<Sensitivity>,
    pub exercise: bool,
    pub source: Source,
    pub occurred_at: Option<Millis>,
    pub received_at: Millis,
    pub recorded_at: Millis,
    pub updated_at: Millis,
    pub recorded_by: String,
    pub import_id: Option<String>,
    /// What may be done to it now.
    pub verbs: &'static [&'static str],
    pub version: i64,
}

impl From<&model::Incident> for Incident {
    fn from(incident: &model::Incident) -> Self {
        let life = &incident.lifecycle;
        Self {
            id: incident.id.clone(),
            number: incident.number.clone(),
            title: incident.title.clone(),
            category: incident.category.slug(),
            level: incident.level,
            level_basis: incident.level_basis.clone(),
            status: life.status,
            status_reason: life.reason.clone(),
            transferred_to: life.transferred_to.clone(),
            duplicate_of: life.merged.as_ref().map(|merged| merged.into.clone()),
            division: incident.division.as_str().to_owned(),
            place_text: incident.place.text.clone(),
            lon: incident.place.point.map(|point| point.lon),
            lat: incident.place.point.map(|point| point.lat),
            accuracy_m: incident.place.accuracy_m,
            datum_in: incident.place.datum_in,
            description: incident.description.clone(),
            sensitive: incident.sensitive.clone(),
            exercise: incident.exercise,
            source: incident.source,
            occurred_at: incident.occurred_at,
            received_at: incident.received_at,
            recorded_at: incident.recorded_at,
            updated_at: incident.updated_at,
            recorded_by: incident.recorded_by.clone(),
            import_id: incident.import_id.clone(),
            verbs: life.verbs(),
            version: incident.version,
        }
    }
}

/// A report as the intake form sends it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = IncidentReport)]
pub struct Report {
    /// Chosen by the client; the same id again answers the same incident.
    pub id: Option<IncidentId>,
    /// Made of place and category when empty.
    pub title: String,
    /// Slug.
    pub category: String,
    pub level: Option<Level>,
    pub level_basis: Option<String>,
    /// The division of the point, or the reporter's own, when empty.
    pub division: String,
    pub place_text: String,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    pub accuracy_m: Option<f64>,
    pub datum: Datum,
    pub description: String,
    pub sensitive: Vec<Sensitivity>,
    pub exercise: bool,
    pub source: Source,
    pub occurred_at: Option<Millis>,
    /// Now, when absent.
    pub received_at: Option<Millis>,
    /// Keep it as a draft for now.
    pub draft: bool,
    pub call: CallIn,
    pub figures: Vec<FigureIn>,
}

/// Who told us.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CallIn {
    pub id: Option<CallId>,
    /// `110`, `119`, `120`, `122`, `12345`, `duty`.
    pub service: String,
    pub caller: String,
    pub phone: String,
    /// What it is about, in the caller's words; short.
    pub subject: String,
}

/// One more call about a known incident.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FurtherCall {
    pub id: Option<CallId>,
    pub service: String,
    pub caller: String,
    pub phone: String,
    pub subject: String,
    pub text: String,
    pub place_text: String,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    pub accuracy_m: Option<f64>,
    pub datum: Datum,
    pub occurred_at: Option<Millis>,
    pub received_at: Option<Millis>,
}

/// Fields to change; an absent one stays, `null` empties it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Change {
    /// The version that was looked at.
    #[schema(required)]
    pub version: i64,
    pub title: Option<String>,
    pub category: Option<String>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<Level>)]
    pub level: Option<Option<Level>>,
    /// Needed when the level is not the proposed one.
    pub level_basis: Option<String>,
    pub division: Option<String>,
    pub place_text: Option<String>,
    /// Both or neither; `null` takes the point away.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<f64>)]
    pub lon: Option<Option<f64>>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<f64>)]
    pub lat: Option<Option<f64>>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<f64>)]
    pub accuracy_m: Option<Option<f64>>,
    pub datum: Datum,
    pub description: Option<String>,
    pub sensitive: Option<Vec<Sensitivity>>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    pub occurred_at: Option<Option<Millis>>,
}

/// Tells `null` from absent.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// Body of a life-cycle verb; each uses what it needs.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Act {
    /// When given, it must be the present one.
    pub version: Option<i64>,
    /// Needed by dismiss, transfer, reopen.
    pub reason: String,
    /// Receiving organisation of a transfer.
    pub to: String,
    /// The incident to merge into.
    pub into: Option<IncidentId>,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Comma-separated; all when absent.
    pub status: String,
    pub level: Option<Level>,
    /// Slug: the category or anything below it.
    pub category: String,
    pub division: String,
    /// Part of title, place or number.
    pub q: String,
    pub import_id: Option<String>,
    /// `next` of the page before.
    pub after: String,
    /// 1–200, default 50.
    pub limit: Option<usize>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = IncidentDetail)]
pub struct Detail {
    pub incident: Incident,
    /// Newest of each key, with who said so and when.
    pub figures: Vec<FigureOut>,
    /// All callers, also of the incidents merged into this one.
    pub calls: Vec<CallOut>,
    /// Merged into this one, directly or not.
    pub merged: Vec<Incident>,
    pub proposal: Proposal,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Call)]
pub struct CallOut {
    pub id: CallId,
    pub incident_id: IncidentId,
    pub service: String,
    pub caller: String,
    /// Masked: `138****0001`. `POST …/reveal` shows it in full and records the look.
    pub phone: String,
    pub subject: String,
    pub text: String,
    pub place_text: String,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    pub occurred_at: Option<Millis>,
    pub received_at: Millis,
    pub recorded_at: Millis,
    pub source: String,
    pub import_id: Option<String>,
    pub line: Option<i64>,
}

impl From<&model::Call> for CallOut {
    fn from(call: &model::Call) -> Self {
        Self {
            id: call.id.clone(),
            incident_id: call.incident_id.clone(),
            service: call.service.clone(),
            caller: call.caller.clone(),
            phone: mask(&call.phone),
            subject: call.subject.clone(),
            text: call.text.clone(),
            place_text: call.place.text.clone(),
            lon: call.place.point.map(|point| point.lon),
            lat: call.place.point.map(|point| point.lat),
            occurred_at: call.occurred_at,
            received_at: call.received_at,
            recorded_at: call.recorded_at,
            source: call.origin.source.clone(),
            import_id: call.origin.import_id.clone(),
            line: call.origin.line,
        }
    }
}

/// The caller's number, after a look that was recorded.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CallRevealed)]
pub struct Revealed {
    pub phone: String,
}

/// A figure somebody gives.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FigureIn {
    /// Chosen by the client; the same id again changes nothing.
    #[serde(default)]
    pub id: Option<FigureId>,
    pub key: FigureKey,
    pub value: i64,
    /// Who said so.
    pub source: String,
    /// When it was true; now when absent.
    #[serde(default)]
    pub as_of: Option<Millis>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Figure)]
pub struct FigureOut {
    pub id: FigureId,
    pub key: FigureKey,
    pub value: i64,
    pub source: String,
    pub as_of: Millis,
    pub recorded_by: String,
    pub recorded_by_name: String,
    pub recorded_at: Millis,
}

impl From<&Figure> for FigureOut {
    fn from(figure: &Figure) -> Self {
        Self {
            id: figure.id.clone(),
            key: figure.key,
            value: figure.value,
            source: figure.source.clone(),
            as_of: figure.as_of,
            recorded_by: figure.recorded_by.clone(),
            recorded_by_name: figure.recorded_by_name.clone(),
            recorded_at: figure.recorded_at,
        }
    }
}

/// Newest of each key, in the order of the keys.
#[must_use]
pub fn heads(series: &[Figure]) -> Vec<FigureOut> {
    figures::newest(series)
        .into_values()
        .map(FigureOut::from)
        .collect()
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = FigureSeries)]
pub struct Series {
    pub heads: Vec<FigureOut>,
    /// Oldest moment first.
    pub series: Vec<FigureOut>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Slug.
    pub category: String,
    #[serde(default)]
    pub figures: std::collections::BTreeMap<FigureKey, i64>,
    #[serde(default)]
    pub sensitive: Vec<Sensitivity>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = LevelProposal)]
pub struct Proposal {
    pub level: Option<Level>,
    /// For each known figure the gravest rule it fulfils, gravest first.
    pub fired: Vec<FiredRule>,
    /// Why there is no level.
    pub silence: Option<Silence>,
    /// Sensitive place, time or people: report upward whatever the level.
    pub report_regardless: bool,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FiredRule {
    pub id: &'static str,
    pub level: Level,
    pub key: FigureKey,
    pub at_least: i64,
    pub value: i64,
    pub text: &'static str,
    pub text_en: &'static str,
    pub source: &'static str,
    pub source_en: &'static str,
    pub valid_from: &'static str,
}

impl From<level::Proposal> for Proposal {
    fn from(proposal: level::Proposal) -> Self {
        let fired = proposal
            .fired
            .iter()
            .filter_map(|fired| {
                let set = level::RULE_SETS.iter().find(|set| set.id == fired.set)?;
                Some(FiredRule {
                    id: fired.rule.id,
                    level: fired.rule.level,
                    key: fired.rule.key,
                    at_least: fired.rule.at_least,
                    value: fired.value,
                    text: fired.rule.zh,
                    text_en: fired.rule.en,
                    source: set.source_zh,
                    source_en: set.source_en,
                    valid_from: set.valid_from,
                })
            })
            .collect();
        Self {
            level: proposal.level,
            fired,
            silence: proposal.silence,
            report_regardless: proposal.report_regardless,
        }
    }
}

/// What is typed so far.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DuplicateQuery {
    pub category: String,
    pub place_text: String,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    pub accuracy_m: Option<f64>,
    pub datum: Datum,
    pub service: String,
    pub phone: String,
    pub subject: String,
    /// Now, when absent.
    pub received_at: Option<Millis>,
    /// Leave this incident out: it is the one being looked at.
    pub except: Option<IncidentId>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DuplicateCandidate)]
pub struct Candidate {
    pub incident: Incident,
    /// 0–100; proposed from 60.
    pub score: i32,
    pub proposed: bool,
    pub evidence: Vec<Evidence>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DuplicateCandidates)]
pub struct Candidates {
    /// Best first.
    pub items: Vec<Candidate>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = IncidentTimeline)]
pub struct Timeline {
    pub items: Vec<TimelineItem>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TimelineItem {
    pub seq: i64,
    pub at: Millis,
    /// Name of who did it, as it was then.
    pub by: String,
    pub kind: String,
    /// The incident it happened to: this one or one merged into it.
    pub incident_id: String,
    #[schema(value_type = Object)]
    pub payload: serde_json::Value,
}

impl From<journal::Entry> for TimelineItem {
    fn from(entry: journal::Entry) -> Self {
        let by = entry
            .payload
            .get("by")
            .and_then(|by| by.as_str())
            .unwrap_or_default()
            .to_owned();
        Self {
            seq: entry.seq,
            at: entry.at,
            by,
            kind: entry.kind,
            incident_id: entry.entity,
            payload: entry.payload,
        }
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = IncidentCategory)]
pub struct CategoryOut {
    pub slug: &'static str,
    pub parent: Option<&'static str>,
    pub zh: &'static str,
    pub en: &'static str,
    /// Name, pinyin and initials, separated by blanks: what a person may type.
    pub spelling: String,
    /// `law-kind`, `plan` or `local`.
    pub system: &'static str,
    pub has_levels: bool,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = IncidentCategories)]
pub struct Categories {
    pub items: Vec<CategoryOut>,
}

/// The whole table, parents before children.
#[must_use]
pub fn categories() -> Categories {
    let items = Category::all()
        .map(|category| {
            let category::Entry {
                slug,
                zh,
                en,
                system,
            } = *category.entry();
            CategoryOut {
                slug,
                parent: category.parent().map(Category::slug),
                zh,
                en,
                spelling: spelling::index([zh]),
                system: system.as_str(),
                has_levels: category.has_levels(),
            }
        })
        .collect();
    Categories { items }
}
