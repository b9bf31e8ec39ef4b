//! The database: SQLite or PostgreSQL behind one set of statements. Nobody else names a driver.

mod migrate;
mod postgres;
mod race;
mod row;
mod sqlite;
mod tx;
mod value;

use std::{borrow::Cow, path::Path, sync::Arc};

use tokio::sync::watch;

use super::failure::Fault;
pub use migrate::MigrationFiles;
pub use race::settled;
pub use row::{Column, Row};
pub use tx::Tx;
pub use value::Value;

/// SQL with `$1` parameters: a constant nearly always, built text for multi-row inserts.
/// Never put a value from outside into the text.
pub type Sql = Cow<'static, str>;

/// `args![id, name, Some(5_i64)]`: the parameters of one statement, in order.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => {
        vec![$($crate::platform::db::Value::from($value)),*]
    };
}
pub use crate::args;

/// Counts the commits that wrote to the journal; a reader waits for the count to change.
#[derive(Debug, Clone)]
pub struct Commits(Arc<watch::Sender<u64>>);

impl Default for Commits {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Commits {
    fn ring(&self) {
        self.0.send_modify(|count| *count += 1);
    }

    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}

#[derive(Debug, Clone)]
pub enum Db {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Db {
    /// Opens (and creates) an SQLite file. `Ok` of a later commit means on disk: WAL with `synchronous=FULL`.
    ///
    /// # Errors
    /// When the file cannot be opened or a migration fails.
    pub async fn sqlite(path: &Path) -> Result<Self, Fault> {
        let db = Self::Sqlite(sqlite::Sqlite::open(path).await?);
        migrate::run(&db).await?;
        Ok(db)
    }

    /// Connects to PostgreSQL.
    ///
    /// # Errors
    /// When the server cannot be reached or a migration fails.
    pub async fn postgres(url: &str, schema: Option<&str>) -> Result<Self, Fault> {
        let db = Self::Postgres(postgres::Postgres::connect(url, schema).await?);
        migrate::run(&db).await?;
        Ok(db)
    }

    /// Begins a write transaction. On SQLite there is one writer at a time and commits are grouped:
    /// keep transactions short, never wait for anything but the database inside one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin(&self) -> Result<Tx, Fault> {
        match self {
            Self::Sqlite(db) => db
                .begin()
                .await
                .map(|inner| Tx::new(tx::Inner::Sqlite(inner), self.commits())),
            Self::Postgres(db) => db
                .begin()
                .await
                .map(|inner| Tx::new(tx::Inner::Postgres(inner), self.commits())),
        }
    }

    /// Readers beside the writer: they see what has been committed.
    #[must_use]
    pub fn read(&self) -> Reader<'_> {
        Reader(self)
    }

    /// Rung after every commit that wrote to the journal.
    #[must_use]
    pub fn commits(&self) -> Commits {
        match self {
            Self::Sqlite(db) => db.commits.clone(),
            Self::Postgres(db) => db.commits.clone(),
        }
    }

    /// Prepares a statement without running it: the test that every constant is valid on both databases.
    ///
    /// # Errors
    /// When the database does not accept the statement.
    pub async fn prepare(&self, sql: &'static str) -> Result<(), Fault> {
        match self {
            Self::Sqlite(db) => db.prepare(sql).await,
            Self::Postgres(db) => db.prepare(sql).await,
        }
    }

    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

    /// Ends what is under way and closes every connection.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(db) => db.close().await,
            Self::Postgres(db) => db.close().await,
        }
    }
}

/// Reads outside a transaction.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a>(&'a Db);

impl Reader<'_> {
    /// Parameters of a statement that is built: `(…), (…)` for rows to insert, one row for a list to look in. They come
    /// first in the statement, before any numbered one.
    #[must_use]
    pub fn rows_of(&self, columns: usize, rows: usize) -> String {
        value::rows_of(matches!(self.0, Db::Postgres(_)), columns, rows)
    }

    /// # Errors
    /// When the database does not answer.
    pub async fn fetch_all(
        &self,
        sql: impl Into<Sql>,
        args: Vec<Value>,
    ) -> Result<Vec<Row>, Fault> {
        match self.0 {
            Db::Sqlite(db) => db.fetch_all(sql.into(), args).await,
            Db::Postgres(db) => db.fetch_all(sql.into(), args).await,
        }
    }

    /// # Errors
    /// When the database does not answer.
    pub async fn fetch_optional(
        &self,
        sql: impl Into<Sql>,
        args: Vec<Value>,
    ) -> Result<Option<Row>, Fault> {
        Ok(self.fetch_all(sql, args).await?.into_iter().next())
    }

    /// # Errors
    /// When the database does not answer, or answers without a row.
    pub async fn fetch_one(&self, sql: impl Into<Sql>, args: Vec<Value>) -> Result<Row, Fault> {
        let sql = sql.into();
        let row = self.fetch_optional(sql.clone(), args).await?;
        row.ok_or_else(|| Fault::new(format!("reading {}", value::first_line(&sql)), "no row"))
    }
}
