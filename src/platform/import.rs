//! Importing a list: what is new in it, what has changed, and every wrong line with its reason.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Wrong lines told in one answer; `problems_total` counts them all.
pub const PROBLEMS_TOLD_MAX: usize = 500;

/// Something wrong with one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LineProblem {
    /// Line in the file (CSV) or number of the feature (GeoJSON), from 1.
    pub line: u64,
    /// Field of ours, such as `birth_year`.
    pub field: String,
    pub code: String,
    /// What stood there, cut to 80 characters.
    pub value: String,
    pub zh: String,
    pub en: String,
}

impl LineProblem {
    #[must_use]
    pub fn new(line: u64, field: &str, code: &str, value: &str) -> Self {
        let (zh, en) = words(code);
        Self {
            line,
            field: field.to_owned(),
            code: code.to_owned(),
            value: value.chars().take(80).collect(),
            zh: zh.to_owned(),
            en: en.to_owned(),
        }
    }
}

fn words(code: &str) -> (&'static str, &'static str) {
    match code {
        "missing" => ("必填项为空", "a required value is missing"),
        "too_long" => ("内容过长", "the text is too long"),
        "too_many" => ("条目过多", "too many entries"),
        "out_of_range" => ("数值不合理", "the value is not plausible"),
        "not_a_number" => ("不是数字", "not a number"),
        "not_on_earth" => (
            "坐标超出经纬度范围",
            "the coordinates are not longitude and latitude",
        ),
        "not_a_division" => ("行政区划代码无效", "not a division code"),
        "foreign_division" => ("不在您的管辖范围内", "outside your jurisdiction"),
        "unknown_word" => ("无法识别的取值", "not one of the known values"),
        "code_malformed" => ("代码格式错误", "the code is malformed"),
        "repeated" => ("与前面的行编号相同", "the same number as an earlier line"),
        "bad_geometry" => ("图形无效", "the geometry is not usable"),
        _ => ("无效", "not valid"),
    }
}

/// What to do when lines are wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnProblem {
    /// Nothing is written.
    #[default]
    Refuse,
    /// The good lines are written, the wrong ones told.
    Skip,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
#[schema(as = ListImportReport)]
pub struct Report {
    /// Lines with data.
    pub rows: usize,
    pub new: usize,
    pub changed: usize,
    pub same: usize,
    pub problems_total: usize,
    pub problems: Vec<LineProblem>,
    /// Whether anything was written; false for a preview and for a refused file.
    pub applied: bool,
}

/// One good line of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Line<D> {
    pub line: u64,
    /// Key within the list: the same key from the same list is the same thing.
    pub source_id: String,
    pub draft: D,
}

/// A list as it was read: the good lines, and what is wrong with the others.
#[derive(Debug, Clone, PartialEq)]
pub struct List<D> {
    lines: Vec<Line<D>>,
    problems: Vec<LineProblem>,
    /// Lines with data.
    rows: usize,
}

/// What importing a list does.
#[derive(Debug)]
pub struct Sorted<T> {
    pub report: Report,
    /// To be written: what is new, and what is other than it was. Empty when nothing is to be written.
    pub fresh: Vec<T>,
}

impl<D> List<D> {
    /// Lines one by one as they could be read; a key that occurs again is a problem of the later line.
    #[must_use]
    pub fn of(read: impl Iterator<Item = Result<Line<D>, Vec<LineProblem>>>) -> Self {
        let mut list = Self {
            lines: Vec::new(),
            problems: Vec::new(),
            rows: 0,
        };
        let mut seen = BTreeSet::new();
        for line in read {
            list.rows += 1;
            match line {
                Ok(line) if !seen.insert(line.source_id.clone()) => list.problems.push(
                    LineProblem::new(line.line, "source_id", "repeated", &line.source_id),
                ),
                Ok(line) => list.lines.push(line),
                Err(wrong) => list.problems.extend(wrong),
            }
        }
        list
    }

    /// Takes out the lines for which `wrong` names field, code and value.
    pub fn refuse(&mut self, wrong: impl Fn(&D) -> Option<(&'static str, &'static str, String)>) {
        let problems = &mut self.problems;
        self.lines.retain(|line| match wrong(&line.draft) {
            Some((field, code, value)) => {
                problems.push(LineProblem::new(line.line, field, code, &value));
                false
            }
            None => true,
        });
        problems.sort_by_key(|problem| problem.line);
    }

