//! SQLite: one writer with group commit, a pool of readers.
//!
//! Each transaction is a savepoint inside an outer `BEGIN IMMEDIATE`. Whoever was already waiting for the
//! writer joins the same outer transaction; then the flusher commits it with one `fsync` and tells them all.

use std::{path::Path, str::FromStr as _, sync::Arc, time::Duration};

use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::{Mutex, Notify, OwnedMutexGuard, oneshot};

use super::{
    Commits, Row, Sql,
    value::{Value, bind, first_line},
};
use crate::platform::failure::Fault;

const READERS: u32 = 4;

#[derive(Debug, Clone)]
pub struct Sqlite {
    writer: Arc<Mutex<Writer>>,
    flush: Arc<Notify>,
    readers: SqlitePool,
    pub(super) commits: Commits,
}

#[derive(Debug)]
struct Writer {
    conn: Option<SqliteConnection>,
    /// An outer transaction is open.
    open: bool,
    /// A transaction was dropped without an end: its savepoint must be rolled back first.
    abandoned: bool,
    /// Finished transactions that wait for the outer commit.
    finished: Vec<oneshot::Sender<Result<(), String>>>,
}

impl Writer {
    async fn run(&mut self, sql: &'static str) -> Result<(), Fault> {
        let conn = self
            .conn
            .as_mut()
            .ok_or_else(|| Fault::new(sql, "the database is closed"))?;
        conn.execute(sql)
            .await
            .map(drop)
            .map_err(|error| Fault::new(sql, error))
    }

    async fn clear_abandoned(&mut self) -> Result<(), Fault> {
        if self.abandoned {
            self.run("ROLLBACK TO one").await?;
            self.run("RELEASE one").await?;
            self.abandoned = false;
        }
        Ok(())
    }

    /// Commits the outer transaction and tells everybody in it.
    async fn flush(&mut self) {
        if !self.open {
            return;
        }
        let outcome = match self.clear_abandoned().await {
            Ok(()) => self.run("COMMIT").await,
            Err(fault) => Err(fault),
        };
        if outcome.is_err() {
            // The outer transaction is lost whole; nobody in it was told that it was done.
            let _ = self.run("ROLLBACK").await;
            self.abandoned = false;
        }
        self.open = false;
        let told = outcome.map_err(|fault| fault.to_string());
        for waiter in self.finished.drain(..) {
            let _ = waiter.send(told.clone());
        }
    }
}

impl Sqlite {
    pub(super) async fn open(path: &Path) -> Result<Self, Fault> {
        let doing = || format!("opening {}", path.display());
        let options = SqliteConnectOptions::from_str(&format!("sqlite://{}", path.display()))
            .map_err(|error| Fault::new(doing(), error))?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // What is overwritten or deleted does not stay readable in the pages that are written anyway.
            .pragma("secure_delete", "FAST")
            .busy_timeout(Duration::from_secs(10))
            .statement_cache_capacity(256);
        let conn = SqliteConnection::connect_with(&options)
            .await
            .map_err(|error| Fault::new(doing(), error))?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await
            .map_err(|error| Fault::new(doing(), error))?;
        let writer = Writer {
            conn: Some(conn),
            open: false,
            abandoned: false,
            finished: Vec::new(),
        };
        let db = Self {
            writer: Arc::new(Mutex::new(writer)),
            flush: Arc::new(Notify::new()),
            readers,
            commits: Commits::default(),
        };
        let (writer, flush) = (Arc::downgrade(&db.writer), db.flush.clone());
        crate::platform::tasks::spawn("db.flush", async move {
            loop {
                flush.notified().await;
                let Some(writer) = writer.upgrade() else {
                    return;
                };
                // The mutex is fair: all who waited before us have joined the outer transaction by now.
                writer.lock().await.flush().await;
            }
        });
        Ok(db)
    }

    pub(super) async fn begin(&self) -> Result<SqliteTx, Fault> {
        let mut writer = self.writer.clone().lock_owned().await;
        writer.clear_abandoned().await?;
        if !writer.open {
            writer.run("BEGIN IMMEDIATE").await?;
            writer.open = true;
        }
        // From here on a drop must be noticed, also one between these two lines.
        let mut tx = SqliteTx {
            writer: Some(writer),
            flush: self.flush.clone(),
            begun: false,
        };
        tx.writer().run("SAVEPOINT one").await?;
        tx.begun = true;
        Ok(tx)
    }

