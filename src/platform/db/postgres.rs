//! PostgreSQL: a pool, and ordinary transactions.

use std::str::FromStr as _;

use sqlx::{
    AssertSqlSafe, Executor as _, PgPool, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{
    Commits, Row, Sql,
    value::{Value, bind, first_line},
};
use crate::platform::failure::Fault;

const CONNECTIONS: u32 = 16;

#[derive(Debug, Clone)]
pub struct Postgres {
    pool: PgPool,
    pub(super) commits: Commits,
}

pub(super) type PostgresTx = Transaction<'static, sqlx::Postgres>;

impl Postgres {
    /// `schema` isolates a tenant (or a test) inside one database; it is created when absent.
    pub(super) async fn connect(url: &str, schema: Option<&str>) -> Result<Self, Fault> {
        let doing = "connecting to PostgreSQL";
        let mut options =
            PgConnectOptions::from_str(url).map_err(|error| Fault::new(doing, error))?;
        if let Some(schema) = schema {
            options = options.options([("search_path", schema)]);
        }
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .connect_with(options)
            .await
            .map_err(|error| Fault::new(doing, error))?;
        if let Some(schema) = schema {
            let valid = schema
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            if !valid {
                return Err(Fault::new(
                    doing,
                    "a schema name may hold a-z, 0-9 and _ only",
                ));
            }
            pool.execute(sqlx::raw_sql(AssertSqlSafe(format!(
                "CREATE SCHEMA IF NOT EXISTS {schema}"
            ))))
            .await
            .map_err(|error| Fault::new(doing, error))?;
        }
        Ok(Self {
            pool,
            commits: Commits::default(),
        })
    }

    pub(super) async fn begin(&self) -> Result<PostgresTx, Fault> {
        self.pool
            .begin()
            .await
            .map_err(|error| Fault::new("BEGIN", error))
    }

    pub(super) async fn fetch_all(&self, sql: Sql, args: Vec<Value>) -> Result<Vec<Row>, Fault> {
        let doing = first_line(&sql);
        let rows = bind!(sqlx::query(AssertSqlSafe(sql.into_owned())), args)
            .fetch_all(&self.pool)
            .await
            .map_err(|error| Fault::new(doing, error))?;
        Ok(rows
            .into_iter()
            .map(|row| Row::Postgres(Box::new(row)))
            .collect())
    }

    pub(super) async fn prepare(&self, sql: &'static str) -> Result<(), Fault> {
        use sqlx::SqlSafeStr as _;
        let mut conn = self
            .pool
            .acquire()
            .await
            .map_err(|error| Fault::new("preparing", error))?;
        conn.prepare(sql.into_sql_str())
            .await
            .map(drop)
            .map_err(|error| Fault::new(first_line(sql), error))
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

pub(super) async fn execute(tx: &mut PostgresTx, sql: Sql, args: Vec<Value>) -> Result<u64, Fault> {
    let doing = first_line(&sql);
    let done = bind!(sqlx::query(AssertSqlSafe(sql.into_owned())), args)
        .execute(&mut **tx)
        .await
        .map_err(|error| Fault::new(doing, error))?;
    Ok(done.rows_affected())
}

pub(super) async fn fetch_all(
    tx: &mut PostgresTx,
    sql: Sql,
    args: Vec<Value>,
) -> Result<Vec<Row>, Fault> {
    let doing = first_line(&sql);
    let rows = bind!(sqlx::query(AssertSqlSafe(sql.into_owned())), args)
        .fetch_all(&mut **tx)
        .await
        .map_err(|error| Fault::new(doing, error))?;
    Ok(rows
        .into_iter()
        .map(|row| Row::Postgres(Box::new(row)))
        .collect())
}

pub(super) async fn script(tx: &mut PostgresTx, sql: Sql) -> Result<(), Fault> {
    let doing = first_line(&sql);
    sqlx::raw_sql(AssertSqlSafe(sql.into_owned()))
        .execute(&mut **tx)
        .await
        .map(drop)
        .map_err(|error| Fault::new(doing, error))
}
