//! Losing a race for a key: on PostgreSQL two writers may both look before either writes.

use super::{Sql, Tx};
use crate::platform::failure::{Failure, Fault};

/// Each round has one winner and the others look again: so many may ask for one running number in the same instant.
const TRIES: usize = 16;

impl Fault {
    /// Somebody else wrote this key first, or the database broke a tie between two writers. Nothing was done.
    #[must_use]
    pub fn is_lost_race(&self) -> bool {
        /// `serialization_failure` and `deadlock_detected`.
        const TIES: [&str; 2] = ["40001", "40P01"];
        let error = self
            .source
            .downcast_ref::<sqlx::Error>()
            .and_then(sqlx::Error::as_database_error);
        error.is_some_and(|error| {
            error.is_unique_violation() || error.code().is_some_and(|code| TIES.contains(&&*code))
        })
    }
}

/// Does the work, and again when it lost a race: then it finds what the winner wrote and answers by that. For use
/// cases that look for a key before they write it; `work` begins its own transaction.
///
/// # Errors
/// What the work says, or the lost race when it is lost every time: the key belongs to something else.
pub async fn settled<T, W>(work: impl Fn() -> W) -> Result<T, Failure>
where
    W: Future<Output = Result<T, Failure>>,
{
    for _ in 1..TRIES {
        match work().await {
            Err(Failure::Fault(fault)) if fault.is_lost_race() => {
                tracing::debug!(%fault, "somebody else was first; looking again");
            }
            done => return done,
        }
    }
    work().await
}

impl Tx {
    /// A SELECT from one table whose rows nobody else changes until this transaction ends. SQLite has one writer
    /// anyway.
    #[must_use]
    pub fn hold(&self, select: &'static str) -> Sql {
        if self.is_postgres() {
            format!("{select} FOR UPDATE").into()
        } else {
            select.into()
        }
    }
}
