//! Experts and infrastructure through the API.

mod assets;
mod experts;

#[tokio::test]
async fn every_statement_is_valid_on_this_database() {
    let world = crate::world::World::start().await;
    for statement in fenghuotai::expert::STATEMENTS
        .iter()
        .chain(fenghuotai::infrastructure::STATEMENTS)
    {
        world.ctx.db.prepare(statement).await.expect(statement);
    }
}
