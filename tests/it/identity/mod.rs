//! Accounts, sessions, administrators and terminals through the whole router.

mod accounts;
mod devices;
mod sessions;
mod setup;

use fenghuotai::identity;

use crate::world::World;

#[tokio::test]
async fn every_statement_is_valid_on_this_database() {
    let world = World::start().await;
    for statement in identity::statements() {
        world
            .ctx
            .db
            .prepare(statement)
            .await
            .unwrap_or_else(|fault| panic!("{statement}: {fault}"));
    }
}
