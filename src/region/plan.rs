//! What importing a division list would change: decided here, without touching anything.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::code::{DivisionCode, Level, NotACode};
use super::list::Row;
use super::model::{Division, DivisionKind, Validity};
use super::report::{Line, Outcome, Report};

/// How an edition is to be taken.
#[derive(Clone, Copy, Debug, Default)]
pub struct Edition {
    /// Day the edition came into force: codes new with it exist from then on.
    pub from: Option<Date>,
    /// Divisions of the same provinces and levels that the edition does not name any more end that day.
    pub is_complete: bool,
}

/// The divisions to write and what to tell.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub save: Vec<Division>,
    pub report: Report,
}

/// Compares a list with what is known.
pub fn plan(rows: &[Row], known: &BTreeMap<DivisionCode, Division>, edition: Edition) -> Plan {
    let mut plan = Plan::default();
    let mut seen: BTreeMap<DivisionCode, &Row> = BTreeMap::new();
    for row in rows {
        match read(row, &seen) {
            Ok(code) => {
                plan.take(row, &code, known.get(&code), edition);
                seen.insert(code, row);
            }
            Err(line) => plan.report.say(*line),
        }
    }
    if let (Some(day), true) = (edition.from, edition.is_complete) {
        plan.end_missing(&seen.into_keys().collect(), known, day);
    }
    plan.report.arrange();
    plan
}

impl Plan {
    fn take(&mut self, row: &Row, code: &DivisionCode, known: Option<&Division>, edition: Edition) {
        let pinyin = |before: Option<&str>| match (row.pinyin.is_empty(), before) {
            (false, _) => row.pinyin.clone(),
            (true, Some(before)) => before.to_owned(),
            (true, None) => super::pinyin::usual(&row.name),
        };
        let Some(before) = known else {
            self.report.count(Outcome::Added);
            self.save.push(Division {
                code: code.clone(),
                name: row.name.clone(),
                kind: row
                    .kind
                    .unwrap_or_else(|| DivisionKind::of(code, &row.name)),
                pinyin: pinyin(None),
                valid: Validity {
                    from: row.from.or(edition.from),
                    until: row.until,
                },
                successor: DivisionCode::parse(&row.successor).ok(),
                seat: row.seat,
                version: 1,
            });
            return;
        };
        let renamed = before.name != row.name;
        let mut after = before.clone();
        after.name.clone_from(&row.name);
        after.pinyin = pinyin(Some(before.pinyin.as_str()).filter(|_| !renamed));
        after.kind = row.kind.unwrap_or(if renamed {
            DivisionKind::of(code, &row.name)
        } else {
            before.kind
        });
        after.valid.from = row.from.or(before.valid.from);
        after.valid.until = row.until.or(before.valid.until);
        after.successor = DivisionCode::parse(&row.successor)
            .ok()
            .or_else(|| before.successor.clone());
        after.seat = row.seat.or(before.seat);
        if after == *before {
            self.report.count(Outcome::Unchanged);
            return;
        }
        after.version += 1;
        if renamed {
            self.report.say(*Line::new(
                (row.line, &row.code, &row.name),
                Outcome::Changed,
                "renamed",
                format!("原名：{}。", before.name),
                format!("Was called {}.", before.name),
            ));
        } else {
            self.report.count(Outcome::Changed);
        }
        self.save.push(after);
    }

    fn end_missing(
        &mut self,
        named: &BTreeSet<DivisionCode>,
        known: &BTreeMap<DivisionCode, Division>,
        day: Date,
    ) {
        let scope: BTreeSet<(String, Level)> = named.iter().map(scope).collect();
        for (code, division) in known {
            let is_open = division.valid.until.is_none();
            if !is_open || named.contains(code) || !scope.contains(&self::scope(code)) {
                continue;
            }
            let mut after = division.clone();
            after.valid.until = Some(day);
            after.version += 1;
            self.report.say(*Line::new(
                (0, code.as_str(), &division.name),
                Outcome::Ended,
                "not_in_edition",
                format!("新版本中没有该区划，自 {day} 起失效。"),
                format!("The edition does not name it any more: it ends on {day}."),
            ));
            self.save.push(after);
        }
    }
}

/// Province and level: what an edition that names one such division claims to know completely.
fn scope(code: &DivisionCode) -> (String, Level) {
    (code.as_str()[..2].to_owned(), code.level())
}

