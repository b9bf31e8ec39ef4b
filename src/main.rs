//! The program: `fenghuotai serve` needs no argument and no file.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use fenghuotai::{
    app::{self, App},
    demo,
    platform::{Clock, config::Config, http::serve, journal, telemetry},
};
use tokio::{net::TcpListener, sync::watch};

#[derive(Debug, Parser)]
#[command(
    name = "fenghuotai",
    version,
    about = "Emergency command and video-conference coordination"
)]
struct Arguments {
    /// A TOML file; see docs/OPERATING.md. Without one everything has a default.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    /// Where the database, certificates and recordings live.
    #[arg(long, global = true)]
    data_dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve everything (the default).
    Serve {
        /// Address and port; TLS unless it is a loopback address.
        #[arg(long)]
        listen: Option<SocketAddr>,
        /// UDP address and port of the media server.
        #[arg(long)]
        media_listen: Option<SocketAddr>,
        /// Serve the page from this directory instead of the one built in.
        #[arg(long)]
        ui_dir: Option<PathBuf>,
    },
    /// Make the demonstration city in the data directory, unless it is there, and serve it.
    Demo {
        /// Address and port; TLS unless it is a loopback address.
        #[arg(long)]
        listen: Option<SocketAddr>,
        /// UDP address and port of the media server.
        #[arg(long)]
        media_listen: Option<SocketAddr>,
        /// Feed real call records through the intake API, this many times faster than they came in.
        #[arg(long, value_name = "SPEED")]
        replay: Option<f64>,
    },
    /// Work on the journal.
    Journal {
        #[command(subcommand)]
        command: JournalCommand,
    },
    /// Print the OpenAPI document.
    Openapi,
}

#[derive(Debug, Subcommand)]
enum JournalCommand {
    /// Walk the hash chain and name the first bad entry.
    Verify,
    /// Draw a new epoch after a backup was restored, so that every reader fetches its state anew.
    Restored,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut config = match arguments.config.as_deref().map(Config::read).transpose() {
        Ok(config) => config.unwrap_or_default(),
        Err(problems) => {
            for problem in problems {
                eprintln!("configuration: {problem}");
            }
            return ExitCode::from(2);
        }
    };
    if let Some(dir) = arguments.data_dir {
        config.data_dir = dir;
    }
    let command = arguments.command.unwrap_or(Command::Serve {
        listen: None,
        media_listen: None,
        ui_dir: None,
    });
    let usual = match command {
        Command::Demo { .. } => telemetry::CALM,
        _ => telemetry::SERVER,
    };
    telemetry::start(usual, config.log_json);
    let outcome = match command {
        Command::Serve {
            listen,
            media_listen,
            ui_dir,
        } => {
            config.http.listen = listen.unwrap_or(config.http.listen);
            config.media.listen = media_listen.unwrap_or(config.media.listen);
            config.ui_dir = ui_dir.or(config.ui_dir);
            serve(config, None).await
        }
        Command::Demo {
            listen,
            media_listen,
            replay,
        } => {
            config.http.listen = listen.unwrap_or(config.http.listen);
            config.media.listen = media_listen.unwrap_or(config.media.listen);
            serve(config, Some(Demo { replay })).await
        }
        Command::Journal {
            command: JournalCommand::Verify,
        } => verify(config).await,
        Command::Journal {
            command: JournalCommand::Restored,
        } => restored(config).await,
        Command::Openapi => {
            print!("{}", app::openapi());
            Ok(ExitCode::SUCCESS)
        }
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("fenghuotai: {error}");
        ExitCode::FAILURE
    })
}

type Outcome = Result<ExitCode, Box<dyn std::error::Error>>;

/// How the demonstration city is served.
#[derive(Clone, Copy)]
struct Demo {
    replay: Option<f64>,
}

async fn serve(mut config: Config, demo: Option<Demo>) -> Outcome {
    if demo.is_some() {
        demo::configure(&mut config)?;
    }
    let listener = TcpListener::bind(config.http.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", config.http.listen))?;
    let app = App::start(config, Clock::system()).await?;
    let city = match &demo {
        Some(_) => Some(demo::prepare(&app).await?),
        None => None,
    };
    let App { ctx, router, .. } = app;
    let scheme = if ctx.config.tls() { "https" } else { "http" };
    if let Some(code) = fenghuotai::identity::offer_set_up(&ctx).await? {
        println!("fenghuotai: first start. Open /setup and enter this one-time code: {code}");
    }
    let origin = format!("{scheme}://{}", listener.local_addr()?);
    println!("fenghuotai: listening on {origin}");
    if let Some(city) = city {
        println!("{}", city.words(&origin));
        if let Some(speed) = demo.and_then(|demo| demo.replay) {
            city.replay(speed).await?;
        }
    }

    let (stop, stopped) = watch::channel(false);
    fenghuotai::platform::tasks::spawn("signals", async move {
        let mut terminate =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
                .expect("a signal handler can be installed at start");
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping: open requests may end first");
        stop.send_replace(true);
        std::future::pending::<()>().await;
    });
    serve::serve(listener, router, &ctx.config, stopped).await?;
    ctx.db.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn restored(config: Config) -> Outcome {
    let ctx = app::context(config, Clock::system()).await?;
    let mut tx = ctx.db.begin().await?;
    let epoch = journal::renew_epoch(&mut tx).await?;
    tx.commit().await?;
    println!("journal: a new epoch, {epoch}; every reader begins anew");
    Ok(ExitCode::SUCCESS)
}

async fn verify(config: Config) -> Outcome {
    let ctx = app::context(config, Clock::system()).await?;
    let verdict = journal::verify(&ctx.db).await?;
    Ok(match verdict.first_bad {
        None => {
            println!(
                "journal: {} entries, every one as it was written",
                verdict.entries
            );
            ExitCode::SUCCESS
        }
        Some((seq, reason)) => {
            println!(
                "journal: entry {seq} is bad: {reason} ({} good entries before it)",
                verdict.entries
            );
            ExitCode::FAILURE
        }
    })
}
