//! Where the media server listens, and which addresses it tells clients.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

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
    // A socket bound to the unspecified IPv6 address serves both families.
    let mut outward = vec![outward_address(
        Ipv4Addr::UNSPECIFIED.into(),
        Ipv4Addr::new(198, 51, 100, 1).into(),
    )];
    let mut loopback = vec![IpAddr::from(Ipv4Addr::LOCALHOST)];
    if bound.is_ipv6() {
        let elsewhere = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
        outward.push(outward_address(
            Ipv6Addr::UNSPECIFIED.into(),
            elsewhere.into(),
        ));
        loopback.push(Ipv6Addr::LOCALHOST.into());
    }
    outward
        .into_iter()
        .flatten()
        .chain(loopback)
        .map(|ip| SocketAddr::new(ip, port))
        .collect()
}

/// The address the system would send from toward another network; connecting a datagram socket sends nothing.
fn outward_address(any: IpAddr, elsewhere: IpAddr) -> Option<IpAddr> {
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect((elsewhere, 9)).ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_unspecified() && !ip.is_loopback()).then_some(ip)
}
