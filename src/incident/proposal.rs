//! Which of many reports belong together: groups for one click, none of them a chain.

use std::collections::BTreeMap;

use super::{
    duplicate::{self, Evidence, Sighting, WINDOW_MS},
    model::IncidentId,
};

/// More reports than this in one group are left for the next look.
pub const GROUP_MAX: usize = 50;

/// One incident told several times. The earliest report is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    pub keep: IncidentId,
    pub others: Vec<Member>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    pub id: IncidentId,
    /// How it compares with the report that is kept.
    pub score: i32,
    pub evidence: Vec<Evidence>,
}

/// Groups reports given in order of time. Each is compared with the report a group keeps, never with the last
/// that joined: groups cannot creep along a street or through an evening.
#[must_use]
pub fn groups(reports: &[(IncidentId, Sighting)]) -> Vec<Group> {
    let mut open: Vec<usize> = Vec::new();
    let mut members: BTreeMap<usize, Vec<Member>> = BTreeMap::new();
    for (index, (id, sighting)) in reports.iter().enumerate() {
        open.retain(|&first| sighting.at.since(reports[first].1.at) <= WINDOW_MS);
        let best = open
            .iter()
            .filter(|first| members.get(first).map_or(0, Vec::len) < GROUP_MAX)
            .filter_map(|&first| Some((first, duplicate::compare(&reports[first].1, sighting)?)))
            .filter(|(_, score)| score.proposes())
            .max_by_key(|(first, score)| (score.total, std::cmp::Reverse(*first)));
        match best {
            Some((first, score)) => members.entry(first).or_default().push(Member {
                id: id.clone(),
                score: score.total,
                evidence: score.evidence,
            }),
            None => open.push(index),
        }
    }
    members
        .into_iter()
        .map(|(first, others)| Group {
            keep: reports[first].0.clone(),
            others,
        })
        .collect()
}

/// Sets every report's crowd: how many reports at exactly its point lie outside its time window.
pub fn count_crowds(reports: &mut [(IncidentId, Sighting)]) {
    let mut at_point: BTreeMap<(u64, u64), Vec<i64>> = BTreeMap::new();
    for (_, sighting) in reports.iter() {
        if let Some(point) = sighting.point {
            at_point
                .entry((point.lon.to_bits(), point.lat.to_bits()))
                .or_default()
                .push(sighting.at.0);
        }
    }
    for times in at_point.values_mut() {
        times.sort_unstable();
    }
    for (_, sighting) in reports.iter_mut() {
        if let Some(times) = sighting
            .point
            .and_then(|p| at_point.get(&(p.lon.to_bits(), p.lat.to_bits())))
        {
            let from = times.partition_point(|&at| at < sighting.at.0 - WINDOW_MS);
            let to = times.partition_point(|&at| at <= sighting.at.0 + WINDOW_MS);
            sighting.crowd = sighting.crowd.max(times.len() - (to - from));
        }
    }
}
