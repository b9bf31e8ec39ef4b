//! Incidents, calls and figures in the database.

mod calls;
mod figures;
mod incidents;

pub(super) use calls::sighting;
pub use calls::{
    call_by_id, crowd_at, insert_calls, near_in_time, of_incidents, phone_mark, seal_some, told_of,
};
pub use figures::{by_id as figure_by_id, insert as insert_figure, of_incident as figures_of};
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
