//! All divisions and boundaries in memory: where a point lies, what a name means. Rebuilt when they change.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use jiff::civil::Date;

use super::code::{DivisionCode, Level};
use super::link::{Area, BBox, Boxes, LonLat};
use super::model::{Boundary, Division};
use super::pinyin;

/// The handle that everybody shares; reading it never waits.
#[derive(Clone, Debug, Default)]
pub struct Atlas(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    sheet: ArcSwap<Sheet>,
    /// One import at a time: what it decided must still be true when it is written.
    importing: AtomicBool,
}

impl Atlas {
    /// The state at this moment, unchanged for as long as it is held.
    pub fn sheet(&self) -> Arc<Sheet> {
        self.0.sheet.load_full()
    }

    /// The turn to import; `None` while another import is under way.
    pub(super) fn import_turn(&self) -> Option<ImportTurn> {
        let was_free = !self.0.importing.swap(true, Ordering::AcqRel);
        was_free.then(|| ImportTurn(self.0.clone()))
    }

    pub(super) fn replace(&self, sheet: Sheet) {
        self.0.sheet.store(Arc::new(sheet));
    }
}

/// Gives the turn back when it is dropped.
#[derive(Debug)]
pub(super) struct ImportTurn(Arc<Shared>);

impl Drop for ImportTurn {
    fn drop(&mut self) {
        self.0.importing.store(false, Ordering::Release);
    }
}

/// One state of the divisions.
#[derive(Debug)]
pub struct Sheet {
    divisions: BTreeMap<DivisionCode, Division>,
    keys: BTreeMap<DivisionCode, Vec<String>>,
    boundaries: Vec<Dated>,
    boxes: Boxes,
}

#[derive(Debug)]
struct Dated {
    boundary: Boundary,
    /// First day of the next boundary of the same division.
    until: Option<Date>,
}

impl Dated {
    fn holds_on(&self, day: Date) -> bool {
        self.boundary.from.is_none_or(|from| from <= day)
            && self.until.is_none_or(|until| day < until)
    }
}

impl Default for Sheet {
    fn default() -> Self {
        Self::new(Vec::new(), Vec::new())
    }
}

/// What to search for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Part of a name, of its pinyin or initials, or the beginning of a code; empty finds all.
    pub words: String,
    pub under: Option<DivisionCode>,
    pub level: Option<Level>,
    /// Only what exists on this day; `None`: whatever existed at any time.
    pub on: Option<Date>,
}

impl Sheet {
    pub(super) fn new(divisions: Vec<Division>, mut boundaries: Vec<Boundary>) -> Self {
        boundaries.sort_by(|a, b| (&a.code, a.from).cmp(&(&b.code, b.from)));
        let until: Vec<Option<Date>> = boundaries
            .iter()
            .zip(boundaries.iter().skip(1).map(Some).chain([None]))
            .map(|(this, next)| {
                next.filter(|next| next.code == this.code)
                    .and_then(|next| next.from)
            })
            .collect();
        let boxes: Vec<BBox> = boundaries
            .iter()
            .map(|boundary| boundary.area.bbox())
            .collect();
        Self {
            keys: divisions
                .iter()
                .map(|one| (one.code.clone(), pinyin::keys(&one.name, &one.pinyin)))
                .collect(),
            divisions: divisions
                .into_iter()
                .map(|one| (one.code.clone(), one))
                .collect(),
            boundaries: boundaries
                .into_iter()
                .zip(until)
                .map(|(boundary, until)| Dated { boundary, until })
                .collect(),
            boxes: Boxes::build(&boxes),
        }
    }

    pub fn division(&self, code: &DivisionCode) -> Option<&Division> {
        self.divisions.get(code)
    }

