//! Rows of venues, conferences, seats and media tokens.

pub mod conferences;
pub mod links;
pub mod tokens;
pub mod venues;

use crate::platform::{Fault, db::Row};

/// Every statement of this slice, for the test that prepares each on both databases.
pub const STATEMENTS: &[&[&str]] = &[
    conferences::STATEMENTS,
    links::STATEMENTS,
    tokens::STATEMENTS,
    venues::STATEMENTS,
];

/// Reads a word of a closed vocabulary.
fn word<T>(row: &Row, column: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, Fault> {
    let text: String = row.get(column)?;
    parse(&text).ok_or_else(|| unknown(column, &text))
}

fn optional_word<T>(
    row: &Row,
    column: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, Fault> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| parse(&text).ok_or_else(|| unknown(column, &text)))
        .transpose()
}

fn unknown(column: &str, text: &str) -> Fault {
    Fault::new(
        format!("reading column {column}"),
        format!("unknown word {text:?}"),
    )
}
