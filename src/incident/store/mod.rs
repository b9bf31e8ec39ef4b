//! Incidents, calls and figures in the database.

mod calls;
mod figures;
mod incidents;

pub(super) use calls::sighting;
pub use calls::{crowd_at, insert_calls, near_in_time, of_incidents};
pub use figures::{by_id as figure_by_id, insert as insert_figure, of_incident as figures_of};
pub(super) use incidents::word;
pub use incidents::{Filter, by_id, family, insert, insert_many, list, locked, next_number, save};

/// Every statement of the slice, for the test that prepares each on both databases.
#[must_use]
pub fn statements() -> Vec<&'static str> {
    [
        calls::STATEMENTS,
        figures::STATEMENTS,
        incidents::STATEMENTS,
        super::imports::store::STATEMENTS,
    ]
    .concat()
}

/// `($1, $2), ($3, $4)` for two rows of two columns.
pub(in crate::incident) fn rows_of(columns: usize, rows: usize) -> String {
    let row = |row: usize| {
        let cells: Vec<String> = (1..=columns)
            .map(|column| format!("${}", row * columns + column))
            .collect();
        format!("({})", cells.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}
