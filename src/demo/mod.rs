//! The demonstration city: Changchun after its real shape, made through the product's own HTTP API.
//!
//! Only accounts are made directly, because the first ones of a city need a person with a set-up code. A second
//! start finds everything there and adds nothing.

mod accounts;
mod api;
mod city;
mod incidents;
mod replay;
mod seed;

use axum::Router;

use crate::app::App;
use crate::platform::config::Config;
use crate::platform::{Ctx, Fault, tasks};
use accounts::Access;
use api::Api;

/// Longitude, latitude and zoom that show the whole city.
const CENTRE: [f64; 3] = [125.6, 44.1, 8.0];

/// What to try first, each in a browser window of its own (a private window keeps a sign-in apart).
const FIRST_STEPS: [&str; 6] = [
    "先试试 · try first, each sign-in in its own private window:",
    "1. venue.shiwei 与 venue.nanguan 登录：终端自动入会，互相看见、听见",
    "   sign in as venue.shiwei and venue.nanguan: the terminals join by themselves and see and hear each other",
    "2. leader 登录：首页即态势；dispatch 登录：按 F2 接报，事件立即出现在领导的地图上",
    "   sign in as leader; as dispatch press F2 and report: the incident is on the leader's map at once",
    "3. operator 登录：会控台开麦、闭麦、呼叫会场 · sign in as operator: the console calls venues and owns microphones",
];

/// What a person gets to know after the start.
#[derive(Debug)]
pub struct Demonstration {
    accounts: Vec<Access>,
    ctx: Ctx,
    router: Router,
}

/// Gives the configuration the base map that comes with the demonstration, unless it has one.
///
/// # Errors
/// When the data directory cannot be written.
pub fn configure(config: &mut Config) -> Result<(), Fault> {
    if config.map.base_geojson.is_none() {
        let path = config.data_dir.join("basemap.geojson");
        std::fs::create_dir_all(&config.data_dir)
            .and_then(|()| std::fs::write(&path, city::BASE_MAP))
            .map_err(|error| Fault::new(format!("writing {}", path.display()), error))?;
        config.map.base_geojson = Some(path);
    }
    config.map.centre.get_or_insert(CENTRE);
    Ok(())
}

/// Makes whatever of the city is not there yet.
///
/// # Errors
/// When the API refuses a part of it: then the demonstration is out of step with the product.
pub async fn prepare(app: &App) -> Result<Demonstration, Fault> {
    let accounts = accounts::of(&app.ctx.config.data_dir)?;
    accounts::provide(&app.ctx, &accounts)
        .await
        .map_err(|failure| {
            Fault::new("making the demonstration's accounts", failure.to_string())
        })?;
    let city = Demonstration {
        accounts,
        ctx: app.ctx.clone(),
        router: app.router.clone(),
    };
    seed::city(&city).await?;
    Ok(city)
}

impl Demonstration {
    /// Feeds real call records through the intake API, `speed` times faster than they came in.
    ///
    /// # Errors
    /// When the dispatcher cannot sign in.
    pub async fn replay(&self, speed: f64) -> Result<(), Fault> {
        let dispatcher = self.sign_in("dispatch").await?;
        let cursor = self.ctx.config.data_dir.join("replay.txt");
        tasks::spawn("demo.replay", async move {
            if let Err(fault) = replay::run(&dispatcher, speed, &cursor).await {
                tracing::warn!(%fault, "the replay of call records has stopped");
            }
        });
        Ok(())
    }

    /// Addresses and accounts, for the terminal.
    #[must_use]
    pub fn words(&self, origin: &str) -> String {
        let mut lines = vec![
            String::new(),
            format!("  烽火台演示城市 · demonstration city:  {origin}"),
            String::new(),
        ];
        for access in &self.accounts {
            let totp = access
                .totp_secret
                .as_deref()
                .map(|secret| format!("  authenticator {secret}"));
            let totp = totp.unwrap_or_default();
            lines.push(format!(
                "  {:<14} {:<18} {}  {}{totp}",
                access.role, access.login, access.password, access.name
            ));
        }
        lines.push(String::new());
        lines.extend(FIRST_STEPS.map(|step| format!("  {step}")));
        lines.push(String::new());
        let file = self.ctx.config.data_dir.join(accounts::FILE);
        lines.push(format!("  也记录在 · also kept in {}", file.display()));
        lines.push("  Ctrl-C 结束 · ends it".to_owned());
        lines.join("\n")
    }

    async fn sign_in(&self, login: &str) -> Result<Api, Fault> {
        let access = self.accounts.iter().find(|access| access.login == login);
        let access = access.ok_or_else(|| {
            Fault::new("reading the accounts", format!("nobody is called {login}"))
        })?;
        Api::sign_in(&self.router, login, &access.password).await
    }
}
