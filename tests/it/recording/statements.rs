//! Every statement of the slice is one the database understands.

use fenghuotai::recording::STATEMENTS;

use crate::world::World;

#[tokio::test]
async fn every_statement_is_valid() {
    let world = World::start().await;
    for statement in STATEMENTS.iter().copied().flatten() {
        world
            .ctx
            .db
            .prepare(statement)
            .await
            .unwrap_or_else(|fault| panic!("{fault}: {statement}"));
    }
}