/// The code of a row, or the line that says why it has none.
fn read(row: &Row, seen: &BTreeMap<DivisionCode, &Row>) -> Result<DivisionCode, Box<Line>> {
    let at = (row.line, row.code.as_str(), row.name.as_str());
    let refused =
        |reason: &str, zh: String, en: String| Line::new(at, Outcome::Refused, reason, zh, en);
    let skipped =
        |reason: &str, zh: &str, en: &str| Line::new(at, Outcome::Skipped, reason, zh, en);

    if row.long_code == "0" || row.name == "国外" {
        return Err(skipped(
            "placeholder",
            "占位行，不是行政区划。",
            "A placeholder, not a division.",
        ));
    }
    if let Some((column, content)) = &row.unreadable {
        return Err(refused(
            "unreadable_cell",
            format!("{column} 列内容“{content}”无法识别。"),
            format!("Column {column} holds “{content}”, which cannot be read."),
        ));
    }
    let code = DivisionCode::parse(&row.code).map_err(|why| {
        let (reason, zh) = match why {
            NotACode::Length => ("code_length", "代码须为 2、4、6、9 或 12 位"),
            NotACode::Digits => ("code_digits", "代码须全为数字"),
            NotACode::Province => ("code_province", "没有这个省级代码"),
            NotACode::Gap => ("code_gap", "代码中间一级为零"),
        };
        refused(
            reason,
            format!("{zh}：“{}”。", row.code),
            format!("{why}: “{}”.", row.code),
        )
    })?;
    if row.name.is_empty() || row.name.chars().count() > 64 {
        return Err(refused(
            "name",
            "名称须为 1 至 64 个字符。".to_owned(),
            "A name has 1 to 64 characters.".to_owned(),
        ));
    }
    if !row.long_code.is_empty() && DivisionCode::parse(&row.long_code).as_ref() != Ok(&code) {
        return Err(refused(
            "codes_disagree",
            format!("两列代码不一致：{} 与 {}。", row.code, row.long_code),
            format!(
                "The two codes disagree: {} and {}.",
                row.code, row.long_code
            ),
        ));
    }
    if let Ok(parent) = DivisionCode::parse(&row.parent)
        && !parent.covers(&code)
    {
        return Err(refused(
            "parent_disagrees",
            format!("代码 {} 不在上级 {} 之下。", row.code, row.parent),
            format!(
                "Code {} does not lie under its parent {}.",
                row.code, row.parent
            ),
        ));
    }
    if row
        .from
        .zip(row.until)
        .is_some_and(|(from, until)| from >= until)
    {
        return Err(refused(
            "dates",
            "失效日期须晚于生效日期。".to_owned(),
            "It must end after it begins.".to_owned(),
        ));
    }
    if !row.successor.is_empty() && DivisionCode::parse(&row.successor).is_err() {
        return Err(refused(
            "successor",
            format!("后继代码“{}”有误。", row.successor),
            format!("The successor “{}” is no division code.", row.successor),
        ));
    }
    let on_earth =
        |[lon, lat]: [f64; 2]| (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat);
    if row.seat.is_some_and(|seat| !on_earth(seat)) {
        return Err(refused(
            "seat",
            "驻地坐标不在地球上。".to_owned(),
            "The seat is not a place on the earth.".to_owned(),
        ));
    }
    match seen.get(&code) {
        None => Ok(code),
        Some(first) if first.name == row.name && first.code != row.code => Err(skipped(
            "same_as_above",
            "不设区县的市以自身代码重复出现，已并入上级。",
            "A city without counties listed again under its own code: one division.",
        )),
        Some(first) if first.code != row.code => Err(skipped(
            "no_code_of_its_own",
            "该乡级代码末三位为零，与上级代码无法区分，未导入。",
            "Its code ends in 000 and cannot be told from the one above: left out.",
        )),
        Some(first) if first.name == row.name => {
            Err(skipped("twice", "重复行。", "The same line again."))
        }
        Some(first) => Err(refused(
            "code_taken",
            format!("代码与第 {} 行“{}”重复。", first.line, first.name),
            format!(
                "Line {} gives the same code to “{}”.",
                first.line, first.name
            ),
        )),
    }
}

#[cfg(test)]
#[path = "tests/plan.rs"]
mod tests;
