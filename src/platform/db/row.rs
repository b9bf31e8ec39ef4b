//! One row of an answer, read by column name.

use sqlx::{Decode, Postgres, Row as _, Sqlite, Type, postgres::PgRow, sqlite::SqliteRow};

use crate::platform::failure::Fault;

#[derive(Debug)]
pub enum Row {
    Sqlite(Box<SqliteRow>),
    Postgres(Box<PgRow>),
}

/// What a column can be read as on both databases.
pub trait Column:
    for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}

impl<T> Column for T where
    T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}

impl Row {
    /// # Errors
    /// When the column is absent or holds another type.
    pub fn get<T: Column>(&self, column: &str) -> Result<T, Fault> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
        .map_err(|error| Fault::new(format!("reading column {column}"), error))
    }

    /// Reads a TEXT column holding one of a closed set of words, such as the name of a unit variant.
    ///
    /// # Errors
    /// When the column is absent or its word is not known to this program.
    pub fn word<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T, Fault> {
        let text: String = self.get(column)?;
        serde_json::from_value(serde_json::Value::String(text))
            .map_err(|error| Fault::new(format!("reading column {column}"), error))
    }

    /// Reads a TEXT column by a function that knows its words.
    ///
    /// # Errors
    /// When the column is absent or the function does not know what it holds.
    pub fn parsed<T>(&self, column: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, Fault> {
        let text: String = self.get(column)?;
        parse(&text).ok_or_else(|| {
            Fault::new(
                format!("reading column {column}"),
                format!("{text} is not known to this program"),
            )
        })
    }

    /// Reads a TEXT column holding JSON.
    ///
    /// # Errors
    /// When the column is absent or its text is not the JSON expected.
    pub fn json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T, Fault> {
        let text: String = self.get(column)?;
        serde_json::from_str(&text)
            .map_err(|error| Fault::new(format!("reading JSON column {column}"), error))
    }
}
