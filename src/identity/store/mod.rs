//! SQL of identity: accounts, sessions, one-time codes, sign-in failures.

pub mod accounts;
pub mod codes;
pub mod failures;
pub mod sessions;

/// Every statement, for the test that prepares each on both databases.
pub fn statements() -> impl Iterator<Item = &'static str> {
    [
        accounts::STATEMENTS,
        codes::STATEMENTS,
        failures::STATEMENTS,
        sessions::STATEMENTS,
    ]
    .into_iter()
    .flatten()
    .copied()
}
