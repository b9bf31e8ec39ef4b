//! DTLS of one peer: the server side, the fingerprint check, and the keys that come out.

mod hello;
mod identity;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use bytes::BytesMut;
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_shared::TransportProtocol;

pub use hello::Hello;
pub use identity::Identity;

use crate::srtp::{self, DtlsRole, SrtpProfile};

/// Handshake datagrams read from one peer before its handshake is given up. A clean one needs under ten.
pub const HANDSHAKE_DATAGRAMS_MAX: u32 = 200;

/// Label of RFC 5764, 4.2.
const EXPORTER: &str = "EXTRACTOR-dtls_srtp";

/// Why a peer got no keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DtlsFailure {
    /// The certificate shown is not the one the offer named.
    #[error("the certificate does not match the fingerprint of the offer")]
    Fingerprint,
    /// The client offered no SRTP protection profile this server has.
    #[error("no SRTP protection profile in common")]
    Profile,
    /// The handshake went wrong or took too much.
    #[error("the DTLS handshake failed: {0}")]
    Handshake(String),
    /// The peer closed the connection.
    #[error("the peer closed the connection")]
    Closed,
}

/// The handshake, and afterwards the connection, of one peer. It does not know addresses: ICE proves
/// them, so that roaming never disturbs DTLS.
pub struct Dtls {
    identity: Arc<Identity>,
    expected: [u8; 32],
    hello: Hello,
    endpoint: Option<Endpoint>,
    datagrams: u32,
    established: bool,
}

/// The endpoint multiplexes by address; one peer needs one, and any will do.
const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 1);

impl Dtls {
    /// `expected` is the sha-256 fingerprint of the offer.
    pub fn new(identity: Arc<Identity>, expected: [u8; 32]) -> Self {
        Self {
            identity,
            expected,
            hello: Hello::default(),
            endpoint: None,
            datagrams: 0,
            established: false,
        }
    }

    /// Takes a datagram from a proven address; returns the session keys once, when the handshake completes
    /// and the certificate is the promised one.
    ///
    /// # Errors
    /// The peer is to be dropped; a closing alert may be waiting in [`Self::poll_transmit`].
    pub fn handle(
        &mut self,
        now: Instant,
        datagram: &[u8],
    ) -> Result<Option<srtp::Session>, DtlsFailure> {
        self.datagrams = self.datagrams.saturating_add(1);
        if !self.established && self.datagrams > HANDSHAKE_DATAGRAMS_MAX {
            return Err(DtlsFailure::Handshake("too many datagrams".to_owned()));
        }
        if self.endpoint.is_some() {
            return self.read(now, datagram);
        }
        // The profile has to be chosen before the handshake begins, so the client's first flight is held
        // back until its list of profiles can be read.
        if !self.hello.push(datagram) {
            return Ok(None);
        }
        let offered = self.hello.srtp_profiles().unwrap_or_default();
        let profile = SrtpProfile::PREFERRED
            .into_iter()
            .find(|profile| offered.contains(&profile.wire_id()))
            .ok_or(DtlsFailure::Profile)?;
        let config = self
            .identity
            .config(profile, self.expected)
            .map_err(|error| DtlsFailure::Handshake(error.to_string()))?;
        self.endpoint = Some(Endpoint::new(PEER, TransportProtocol::UDP, Some(config)));
        let mut session = None;
        for held in self.hello.take() {
            session = self.read(now, &held)?.or(session);
        }
        Ok(session)
    }

    fn read(
        &mut self,
        now: Instant,
        datagram: &[u8],
    ) -> Result<Option<srtp::Session>, DtlsFailure> {
        let Some(endpoint) = &mut self.endpoint else {
            return Ok(None);
        };
        let events = match endpoint.read(now, PEER, None, BytesMut::from(datagram)) {
            Ok(events) => events,
            // After the handshake a bad record is noise on the path; before it, it ends the attempt.
            Err(_) if self.established => return Ok(None),
            Err(error) => {
                return Err(if shows_other_certificate(endpoint, &self.expected) {
                    DtlsFailure::Fingerprint
                } else {
                    DtlsFailure::Handshake(error.to_string())
                });
            }
        };
        let mut session = None;
        for event in events {
            match event {
                EndpointEvent::HandshakeComplete => {
                    session = Some(export(endpoint, &self.expected)?);
                    self.established = true;
                }
                EndpointEvent::PeerClosed => return Err(DtlsFailure::Closed),
                _ => {}
            }
        }
        Ok(session)
    }

    /// The next datagram to send to the peer.
    pub fn poll_transmit(&mut self) -> Option<BytesMut> {
        self.endpoint
            .as_mut()?
            .poll_transmit()
            .map(|transmit| transmit.message)
    }

    /// When [`Self::handle_timeout`] is wanted.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.endpoint.as_ref()?.poll_timeout(&PEER)
    }

    /// Repeats a flight that got lost.
    ///
    /// # Errors
    /// The peer has not answered often enough.
    pub fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsFailure> {
        match &mut self.endpoint {
            Some(endpoint) if endpoint.get_connection_state(PEER).is_some() => endpoint
                .handle_timeout(PEER, now)
                .map_err(|error| DtlsFailure::Handshake(error.to_string())),
            _ => Ok(()),
        }
    }

    /// Queues a closing alert.
    pub fn close(&mut self, now: Instant) {
        if let Some(endpoint) = &mut self.endpoint {
            endpoint.stop(now, PEER);
        }
    }
}

fn shows_other_certificate(endpoint: &Endpoint, expected: &[u8; 32]) -> bool {
    endpoint.get_connection_state(PEER).is_some_and(|state| {
        state
            .peer_certificates
            .first()
            .is_some_and(|certificate| identity::fingerprint(certificate) != *expected)
    })
}

/// The keys, if the certificate is the one the offer promised. The handshake itself has already refused any other;
/// nothing gets keys on the strength of that callback alone.
fn export(endpoint: &Endpoint, expected: &[u8; 32]) -> Result<srtp::Session, DtlsFailure> {
    let state = endpoint
        .get_connection_state(PEER)
        .ok_or_else(|| DtlsFailure::Handshake("no connection".to_owned()))?;
    let shown = state
        .peer_certificates
        .first()
        .ok_or(DtlsFailure::Fingerprint)?;
    if identity::fingerprint(shown) != *expected {
        return Err(DtlsFailure::Fingerprint);
    }
    let profile = SrtpProfile::from_wire_id(state.srtp_protection_profile() as u16)
        .ok_or(DtlsFailure::Profile)?;
    let material = state
        .export_keying_material(EXPORTER, &[], profile.keying_material_len())
        .map_err(|error| DtlsFailure::Handshake(error.to_string()))?;
    srtp::Session::from_keying_material(profile, material.as_ref(), DtlsRole::Server)
        .map_err(|error| DtlsFailure::Handshake(error.to_string()))
}

#[cfg(test)]
mod tests;