    /// The smallest division whose boundary holds the place on that day.
    ///
    /// A point on a border belongs to exactly one side: an area holds its west and south border, not its
    /// east and north one. A division without a boundary of its own (a development zone) is never the answer.
    pub fn at(&self, place: LonLat, on: Date) -> Option<&Division> {
        let candidates = self.boxes.meeting(&BBox::of_point(place));
        let found = candidates
            .into_iter()
            .map(|number| &self.boundaries[number as usize])
            .filter(|dated| dated.holds_on(on))
            .filter(|dated| {
                self.division(&dated.boundary.code)
                    .is_some_and(|one| one.valid.contains(on))
            })
            .filter(|dated| dated.boundary.area.holds(place))
            .min_by_key(|dated| {
                (
                    Reverse(dated.boundary.code.level()),
                    dated.boundary.code.clone(),
                )
            })?;
        self.division(&found.boundary.code)
    }

    /// The boundary of a division on a day.
    pub fn area(&self, code: &DivisionCode, on: Date) -> Option<&Area> {
        self.areas(on)
            .find(|(division, _)| division.code == *code)
            .map(|(_, area)| area)
    }

    /// Every division that has a boundary on that day.
    pub fn areas(&self, on: Date) -> impl Iterator<Item = (&Division, &Area)> {
        self.boundaries
            .iter()
            .filter(move |dated| dated.holds_on(on))
            .filter_map(move |dated| {
                let division = self
                    .division(&dated.boundary.code)
                    .filter(|one| one.valid.contains(on))?;
                Some((division, &dated.boundary.area))
            })
    }

    /// The division and those above it that exist, from the province down.
    pub fn lineage(&self, code: &DivisionCode) -> Vec<&Division> {
        let mut lineage: Vec<&Division> = code
            .lineage()
            .filter_map(|one| self.division(&one))
            .collect();
        lineage.reverse();
        lineage
    }

    /// Full name from the city down: `长春市朝阳区`.
    pub fn full_name(&self, code: &DivisionCode) -> String {
        let grouping = super::model::DivisionKind::Grouping;
        self.lineage(code)
            .into_iter()
            .filter(|one| one.kind != grouping)
            .map(|one| one.name.as_str())
            .collect()
    }

    /// Best matches first: code, beginning of the name, part of the name, pinyin, initials.
    pub fn search(&self, search: &Search, skip: usize, limit: usize) -> Vec<&Division> {
        let words = search.words.trim();
        let typed = pinyin::query(words);
        let fits = |one: &&Division| {
            search
                .under
                .as_ref()
                .is_none_or(|under| under.covers(&one.code))
                && search.level.is_none_or(|level| level == one.code.level())
                && search.on.is_none_or(|day| one.valid.contains(day))
        };
        let mut hits: Vec<(u8, &Division)> = self
            .divisions
            .values()
            .filter(fits)
            .filter_map(|one| Some((self.rank(one, words, &typed)?, one)))
            .collect();
        hits.sort_by_key(|(rank, one)| (*rank, one.code.as_str().len(), one.code.clone()));
        hits.into_iter()
            .skip(skip)
            .take(limit)
            .map(|(_, one)| one)
            .collect()
    }

    fn rank(&self, one: &Division, words: &str, typed: &str) -> Option<u8> {
        if words.is_empty() {
            return Some(0);
        }
        if words.bytes().all(|byte| byte.is_ascii_digit()) {
            let code = DivisionCode::parse(words);
            let is =
                code.is_ok_and(|code| code == one.code) || one.code.as_str().starts_with(words);
            return is.then_some(0);
        }
        if let Some(at) = one.name.find(words) {
            return Some(if at == 0 { 1 } else { 2 });
        }
        if typed.is_empty() {
            return None;
        }
        let keys = self.keys.get(&one.code)?;
        if keys.iter().any(|key| key == typed) {
            return Some(3);
        }
        let u_for_v = |key: &String| key.contains('v') && key.replace('v', "u").starts_with(typed);
        keys.iter()
            .any(|key| key.starts_with(typed) || u_for_v(key))
            .then_some(4)
    }
}

#[cfg(test)]
#[path = "tests/atlas.rs"]
mod tests;
