//! Puts the rooms together: one context, one router, one set of tasks.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Json, Router, extract::State, middleware, response::IntoResponse, routing::get,
};
use serde_json::json;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::platform::{
    Clock, Ctx, Db, Failure, Fault,
    config::Config,
    http::{contract, idempotency, layers, problem, ui},
    journal::{self, Relay},
    metrics::Metrics,
    sealing::Seal,
    tasks,
};
use crate::{
    conference, expert, gateway, identity, incident, infrastructure, recording, region,
    situation::{self, Situation},
};

#[derive(Debug, OpenApi)]
#[openapi(info(
    title = "Fenghuotai",
    description = "Emergency command and video-conference coordination for city, county and district governments.",
    license(name = "Apache-2.0", identifier = "Apache-2.0")
))]
struct Document;

#[derive(Debug)]
pub struct App {
    pub ctx: Ctx,
    pub router: Router,
    pub atlas: region::Atlas,
    /// Must outlive the sockets: their commands go through it.
    pub commands: gateway::CommandRouter,
}

impl App {
    /// Opens the database, starts the tasks and builds the router. Listens to nothing yet.
    ///
    /// # Errors
    /// When the data directory, the database or a slice cannot start.
    pub async fn start(config: Config, clock: Clock) -> Result<Self, Fault> {
        let ctx = context(config, clock).await?;
        start_tasks(&ctx);
        let atlas = region::Atlas::default();
        region::load(&ctx, &atlas).await?;
        tasks::spawn("region.follow", region::follow(ctx.clone(), atlas.clone()));
        incident::seal_phones(&ctx).await?;
        incident::resume(&ctx).await?;
        let situation = Situation::start(&ctx, &atlas).await?;
        let (stage, recorded) = conference::start(&ctx).await?;
        recording::start(&ctx, stage.clone(), recorded).await?;
        let commands = gateway::CommandRouter::default();
        let router = router(&ctx, stage, &atlas, situation, &commands);
        commands.complete(router.clone());
        Ok(Self {
            ctx,
            router,
            atlas,
            commands,
        })
    }
}

/// The database and what reads its journal, without the rest: for commands of the program.
///
/// # Errors
/// When the data directory or the database cannot be opened.
pub async fn context(config: Config, clock: Clock) -> Result<Ctx, Fault> {
    let dir = &config.data_dir;
    std::fs::create_dir_all(dir)
        .map_err(|error| Fault::new(format!("creating {}", dir.display()), error))?;
    let db = match &config.database.postgres {
        Some(url) => Db::postgres(url, config.database.schema.as_deref()).await?,
        None => Db::sqlite(&dir.join("fenghuotai.sqlite")).await?,
    };
    let mut tx = db.begin().await?;
    journal::ensure_epoch(&mut tx).await?;
    tx.commit().await?;
    let seal = Seal::open(dir)?;
    let relay = Relay::start(&db).await?;
    Ok(Ctx {
        clock,
        db,
        relay,
        config: Arc::new(config),
        metrics: Metrics::default(),
        seal,
    })
}

/// Every route of the API with its description.
#[must_use]
pub fn api() -> OpenApiRouter<Ctx> {
    // One room a line, so that two rooms added at once do not meet here.
    #[rustfmt::skip]
    let slices = [
        conference::routes(),
        crate::audit::routes(),
        crate::consultation::routes(),
        expert::routes(),
        gateway::routes(),
        identity::routes(),
        incident::routes(),
        infrastructure::routes(),
        recording::routes(),
        region::routes(),
        situation::routes(),
    ];
    slices.into_iter().fold(
        OpenApiRouter::with_openapi(Document::openapi()),
        OpenApiRouter::merge,
    )
}

/// The OpenAPI document, as `cargo xtask bless` writes it to `docs/openapi.json`.
#[must_use]
pub fn openapi() -> String {
    let (_, document) = OpenApiRouter::<Ctx>::with_openapi(Document::openapi())
        .nest("/api/v1", api())
        .split_for_parts();
    format!("{:#}\n", contract::exact(&document))
}

fn router(
    ctx: &Ctx,
    stage: conference::Stage,
    atlas: &region::Atlas,
    situation: Situation,
    commands: &gateway::CommandRouter,
) -> Router {
    let (api, document) = OpenApiRouter::with_openapi(Document::openapi())
        .nest("/api/v1", api())
        .split_for_parts();
    let document = Arc::new(contract::exact(&document));
    let api = api
        .layer(Extension(situation))
        .route(
            "/api/v1/openapi.json",
            get(move || async move { Json(document.as_ref().clone()) }),
        )
        .route("/api/{*rest}", axum::routing::any(layers::no_such_address))
        .layer(middleware::from_fn_with_state(
            ctx.clone(),
            layers::journal_place,
        ))
        .layer(middleware::from_fn_with_state(
            (ctx.clone(), idempotency::UnderWay::default()),
            idempotency::layer,
        ))
        .layer(middleware::from_fn_with_state(ctx.clone(), identity::layer))
        .layer(middleware::from_fn_with_state(
            (ctx.clone(), crate::audit::Bound::default()),
            crate::audit::layer,
        ));
    api.layer(Extension(commands.reach()))
        .layer(Extension(stage))
        .layer(Extension(atlas.clone()))
        .layer(Extension(infrastructure::Atlas::default()))
        .route("/health", get(health))
        .route("/metrics", get(metrics))
        .fallback(ui::serve)
        .layer(middleware::from_fn(layers::same_origin))
        .layer(CatchPanicLayer::custom(problem::after_panic))
        .layer(middleware::from_fn_with_state(ctx.clone(), layers::trace))
        .with_state(ctx.clone())
}

/// Healthy means: the database answers.
async fn health(State(ctx): State<Ctx>) -> Result<impl IntoResponse, Failure> {
    let head = journal::head(&ctx.db).await?;
    Ok(Json(json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "database": ctx.db.name(),
        "epoch": head.epoch,
        "seq": head.seq,
        "now": ctx.clock.now(),
    })))
}

async fn metrics(State(ctx): State<Ctx>) -> String {
    ctx.metrics.text()
}

fn start_tasks(ctx: &Ctx) {
    let ctx = ctx.clone();
    tasks::spawn("commands.forget", async move {
        loop {
            if let Err(fault) = idempotency::forget_old(&ctx).await {
                tracing::warn!(%fault, "old command answers could not be forgotten");
            }
            tokio::time::sleep(Duration::from_secs(3_600)).await;
        }
    });
}
