//! Rows of sign-in failures.

use crate::identity::lockout::{Counter, LOCK_MS};
use crate::platform::clock::Millis;
use crate::platform::db::{Reader, Row, Tx, args};
use crate::platform::failure::Fault;

pub const STATEMENTS: &[&str] = &[BY_KEY, SAVE, FORGET, FORGET_OLD, FORGET_LOGIN, LOCKED];

const BY_KEY: &str = "
    SELECT failures, last_failure_at, locked_until
      FROM sign_in_failures
     WHERE counter = $1
";

/// # Errors
/// When the database does not answer.
pub async fn by_key(tx: &mut Tx, key: &str) -> Result<Counter, Fault> {
    counter(tx.fetch_optional(BY_KEY, args![key]).await?)
}

/// # Errors
/// When the database does not answer.
pub async fn read(reader: Reader<'_>, key: &str) -> Result<Counter, Fault> {
    counter(reader.fetch_optional(BY_KEY, args![key]).await?)
}

fn counter(row: Option<Row>) -> Result<Counter, Fault> {
    let Some(row) = row else {
        return Ok(Counter::default());
    };
    Ok(Counter {
        failures: row.get("failures")?,
        last_failure_at: row.get("last_failure_at")?,
        locked_until: row.get("locked_until")?,
    })
}

const SAVE: &str = "
    INSERT INTO sign_in_failures (counter, failures, last_failure_at, locked_until)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (counter)
    DO UPDATE SET failures = excluded.failures
                , last_failure_at = excluded.last_failure_at
                , locked_until = excluded.locked_until
";

/// # Errors
/// When the database does not answer.
pub async fn save(tx: &mut Tx, key: &str, counter: Counter) -> Result<(), Fault> {
    tx.execute(
        SAVE,
        args![
            key,
            counter.failures,
            counter.last_failure_at,
            counter.locked_until
        ],
    )
    .await
    .map(drop)
}

const FORGET: &str = "DELETE FROM sign_in_failures WHERE counter = $1";

/// # Errors
/// When the database does not answer.
pub async fn forget(tx: &mut Tx, key: &str) -> Result<(), Fault> {
    tx.execute(FORGET, args![key]).await.map(drop)
}

const FORGET_LOGIN: &str = "DELETE FROM sign_in_failures WHERE counter = $1 OR counter LIKE $2";

/// Opens every lock on one login, from any source.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_login(tx: &mut Tx, login: &str) -> Result<(), Fault> {
    tx.execute(
        FORGET_LOGIN,
        args![format!("account:{login}"), format!("both:{login}@%")],
    )
    .await
    .map(drop)
}

const LOCKED: &str = "
      SELECT counter, failures, last_failure_at, locked_until
        FROM sign_in_failures
       WHERE locked_until > $1
    ORDER BY locked_until DESC, counter
       LIMIT $2
";

/// Counters that keep a door closed now, the one that opens last first.
///
/// # Errors
/// When the database does not answer.
pub async fn locked(
    reader: Reader<'_>,
    now: Millis,
    limit: i64,
) -> Result<Vec<(String, Counter)>, Fault> {
    let rows = reader.fetch_all(LOCKED, args![now, limit]).await?;
    rows.into_iter()
        .map(|row| Ok((row.get("counter")?, counter(Some(row))?)))
        .collect()
}

const FORGET_OLD: &str = "
    DELETE FROM sign_in_failures
     WHERE last_failure_at < $1
       AND locked_until < $2
";

/// Drops counters that no longer count, so that made-up logins cannot fill the table for good.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_old(tx: &mut Tx, now: Millis) -> Result<(), Fault> {
    tx.execute(FORGET_OLD, args![now.plus(-LOCK_MS), now])
        .await
        .map(drop)
}