    /// Compares the list with what is known of its source. `make` makes the thing a line stands for, after the one
    /// known by its key; `same` says whether that is no change.
    ///
    /// # Errors
    /// When `make` refuses a line.
    pub fn sort<T, E>(
        self,
        known: &BTreeMap<String, T>,
        write: Writing,
        make: impl Fn(Option<&T>, Line<D>) -> Result<T, E>,
        same: impl Fn(&T, &T) -> bool,
    ) -> Result<Sorted<T>, E> {
        let mut report = Report {
            rows: self.rows,
            problems_total: self.problems.len(),
            applied: match write {
                Writing::Never => false,
                Writing::IfAllAreGood => self.problems.is_empty(),
                Writing::TheGood => true,
            },
            ..Report::default()
        };
        report.problems = self.problems;
        report.problems.truncate(PROBLEMS_TOLD_MAX);
        let mut fresh = Vec::new();
        for line in self.lines {
            let before = known.get(&line.source_id);
            let made = make(before, line)?;
            match before {
                Some(before) if same(before, &made) => {
                    report.same += 1;
                    continue;
                }
                Some(_) => report.changed += 1,
                None => report.new += 1,
            }
            if report.applied {
                fresh.push(made);
            }
        }
        Ok(Sorted { report, fresh })
    }

    #[cfg(test)]
    #[must_use]
    pub fn parts(self) -> (Vec<Line<D>>, Vec<LineProblem>) {
        (self.lines, self.problems)
    }
}

/// Whether lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// Only say what would happen.
    Never,
    IfAllAreGood,
    TheGood,
}

impl Writing {
    #[must_use]
    pub fn of(preview: bool, on_problem: OnProblem) -> Self {
        match (preview, on_problem) {
            (true, _) => Self::Never,
            (false, OnProblem::Refuse) => Self::IfAllAreGood,
            (false, OnProblem::Skip) => Self::TheGood,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(line: u64, key: &str, draft: i32) -> Result<Line<i32>, Vec<LineProblem>> {
        Ok(Line {
            line,
            source_id: key.to_owned(),
            draft,
        })
    }

    fn sorted(writing: Writing) -> Sorted<(String, i32)> {
        let mut list = List::of(
            [
                line(2, "kept", 1),
                line(3, "other", 2),
                line(4, "kept", 9),
                line(5, "foreign", 7),
                line(6, "new", 3),
                Err(vec![LineProblem::new(7, "name", "missing", "")]),
            ]
            .into_iter(),
        );
        list.refuse(|draft| {
            (*draft == 7).then(|| ("division", "foreign_division", "22".to_owned()))
        });
        let known =
            [("kept", 1), ("other", 1)].map(|(key, n)| (key.to_owned(), (key.to_owned(), n)));
        list.sort(
            &BTreeMap::from(known),
            writing,
            |_, line| Ok::<_, ()>((line.source_id, line.draft)),
            |a, b| a == b,
        )
        .unwrap()
    }

    #[test]
    fn a_list_is_what_is_new_changed_the_same_and_wrong_by_line() {
        let Sorted { report, fresh } = sorted(Writing::TheGood);
        assert_eq!(
            (report.rows, report.new, report.changed, report.same),
            (6, 1, 1, 1)
        );
        let told: Vec<_> = report
            .problems
            .iter()
            .map(|problem| (problem.line, problem.code.as_str()))
            .collect();
        assert_eq!(
            told,
            [(4, "repeated"), (5, "foreign_division"), (7, "missing")]
        );
        assert_eq!(fresh, [("other".to_owned(), 2), ("new".to_owned(), 3)]);
        assert!(report.applied);
    }

    #[test]
    fn a_preview_and_a_list_with_wrong_lines_write_nothing_and_count_all_the_same() {
        for writing in [Writing::Never, Writing::IfAllAreGood] {
            let Sorted { report, fresh } = sorted(writing);
            assert_eq!((report.new, report.changed, report.applied), (1, 1, false));
            assert!(fresh.is_empty());
        }
    }
}
