//! Where the media server listens, and which addresses it tells clients.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// Where the media server listens and what it tells clients.
#[derive(Debug, Clone)]
pub struct MediaConfig {
    /// Address of the one public UDP port; port 0 lets the system choose.
    pub udp: SocketAddr,
    /// Addresses clients can reach; empty: those of this machine that the socket is bound to.
    pub advertised: Vec<IpAddr>,
    /// Worker threads, each with its own socket on the one port; 0: one less than there are cores, at least one.
    pub workers: usize,
    /// Address of the TCP port for networks that drop UDP.
    pub tcp: Option<SocketAddr>,
}

impl Default for MediaConfig {
    fn default() -> Self {
        Self {
            udp: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            advertised: Vec::new(),
            workers: 1,
            tcp: None,
        }
    }
}

/// More workers than this are not started, whatever is asked for.
const WORKERS_MAX: usize = 64;

impl MediaConfig {
    /// How many workers to start.
    pub(super) fn worker_count(&self) -> usize {
        let wanted = match self.workers {
            0 => std::thread::available_parallelism().map_or(1, |cores| cores.get() - 1),
            wanted => wanted,
        };
        wanted.clamp(1, WORKERS_MAX)
    }
}

/// What to write into answers: what the owner said, or where the socket is.
pub(super) fn advertised(wanted: &[IpAddr], bound: SocketAddr) -> Vec<SocketAddr> {
    let port = bound.port();
    if !wanted.is_empty() {
        return wanted.iter().map(|ip| SocketAddr::new(*ip, port)).collect();
    }
    if !bound.ip().is_unspecified() {
        return vec![bound];
    }
    let mut addresses: Vec<SocketAddr> = outward_address()
        .map(|ip| SocketAddr::new(ip, port))
        .into_iter()
        .collect();
    addresses.push(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    addresses
}

/// The address the system would send from toward another network; connecting a datagram socket sends nothing.
fn outward_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(198, 51, 100, 1), 9)).ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_unspecified() && !ip.is_loopback()).then_some(ip)
}
