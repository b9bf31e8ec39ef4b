//! Divisions and boundaries through the whole router, on drawn files and on the real ones.

mod drawn;
mod real;

use fenghuotai::region;

use crate::world::World;

#[tokio::test]
async fn every_statement_is_valid_on_this_database() {
    let world = World::start().await;
    for statement in region::STATEMENTS {
        world
            .ctx
            .db
            .prepare(statement)
            .await
            .unwrap_or_else(|fault| panic!("{statement}: {fault}"));
    }
}
