//! A whole tower in the test's own process: fresh database, free port, speaks the domain.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use fenghuotai::{
    app::App,
    gateway::CommandRouter,
    identity::Role,
    platform::{Clock, Ctx, Millis, config::Config, http::serve, tasks},
};
use tokio::{net::TcpListener, sync::watch};

use crate::client::Client;

/// 2026-11-22 20:00 in Shanghai.
pub const EVENING: Millis = Millis(1_795_348_800_000);

/// One server. Dropping it stops the server; the database is a temporary one.
pub struct World {
    pub ctx: Ctx,
    /// The same routes without a socket, for [`crate::client::Client`].
    pub router: axum::Router,
    pub address: SocketAddr,
    _dir: TempDir,
    _commands: CommandRouter,
    stop: watch::Sender<bool>,
}

impl World {
    pub async fn start() -> Self {
        Self::with(Clock::fixed(EVENING), TempDir::new(), |_| {}).await
    }

    /// `configure` changes the configuration before the start.
    pub async fn with(clock: Clock, dir: TempDir, configure: impl FnOnce(&mut Config)) -> Self {
        let mut config = test_config(&dir);
        configure(&mut config);
        let listener = TcpListener::bind(config.http.listen)
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("a bound listener");
        config.http.listen = address;
        let App {
            ctx,
            router,
            commands,
            ..
        } = App::start(config, clock).await.expect("the app starts");
        let (stop, stopped) = watch::channel(false);
        let (serving, routes) = (ctx.config.clone(), router.clone());
        tasks::spawn("world.serve", async move {
            serve::serve(listener, routes, &serving, stopped)
                .await
                .expect("the server runs");
        });
        Self {
            ctx,
            router,
            address,
            _dir: dir,
            _commands: commands,
            stop,
        }
    }

    pub fn advance(&self, ms: i64) {
        self.ctx.clock.advance(ms);
    }

    /// A client signed in as a fresh account with one role in a division such as `2201`.
    pub async fn login_as(&self, role: Role, division: &str) -> Client {
        Client::signed_in(self, role, division).await
    }

    /// A client nobody has signed in with.
    pub fn stranger(&self) -> Client {
        Client::new(self)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

/// SQLite in the directory, or a fresh schema where `FENGHUOTAI_TEST_POSTGRES` names a server.
pub fn test_config(dir: &TempDir) -> Config {
    let mut config = Config {
        data_dir: dir.path().to_owned(),
        ..Config::default()
    };
    config.http.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    config.media.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    if let Ok(url) = std::env::var("FENGHUOTAI_TEST_POSTGRES") {
        config.database.postgres = Some(url);
        config.database.schema = Some(dir.name().to_owned());
    }
    config
}

/// A directory of its own, removed at the end.
pub struct TempDir {
    path: std::path::PathBuf,
    name: String,
}

impl TempDir {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "fht_{}_{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(&name);
        std::fs::create_dir_all(&path).expect("the temporary directory can be written");
        Self { path, name }
    }

    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// Waits until `condition` holds, looking every few milliseconds: for what another task does.
pub async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    for _ in 0..2_000 {
        if condition().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("did not happen within ten seconds: {what}");
}
