//! What an import did, line by line.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What became of one line of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Added,
    Changed,
    Unchanged,
    /// A boundary that crossed itself and was put right; the place is named.
    Repaired,
    /// The division is not in this edition any more and ends with it.
    Ended,
    /// Known not to be a division (placeholder, dashed line): left out, the import goes on.
    Skipped,
    /// Wrong: nothing of the file is imported.
    Refused,
}

/// One line that has something to say; lines simply added or unchanged are only counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    /// Line of the file; in JSON the running number of the entry or feature, from 1; 0 for none.
    pub line: usize,
    /// The code as the file writes it.
    pub code: String,
    pub name: String,
    pub outcome: Outcome,
    /// Stable word such as `placeholder`.
    pub reason: String,
    pub detail: String,
    pub detail_en: String,
    /// Where on the ground (WGS-84 lon, lat), when the reason has a place.
    pub place: Option<[f64; 2]>,
}

/// Counts of every outcome, and the lines worth reading.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = DivisionImportReport)]
pub struct Report {
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
    pub repaired: usize,
    pub ended: usize,
    pub skipped: usize,
    pub refused: usize,
    /// At most [`LINES_MAX`], refused ones first.
    pub lines: Vec<Line>,
    /// False for a preview and for a refused file.
    pub applied: bool,
}

/// Most lines a report carries; a file with more wrong ones is wrong as a whole.
pub const LINES_MAX: usize = 1_000;

impl Report {
    pub fn count(&mut self, outcome: Outcome) {
        let counter = match outcome {
            Outcome::Added => &mut self.added,
            Outcome::Changed => &mut self.changed,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Repaired => &mut self.repaired,
            Outcome::Ended => &mut self.ended,
            Outcome::Skipped => &mut self.skipped,
            Outcome::Refused => &mut self.refused,
        };
        *counter += 1;
    }

    pub fn say(&mut self, line: Line) {
        self.count(line.outcome);
        self.lines.push(line);
    }

    /// Refused lines first, then by place in the file; no more than the bound.
    pub fn arrange(&mut self) {
        self.lines
            .sort_by_key(|line| (line.outcome != Outcome::Refused, line.line));
        self.lines.truncate(LINES_MAX);
    }

    /// Whether anything would change.
    pub fn is_noop(&self) -> bool {
        self.added + self.changed + self.repaired + self.ended == 0
    }
}

impl Line {
    /// Boxed: most rows have nothing to say, and a refusal should not weigh on them.
    pub fn new(
        (line, code, name): (usize, &str, &str),
        outcome: Outcome,
        reason: &str,
        detail: impl Into<String>,
        detail_en: impl Into<String>,
    ) -> Box<Self> {
        Box::new(Self {
            line,
            code: code.to_owned(),
            name: name.to_owned(),
            outcome,
            reason: reason.to_owned(),
            detail: detail.into(),
            detail_en: detail_en.into(),
            place: None,
        })
    }

    pub fn at(mut self: Box<Self>, place: Option<[f64; 2]>) -> Box<Self> {
        self.place = place;
        self
    }
}