    pub(super) async fn fetch_all(&self, sql: Sql, args: Vec<Value>) -> Result<Vec<Row>, Fault> {
        let doing = first_line(&sql);
        let rows = bind!(sqlx::query(AssertSqlSafe(sql.into_owned())), args)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| Fault::new(doing, error))?;
        Ok(rows
            .into_iter()
            .map(|row| Row::Sqlite(Box::new(row)))
            .collect())
    }

    pub(super) async fn prepare(&self, sql: &'static str) -> Result<(), Fault> {
        let mut conn = self
            .readers
            .acquire()
            .await
            .map_err(|error| Fault::new("preparing", error))?;
        use sqlx::SqlSafeStr as _;
        conn.prepare(sql.into_sql_str())
            .await
            .map(drop)
            .map_err(|error| Fault::new(first_line(sql), error))
    }

    pub(super) async fn close(&self) {
        let mut writer = self.writer.lock().await;
        writer.flush().await;
        if let Some(conn) = writer.conn.take() {
            let _ = conn.close().await;
        }
        drop(writer);
        self.readers.close().await;
    }
}

/// One savepoint, holding the writer.
#[derive(Debug)]
pub struct SqliteTx {
    writer: Option<OwnedMutexGuard<Writer>>,
    flush: Arc<Notify>,
    begun: bool,
}

impl SqliteTx {
    fn writer(&mut self) -> &mut Writer {
        self.writer
            .as_mut()
            .expect("the writer is held until the end")
    }

    pub(super) async fn execute(&mut self, sql: Sql, args: Vec<Value>) -> Result<u64, Fault> {
        let doing = first_line(&sql);
        let conn = self
            .writer()
            .conn
            .as_mut()
            .ok_or_else(|| Fault::new(doing.clone(), "the database is closed"))?;
        let done = bind!(sqlx::query(AssertSqlSafe(sql.into_owned())), args)
            .execute(conn)
            .await
            .map_err(|error| Fault::new(doing, error))?;
        Ok(done.rows_affected())
    }

    pub(super) async fn fetch_all(
        &mut self,
        sql: Sql,
        args: Vec<Value>,
    ) -> Result<Vec<Row>, Fault> {
        let doing = first_line(&sql);
        let conn = self
            .writer()
            .conn
            .as_mut()
            .ok_or_else(|| Fault::new(doing.clone(), "the database is closed"))?;
        let rows = bind!(sqlx::query(AssertSqlSafe(sql.into_owned())), args)
            .fetch_all(conn)
            .await
            .map_err(|error| Fault::new(doing, error))?;
        Ok(rows
            .into_iter()
            .map(|row| Row::Sqlite(Box::new(row)))
            .collect())
    }

    pub(super) async fn script(&mut self, sql: Sql) -> Result<(), Fault> {
        let doing = first_line(&sql);
        let conn = self
            .writer()
            .conn
            .as_mut()
            .ok_or_else(|| Fault::new(doing.clone(), "the database is closed"))?;
        sqlx::raw_sql(AssertSqlSafe(sql.into_owned()))
            .execute(conn)
            .await
            .map(drop)
            .map_err(|error| Fault::new(doing, error))
    }

    pub(super) async fn commit(mut self) -> Result<(), Fault> {
        self.writer().run("RELEASE one").await?;
        let (tell, told) = oneshot::channel();
        let mut writer = self
            .writer
            .take()
            .expect("the writer is held until the end");
        writer.finished.push(tell);
        drop(writer);
        self.flush.notify_one();
        match told.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(reason)) => Err(Fault::new("COMMIT", reason)),
            Err(_) => Err(Fault::new("COMMIT", "the writer is gone")),
        }
    }
}

impl Drop for SqliteTx {
    fn drop(&mut self) {
        if let Some(mut writer) = self.writer.take() {
            writer.abandoned |= self.begun;
            drop(writer);
            self.flush.notify_one();
        }
    }
}
