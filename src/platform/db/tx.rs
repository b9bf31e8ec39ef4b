//! One write transaction: rows and journal entries commit together or not at all.

use super::{
    Commits, Row, Sql, Value, args, postgres, sqlite,
    value::{first_line, rows_of},
};
use crate::platform::{
    failure::Fault,
    http::idempotency::{self, COMMAND, CommandId},
};

#[derive(Debug)]
pub struct Tx {
    inner: Inner,
    commits: Commits,
    /// A journal entry was written: readers of the journal are rung after the commit.
    pub(in crate::platform) journaled: bool,
}

#[derive(Debug)]
pub(super) enum Inner {
    Sqlite(sqlite::SqliteTx),
    Postgres(postgres::PostgresTx),
}

impl Tx {
    pub(super) fn new(inner: Inner, commits: Commits) -> Self {
        Self {
            inner,
            commits,
            journaled: false,
        }
    }

    /// Runs a statement and answers how many rows it touched.
    ///
    /// # Errors
    /// When the database refuses it; see [`Fault::violates`] for constraints.
    pub async fn execute(&mut self, sql: impl Into<Sql>, args: Vec<Value>) -> Result<u64, Fault> {
        match &mut self.inner {
            Inner::Sqlite(tx) => tx.execute(sql.into(), args).await,
            Inner::Postgres(tx) => postgres::execute(tx, sql.into(), args).await,
        }
    }

    /// # Errors
    /// When the database refuses the statement.
    pub async fn fetch_all(
        &mut self,
        sql: impl Into<Sql>,
        args: Vec<Value>,
    ) -> Result<Vec<Row>, Fault> {
        match &mut self.inner {
            Inner::Sqlite(tx) => tx.fetch_all(sql.into(), args).await,
            Inner::Postgres(tx) => postgres::fetch_all(tx, sql.into(), args).await,
        }
    }

    /// # Errors
    /// When the database refuses the statement.
    pub async fn fetch_optional(
        &mut self,
        sql: impl Into<Sql>,
        args: Vec<Value>,
    ) -> Result<Option<Row>, Fault> {
        Ok(self.fetch_all(sql, args).await?.into_iter().next())
    }

    /// # Errors
    /// When the database refuses the statement or answers without a row.
    pub async fn fetch_one(&mut self, sql: impl Into<Sql>, args: Vec<Value>) -> Result<Row, Fault> {
        let sql = sql.into();
        let row = self.fetch_optional(sql.clone(), args).await?;
        row.ok_or_else(|| Fault::new(first_line(&sql), "no row"))
    }

    /// Several statements without parameters: migrations.
    pub(super) async fn script(&mut self, sql: Sql) -> Result<(), Fault> {
        match &mut self.inner {
            Inner::Sqlite(tx) => tx.script(sql).await,
            Inner::Postgres(tx) => postgres::script(tx, sql).await,
        }
    }

    /// See [`Reader::rows_of`](super::Reader::rows_of).
    #[must_use]
    pub fn rows_of(&self, columns: usize, rows: usize) -> String {
        rows_of(self.is_postgres(), columns, rows)
    }

    #[must_use]
    pub fn is_postgres(&self) -> bool {
        matches!(self.inner, Inner::Postgres(_))
    }

    /// Marks the client's command as done, in the same transaction as its first work.
    async fn record(&mut self, command: CommandId) -> Result<(), Fault> {
        let CommandId {
            subject,
            id,
            fingerprint,
            at,
        } = command;
        self.execute(idempotency::RECORD, args![subject, id, fingerprint, at])
            .await
            .map(drop)
    }

    /// `Ok` means: on disk.
    ///
    /// # Errors
    /// When the database could not commit; then nothing of the transaction has happened.
    pub async fn commit(mut self) -> Result<(), Fault> {
        if self.journaled
            && let Ok(command) = COMMAND.try_with(Clone::clone)
        {
            self.record(command).await?;
        }
        match self.inner {
            Inner::Sqlite(tx) => tx.commit().await?,
            Inner::Postgres(tx) => tx
                .commit()
                .await
                .map_err(|error| Fault::new("COMMIT", error))?,
        }
        if self.journaled {
            self.commits.ring();
        }
        Ok(())
    }
}

impl Fault {
    /// Whether the database refused because of this constraint. PostgreSQL names it (`accounts_name_key`),
    /// SQLite names the columns (`accounts.name`) or, for checks, the constraint.
    #[must_use]
    pub fn violates(&self, constraint: &str, columns: &str) -> bool {
        let Some(error) = self
            .source
            .downcast_ref::<sqlx::Error>()
            .and_then(sqlx::Error::as_database_error)
        else {
            return false;
        };
        error.constraint() == Some(constraint)
            || error.message().contains(columns) && error.message().contains("constraint failed")
    }
}
