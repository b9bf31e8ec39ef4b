//! Transactions: all or nothing, one fsync for many, nothing left of the abandoned.

use fenghuotai::platform::{Clock, Ctx, db::args};

use crate::world::{EVENING, TempDir, test_config};

pub async fn ctx(dir: &TempDir) -> Ctx {
    fenghuotai::app::context(test_config(dir), Clock::fixed(EVENING))
        .await
        .expect("the database opens")
}

const INSERT: &str =
    "INSERT INTO commands (account_id, command_id, fingerprint, at) VALUES ($1, $2, $3, $4)";
const COUNT: &str = "SELECT COUNT(*) AS n FROM commands";

async fn count(ctx: &Ctx) -> i64 {
    ctx.db
        .read()
        .fetch_one(COUNT, args![])
        .await
        .unwrap()
        .get("n")
        .unwrap()
}

#[tokio::test]
async fn a_transaction_that_is_dropped_leaves_nothing_and_blocks_nobody() {
    let dir = TempDir::new();
    let ctx = ctx(&dir).await;
    let mut dropped = ctx.db.begin().await.unwrap();
    dropped
        .execute(INSERT, args!["a", "1", "f", 1_i64])
        .await
        .unwrap();
    drop(dropped);
    let mut kept = ctx.db.begin().await.unwrap();
    kept.execute(INSERT, args!["a", "2", "f", 1_i64])
        .await
        .unwrap();
    kept.commit().await.unwrap();
    assert_eq!(count(&ctx).await, 1);
}

#[tokio::test]
async fn a_statement_that_fails_spoils_only_its_own_transaction() {
    let dir = TempDir::new();
    let ctx = ctx(&dir).await;
    let writers = (0..40).map(|writer| {
        let ctx = ctx.clone();
        fenghuotai::platform::tasks::spawn("writer", async move {
            let mut tx = ctx.db.begin().await.unwrap();
            tx.execute(INSERT, args!["a", format!("{writer}"), "f", 1_i64])
                .await
                .unwrap();
            if writer % 4 == 0 {
                let fault = tx
                    .execute(INSERT, args!["a", format!("{writer}"), "f", 1_i64])
                    .await
                    .unwrap_err();
                assert!(
                    fault.violates("commands_key", "commands.account_id"),
                    "{fault}"
                );
                return;
            }
            tx.commit().await.unwrap();
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    assert_eq!(count(&ctx).await, 30);
}

#[tokio::test]
async fn every_platform_statement_prepares() {
    let dir = TempDir::new();
    let ctx = ctx(&dir).await;
    for sql in fenghuotai::platform::http::idempotency::STATEMENTS {
        ctx.db
            .prepare(sql)
            .await
            .unwrap_or_else(|fault| panic!("{fault}\n{sql}"));
    }
}
