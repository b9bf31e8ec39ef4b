//! HTTP of the audit.

mod layer;

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service;
use super::wire::{AuditQuery, RecordView};
use crate::identity::Actor;
use crate::platform::Ctx;
use crate::platform::failure::Answer;
use crate::platform::http::{Page, Query};
use crate::platform::journal::Verdict;
pub use layer::layer;

pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(verify))
}

/// Who did what, newest first.
#[utoipa::path(
    get,
    path = "/audit",
    tag = "audit",
    params(AuditQuery),
    responses((status = 200, body = Page<RecordView>), (status = 403))
)]
async fn list(
    State(ctx): State<Ctx>,
    who: Actor,
    Query(query): Query<AuditQuery>,
) -> Answer<Page<RecordView>> {
    let (page, names) = service::list(&ctx, &who, &query.into()).await?;
    let items = page
        .items
        .into_iter()
        .map(|record| RecordView::new(record, &names))
        .collect();
    Ok(Json(Page {
        items,
        next: page.next,
    }))
}

/// Walks the journal's hash chain and names the first entry that is not as it was written.
#[utoipa::path(post, path = "/audit/verify", tag = "audit", responses((status = 200, body = Verdict), (status = 403)))]
async fn verify(State(ctx): State<Ctx>, who: Actor) -> Answer<Verdict> {
    Ok(Json(service::verify(&ctx, &who).await?))
}
