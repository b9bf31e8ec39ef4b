//! Seals the callers' numbers that were written before numbers were sealed.

use crate::{
    incident::store,
    platform::{Ctx, Fault},
};

/// Rows of one transaction: a crash leaves each row either plain or sealed, and the next start goes on.
const BATCH: i64 = 1_000;

/// Runs before anything reads calls; at every start after the first there is nothing left to do.
///
/// # Errors
/// When the database does not answer.
pub async fn seal_phones(ctx: &Ctx) -> Result<(), Fault> {
    let mut sealed = 0;
    loop {
        let mut tx = ctx.db.begin().await?;
        let rows = store::seal_some(&mut tx, &ctx.seal, BATCH).await?;
        tx.commit().await?;
        if rows == 0 {
            break;
        }
        sealed += rows;
    }
    if sealed > 0 {
        tracing::info!(
            calls = sealed,
            "callers' numbers of earlier days were sealed"
        );
    }
    Ok(())
}
