//! What importing a boundary file would change: every feature read, repaired or refused by name.

use std::collections::BTreeMap;

use geojson::{Feature, FeatureCollection};
use jiff::civil::Date;

use super::code::DivisionCode;
use super::link::{self, Datum, LonLat};
use super::model::{Boundary, Division, DivisionKind, Validity};
use super::report::{Line, Outcome, Report};

/// What is declared with a boundary file.
#[derive(Clone, Debug)]
pub struct Declared {
    pub datum: Datum,
    /// First day the boundaries hold; open: since before records.
    pub from: Option<Date>,
    pub source: String,
    /// Make divisions the code list does not have, instead of refusing them.
    pub creates_divisions: bool,
}

/// What a survey found.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    pub boundaries: Vec<Boundary>,
    /// Divisions made or changed on the way (seat of government).
    pub divisions: Vec<Division>,
    pub report: Report,
}

/// Names of one feature for its line.
struct Named {
    line: usize,
    code: String,
    name: String,
}

/// Reads every feature.
///
/// # Errors
/// Not GeoJSON, or not a collection of features.
pub fn survey(
    text: &str,
    declared: &Declared,
    divisions: &BTreeMap<DivisionCode, Division>,
    stored: &BTreeMap<(DivisionCode, Option<Date>), String>,
) -> Result<Survey, String> {
    let collection: FeatureCollection = text
        .parse()
        .map_err(|why: geojson::Error| why.to_string())?;
    let mut survey = Survey::default();
    let mut seen: BTreeMap<DivisionCode, usize> = BTreeMap::new();
    for (number, feature) in collection.features.iter().enumerate() {
        let named = Named {
            line: number + 1,
            code: word(feature, "adcode")
                .or_else(|| word(feature, "code"))
                .unwrap_or_default(),
            name: word(feature, "name").unwrap_or_default(),
        };
        match read(feature, &named, declared, divisions, &seen) {
            Ok((division, boundary)) => {
                seen.insert(division.code.clone(), named.line);
                survey.take(&named, division, boundary, divisions, stored);
            }
            Err(line) => survey.report.say(*line),
        }
    }
    survey.report.arrange();
    Ok(survey)
}

impl Survey {
    fn take(
        &mut self,
        named: &Named,
        division: Division,
        boundary: Boundary,
        divisions: &BTreeMap<DivisionCode, Division>,
        stored: &BTreeMap<(DivisionCode, Option<Date>), String>,
    ) {
        if divisions.get(&division.code) != Some(&division) {
            self.divisions.push(division);
        }
        let before = stored.get(&(boundary.code.clone(), boundary.from));
        if before.is_some_and(|before| *before == link::to_text(&boundary.area)) {
            self.report.count(Outcome::Unchanged);
            return;
        }
        if let Some(repaired) = &boundary.repaired {
            let place = repaired.rsplit_once('@').and_then(|(_, place)| {
                let (lon, lat) = place.split_once(',')?;
                Some([lon.parse().ok()?, lat.parse().ok()?])
            });
            self.report.say(
                *Line::new(
                    named.into(),
                    Outcome::Repaired,
                    "boundary.repaired",
                    format!("边界有误，已修复：{repaired}。请核对该处。"),
                    format!(
                        "The boundary was not valid and was put right: {repaired}. Check it there."
                    ),
                )
                .at(place),
            );
        } else {
            self.report.count(if before.is_some() {
                Outcome::Changed
            } else {
                Outcome::Added
            });
        }
        self.boundaries.push(boundary);
    }
}

fn read(
    feature: &Feature,
    named: &Named,
    declared: &Declared,
    divisions: &BTreeMap<DivisionCode, Division>,
    seen: &BTreeMap<DivisionCode, usize>,
) -> Result<(Division, Boundary), Box<Line>> {
    let refused = |reason: &str, zh: String, en: String| {
        Line::new(named.into(), Outcome::Refused, reason, zh, en)
    };
    if named.name.is_empty() || named.code.ends_with("_JD") {
        return Err(Line::new(
            named.into(),
            Outcome::Skipped,
            "not_a_division",
            "没有名称或为界线要素，不是行政区划，已跳过。",
            "It has no name or is a line, not a division: left out.",
        ));
    }
    let code = DivisionCode::parse(&named.code).map_err(|why| {
        refused(
            "code",
            format!("区划代码“{}”有误。", named.code),
            format!("“{}”: {why}.", named.code),
        )
    })?;
    if let Some(first) = seen.get(&code) {
        return Err(refused(
            "twice",
            format!("第 {first} 个要素已是该区划。"),
            format!("Feature {first} is the same division already."),
        ));
    }
    let mut division = match divisions.get(&code) {
        Some(known) => known.clone(),
        None if declared.creates_divisions => Division {
            kind: DivisionKind::of(&code, &named.name),
            pinyin: super::pinyin::usual(&named.name),
            name: named.name.clone(),
            valid: Validity {
                from: declared.from,
                until: None,
            },
            successor: None,
            seat: None,
            version: 1,
            code: code.clone(),
        },
        None => {
            return Err(refused(
                "unknown_division",
                "区划代码库中没有该代码，请先导入区划代码。".to_owned(),
                "The code list does not have this code. Import the list first.".to_owned(),
            ));
        }
    };
    let geometry = feature.geometry.as_ref().ok_or_else(|| {
        refused(
            "boundary.empty",
            "没有几何图形。".to_owned(),
            "It has no geometry.".to_owned(),
        )
    })?;
    let usable = link::usable(geometry, declared.datum).map_err(|why| {
        let place = why.place.map(<[f64; 2]>::from);
        let near = place
            .map(|[lon, lat]| format!("（{lon:.6}, {lat:.6} 附近）"))
            .unwrap_or_default();
        refused(
            why.code,
            format!("{}边界无法使用{near}：{}", named.name, why.text),
            why.text.clone(),
        )
        .at(place)
    })?;
    if let Some([lon, lat]) = seat(feature)
        && let Ok(place) = LonLat::new(lon, lat).and_then(|place| declared.datum.to_wgs84(place))
    {
        division.seat = Some(place.into());
        if divisions
            .get(&code)
            .is_some_and(|known| known.seat != division.seat)
        {
            division.version += 1;
        }
    }
    let repaired = (!usable.repairs.is_empty()).then(|| {
        let one =
            |(flaw, near): &(&str, LonLat)| format!("{flaw}@{:.6},{:.6}", near.lon(), near.lat());
        usable
            .repairs
            .iter()
            .map(one)
            .collect::<Vec<_>>()
            .join("; ")
    });
    let boundary = Boundary {
        code,
        from: declared.from,
        area: usable.area,
        datum_in: declared.datum.as_str().to_owned(),
        source: declared.source.clone(),
        repaired,
    };
    Ok((division, boundary))
}

/// A property that may be a text or a number.
fn word(feature: &Feature, key: &str) -> Option<String> {
    match feature.property(key)? {
        serde_json::Value::String(text) => Some(text.trim().to_owned()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The seat of government; `centroid` is the middle of the area and tens of kilometres away.
fn seat(feature: &Feature) -> Option<[f64; 2]> {
    let numbers = feature.property("center")?.as_array()?;
    Some([numbers.first()?.as_f64()?, numbers.get(1)?.as_f64()?])
}

impl<'a> From<&'a Named> for (usize, &'a str, &'a str) {
    fn from(named: &'a Named) -> Self {
        (named.line, &named.code, &named.name)
    }
}
