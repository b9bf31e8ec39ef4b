//! The journal: complete, ordered, chained, and telling when it was touched.

use fenghuotai::platform::{
    Ctx,
    db::args,
    journal::{self, Draft},
};
use serde_json::json;

use super::db::ctx;
use crate::world::TempDir;

fn draft(n: i64) -> Draft {
    Draft {
        kind: "test.happened",
        entity: format!("entity-{}", n % 3),
        entity_version: n,
        jurisdiction: "2201".to_owned(),
        topics: vec!["test".to_owned()],
        actor: "system".to_owned(),
        payload: json!({ "n": n, "zh": "烽火" }),
    }
}

async fn append(ctx: &Ctx, n: i64) -> i64 {
    let mut tx = ctx.db.begin().await.unwrap();
    let seq = tx.append(draft(n), ctx.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    seq
}

#[tokio::test]
async fn parallel_writers_make_one_gapless_chain_and_a_follower_hears_all_of_it() {
    let dir = TempDir::new();
    let ctx = ctx(&dir).await;
    append(&ctx, 0).await;
    let mut follow = ctx.relay.follow(0);
    let writers: Vec<_> = (1..60)
        .map(|n| {
            let ctx = ctx.clone();
            fenghuotai::platform::tasks::spawn("writer", async move { append(&ctx, n).await })
        })
        .collect();
    for expected in 1..=60 {
        assert_eq!(follow.next().await.unwrap().seq, expected);
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let verdict = journal::verify(&ctx.db).await.unwrap();
    assert_eq!((verdict.entries, verdict.first_bad), (60, None));
    assert_eq!(
        journal::of_entity(&ctx.db, "entity-1", 0, 100)
            .await
            .unwrap()
            .len(),
        20
    );
}

#[tokio::test]
async fn a_long_batch_is_one_transaction() {
    let dir = TempDir::new();
    let ctx = ctx(&dir).await;
    let mut tx = ctx.db.begin().await.unwrap();
    tx.append_all((0..1_234).map(draft).collect(), ctx.clock.now())
        .await
        .unwrap();
    drop(tx);
    assert_eq!(journal::head(&ctx.db).await.unwrap().seq, 0);
    let mut tx = ctx.db.begin().await.unwrap();
    tx.append_all((0..1_234).map(draft).collect(), ctx.clock.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let verdict = journal::verify(&ctx.db).await.unwrap();
    assert_eq!((verdict.entries, verdict.first_bad), (1_234, None));
}

#[tokio::test]
async fn verify_names_the_first_entry_that_was_touched() {
    for (touch, bad) in [
        ("UPDATE journal SET payload = '{\"n\":99}' WHERE seq = 7", 7),
        ("UPDATE journal SET topics = 'x' WHERE seq = 3", 3),
        ("DELETE FROM journal WHERE seq = 5", 5),
        ("DELETE FROM journal WHERE seq > 8", 9),
    ] {
        let dir = TempDir::new();
        let ctx = ctx(&dir).await;
        for n in 0..10 {
            append(&ctx, n).await;
        }
        let mut tx = ctx.db.begin().await.unwrap();
        tx.execute(touch, args![]).await.unwrap();
        tx.commit().await.unwrap();
        let verdict = journal::verify(&ctx.db).await.unwrap();
        assert_eq!(verdict.first_bad.map(|(seq, _)| seq), Some(bad), "{touch}");
    }
}

#[tokio::test]
async fn a_restored_database_begins_a_new_epoch_and_its_chain_still_holds() {
    let dir = TempDir::new();
    let ctx = ctx(&dir).await;
    append(&ctx, 1).await;
    let before = journal::head(&ctx.db).await.unwrap();
    let mut tx = ctx.db.begin().await.unwrap();
    let epoch = journal::renew_epoch(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    append(&ctx, 2).await;
    let head = journal::head(&ctx.db).await.unwrap();
    assert_ne!(before.epoch, epoch);
    assert_eq!((head.epoch, head.seq), (epoch, 2));
    assert_eq!(journal::verify(&ctx.db).await.unwrap().first_bad, None);
}
