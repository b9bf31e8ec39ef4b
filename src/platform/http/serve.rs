//! Accepts connections within named limits, and ends them gently.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, extract::Request};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::watch,
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use super::tls;
use crate::platform::{config::Config, failure::Fault, tasks};

/// How long open requests may take to end at shutdown.
const LAST_REQUESTS: Duration = Duration::from_secs(5);
const TLS_HANDSHAKE: Duration = Duration::from_secs(10);

/// The address a request came from.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

#[derive(Debug, Clone, Default)]
struct PerAddress(Arc<Mutex<BTreeMap<IpAddr, usize>>>);

struct Admitted(PerAddress, IpAddr);

impl PerAddress {
    fn admit(&self, address: IpAddr, most: usize) -> Option<Admitted> {
        let mut open = self.0.lock().expect("no holder of this lock panics");
        let count = open.entry(address).or_default();
        (*count < most).then(|| {
            *count += 1;
            Admitted(self.clone(), address)
        })
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut open = self.0.0.lock().expect("no holder of this lock panics");
        if let Some(count) = open.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.1);
            }
        }
    }
}

/// Serves until `stop` turns true, then lets open requests end.
///
/// # Errors
/// When TLS cannot be set up.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    config: &Config,
    mut stop: watch::Receiver<bool>,
) -> Result<(), Fault> {
    let acceptor = if config.tls() {
        Some(TlsAcceptor::from(tls::server_config(config)?))
    } else {
        None
    };
    let header_read = Duration::from_millis(config.http.header_read_timeout_ms);
    let most = config.http.connections_per_address;
    let (open, graceful) = (PerAddress::default(), GracefulShutdown::new());

    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of descriptors, most likely: what is open goes on, new ones wait.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            () = stopped(&mut stop) => break,
        };
        let Some(admitted) = open.admit(peer.ip(), most) else {
            tracing::warn!(address = %peer.ip(), most, "too many connections from one address");
            continue;
        };
        let _ = stream.set_nodelay(true);
        let (router, acceptor, watcher) = (router.clone(), acceptor.clone(), graceful.watcher());
        tasks::spawn("http.connection", async move {
            let _admitted = admitted;
            match acceptor {
                None => converse(stream, peer, router, header_read, watcher).await,
                Some(acceptor) => {
                    let handshake =
                        tokio::time::timeout(TLS_HANDSHAKE, acceptor.accept(stream)).await;
                    if let Ok(Ok(stream)) = handshake {
                        converse(stream, peer, router, header_read, watcher).await;
                    }
                }
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(LAST_REQUESTS, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::info!("some connections did not end in time and were cut");
    }
    Ok(())
}

/// Returns when the process is to stop, or nobody is left to say so.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn converse<S>(
    stream: S,
    peer: SocketAddr,
    router: Router,
    header_read: Duration,
    watcher: hyper_util::server::graceful::Watcher,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service =
        hyper::service::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            router
                .clone()
                .oneshot(request.map(axum::body::Body::new) as Request)
        });
    let mut http = Builder::new(TokioExecutor::new()).http1_only();
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(header_read);
    let connection = http.serve_connection_with_upgrades(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "a connection ended early");
    }
}
