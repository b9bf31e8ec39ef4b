//! Sockets and the first look at a datagram; knows addresses, not peers.

pub mod arena;
pub mod pace;
pub mod seats;
pub mod tcp;
pub mod udp;
pub mod wake;

use std::net::SocketAddr;

/// How a datagram travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// One datagram, one packet.
    Udp,
    /// RFC 4571 frames on a connection the client opened (RFC 6544, passive side).
    Tcp,
}

/// The far end of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Remote {
    /// UDP or TCP; equal addresses on both are different paths.
    pub transport: Transport,
    /// Where from, where to.
    pub addr: SocketAddr,
}

impl Remote {
    /// A UDP path.
    pub fn udp(addr: SocketAddr) -> Self {
        Self {
            transport: Transport::Udp,
            addr,
        }
    }

    /// A TCP path.
    pub fn tcp(addr: SocketAddr) -> Self {
        Self {
            transport: Transport::Tcp,
            addr,
        }
    }
}

/// What the first byte says a datagram is (RFC 7983).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A connectivity check or its answer.
    Stun,
    /// Handshake, alert or application data.
    Dtls,
    /// SRTP or SRTCP.
    Media,
    /// Nothing this server speaks.
    Other,
}

impl Class {
    /// Looks at the first byte only.
    pub fn of(datagram: &[u8]) -> Self {
        match datagram.first() {
            Some(0..=3) => Self::Stun,
            Some(20..=63) => Self::Dtls,
            Some(128..=191) => Self::Media,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests;
