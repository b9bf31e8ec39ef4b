//! The websocket, through a client written from docs/PROTOCOL.md alone.

mod protocol_client;
mod resume;
mod socket;

pub use protocol_client::ProtocolClient;

use fenghuotai::platform::{Ctx, journal::Draft};
use serde_json::json;

/// Something happens in the journal.
pub async fn happen(ctx: &Ctx, n: i64, jurisdiction: &str, topic: &str) -> i64 {
    let draft = Draft {
        kind: "incident.reported",
        entity: format!("00000000-0000-7000-8000-{n:012}"),
        entity_version: 1,
        jurisdiction: jurisdiction.to_owned(),
        topics: vec![topic.to_owned()],
        actor: "system".to_owned(),
        payload: json!({ "n": n }),
    };
    let mut tx = ctx.db.begin().await.expect("the database answers");
    let seq = tx
        .append(draft, ctx.clock.now())
        .await
        .expect("the journal takes it");
    tx.commit().await.expect("on disk");
    seq
}
