//! What the words of foreign call records mean here: services, categories and likely columns.

use super::plan::{CategoryRule, Columns, Plan, ServiceRule};
use crate::incident::category::Category;

/// Words in subjects, tried in order; the narrower stands before the wider.
const MEANINGS: &[(&str, &str)] = &[
    ("vehicle accident", "accident.transport.road"),
    ("vehicle fire", "accident.work_safety.fire"),
    ("train crash", "accident.transport.rail"),
    ("plane crash", "accident.transport.air"),
    ("helicopter landing", "accident.transport.air"),
    ("disabled vehicle", "accident.transport.obstruction"),
    ("road obstruction", "accident.transport.obstruction"),
    ("hazardous road", "accident.transport.obstruction"),
    ("debris/fluids", "accident.transport.obstruction"),
    ("leaking fuel", "accident.work_safety.hazmat"),
    ("hazardous materials", "accident.work_safety.hazmat"),
    ("gas-odor", "accident.facility.gas"),
    ("carbon monoxide", "accident.facility.gas"),
    ("electrical fire", "accident.facility.power"),
    ("elevator", "accident.facility.lift"),
    ("fire alarm", "accident.facility.alarm"),
    ("fire investigation", "accident.facility.alarm"),
    ("fire special service", "accident.facility.alarm"),
    ("fire police", "accident.facility.alarm"),
    ("pump detail", "accident.facility.water"),
    ("woods/field fire", "natural.wildfire"),
    ("fire", "accident.work_safety.fire"),
    ("rescue - water", "accident.transport.water"),
    ("rescue", "accident.facility"),
    ("shooting", "security.crime"),
    ("stabbing", "security.crime"),
    ("assault", "security.crime"),
    ("ems:", "health.medical"),
    ("medical", "health.medical"),
    ("cardiac", "health.medical"),
    ("burn victim", "health.medical"),
    ("交通事故", "accident.transport.road"),
    ("车祸", "accident.transport.road"),
    ("抛锚", "accident.transport.obstruction"),
    ("危化", "accident.work_safety.hazmat"),
    ("燃气", "accident.facility.gas"),
    ("电梯", "accident.facility.lift"),
    ("爆炸", "accident.work_safety.explosion"),
    ("森林", "natural.wildfire"),
    ("火", "accident.work_safety.fire"),
    ("内涝", "natural.flood.urban"),
    ("积水", "natural.flood.urban"),
    ("洪水", "natural.flood.river"),
    ("滑坡", "natural.geology"),
    ("地震", "natural.earthquake"),
    ("停电", "accident.facility.power"),
    ("中毒", "health.food_drug"),
    ("急救", "health.medical"),
    ("伤人", "security.crime"),
];

/// How senders begin the subject when they name the service in it.
const SERVICES: &[(&str, &str)] = &[
    ("EMS:", "120"),
    ("Fire:", "119"),
    ("Traffic:", "122"),
    ("Police:", "110"),
];

/// Header names seen in files, in lower case.
const LON: &[&str] = &["lng", "lon", "long", "longitude", "经度", "x"];
const LAT: &[&str] = &["lat", "latitude", "纬度", "y"];
const TIME: &[&str] = &[
    "timestamp",
    "received_at",
    "call_time",
    "time",
    "datetime",
    "接警时间",
    "报警时间",
    "来电时间",
];
const ADDRESS: &[&str] = &[
    "addr",
    "address",
    "place",
    "地址",
    "地点",
    "事发地点",
    "twp",
    "township",
];
const SUBJECT: &[&str] = &[
    "title",
    "subject",
    "type",
    "nature",
    "警情类别",
    "类别",
    "类型",
];
const TEXT: &[&str] = &[
    "desc",
    "description",
    "text",
    "内容",
    "报警内容",
    "简要情况",
];
const KEY: &[&str] = &[
    "id",
    "call_id",
    "incident_number",
    "警情编号",
    "编号",
    "接警单号",
];
const CALLER: &[&str] = &["caller", "报警人"];
const PHONE: &[&str] = &["phone", "telephone", "报警电话", "联系电话"];
const SERVICE: &[&str] = &["service", "called_number", "接警电话"];

/// The category of a subject by the plan's own rules, then by the words known here.
#[must_use]
pub fn category(plan: &Plan, subject: &str) -> Option<Category> {
    let subject = subject.to_lowercase();
    let own = plan
        .categories
        .iter()
        .map(|CategoryRule { contains, category }| (contains.to_lowercase(), category.as_str()));
    let built_in = MEANINGS
        .iter()
        .map(|&(contains, category)| (contains.to_owned(), category));
    own.chain(built_in)
        .find(|(contains, _)| !contains.is_empty() && subject.contains(contains))
        .and_then(|(_, category)| Category::parse(category))
}

impl Plan {
    /// The service of a call and its subject without the service's name.
    #[must_use]
    pub fn service(&self, given: &str, subject: &str) -> (String, String) {
        let named = self.services.iter().find(|rule| {
            !rule.starts_with.is_empty()
                && subject.get(..rule.starts_with.len()) == Some(rule.starts_with.as_str())
        });
        let (service, rest) = match named {
            Some(rule) => (rule.service.as_str(), &subject[rule.starts_with.len()..]),
            None => (given, subject),
        };
        let service = if given.is_empty() { service } else { given };
        (
            service.to_owned(),
            rest.trim().trim_end_matches('-').trim_end().to_owned(),
        )
    }
}

/// Columns and services a person will most likely choose, from the header and the first rows.
#[must_use]
pub fn suggest(header: &[String], rows: &[Vec<String>]) -> (Columns, Vec<ServiceRule>) {
    let find = |names: &[&str]| {
        names.iter().find_map(|name| {
            header
                .iter()
                .find(|column| column.to_lowercase() == *name)
                .cloned()
        })
    };
    let all = |names: &[&str]| {
        names
            .iter()
            .filter_map(|name| find(&[name]))
            .collect::<Vec<_>>()
    };
    let columns = Columns {
        source_id: find(KEY),
        received_at: find(TIME).into_iter().collect(),
        occurred_at: Vec::new(),
        lon: find(LON),
        lat: find(LAT),
        accuracy_m: find(&["accuracy_m", "accuracy"]),
        address: all(ADDRESS),
        subject: find(SUBJECT),
        text: find(TEXT),
        service: find(SERVICE),
        caller: find(CALLER),
        phone: find(PHONE),
    };
    let at = columns
        .subject
        .as_ref()
        .and_then(|name| header.iter().position(|column| column == name));
    let subjects: Vec<&str> = at.map_or_else(Vec::new, |at| {
        rows.iter()
            .filter_map(|row| row.get(at))
            .map(String::as_str)
            .collect()
    });
    let named = SERVICES
        .iter()
        .any(|(prefix, _)| subjects.iter().any(|subject| subject.starts_with(prefix)));
    let services = if named { SERVICES } else { &[] };
    let services = services
        .iter()
        .map(|&(prefix, service)| ServiceRule {
            starts_with: prefix.to_owned(),
            service: service.to_owned(),
        })
        .collect();
    (columns, services)
}
