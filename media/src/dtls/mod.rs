//! DTLS of one peer: the server side, the fingerprint check, and the keys that come out.

mod hello;
mod identity;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use bytes::BytesMut;
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_dtls::state::State;
use rtc_shared::TransportProtocol;

pub use hello::Hello;
pub use identity::Identity;

use crate::srtp::{self, DtlsRole, SrtpProfile};

/// Handshake datagrams read from one peer before its handshake is given up. A clean one needs under ten.
pub const HANDSHAKE_DATAGRAMS_MAX: u32 = 200;

/// Alerts read from one peer whose handshake is settled. Each costs about as much as a connectivity check, and only
/// the first authentic one means anything.
const ALERTS_MAX: u32 = 64;
/// Content type of an alert record.
const ALERT: u8 = 21;

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
    /// What [`Self::settle`] has left of the endpoint: keys and counters, packed.
    settled: Option<Box<[u8]>>,
    datagrams: u32,
    alerts: u32,
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
            settled: None,
            datagrams: 0,
            alerts: 0,
            established: false,
        }
    }

    /// The peer has proven that it has our last flight: transcript, certificates and settings of the handshake (about
    /// 20 KiB) are let go, and only what alerts need is kept.
    pub fn settle(&mut self) {
        if !self.established {
            return;
        }
        let state = self
            .endpoint
            .as_ref()
            .and_then(|endpoint| endpoint.get_connection_state(PEER)?.marshal_binary().ok());
        if let Some(state) = state {
            self.settled = Some(state.into_boxed_slice());
            self.endpoint = None;
        }
    }

    /// The endpoint as it was before [`Self::settle`], without its past.
    fn unsettle(&self, now: Instant) -> Option<Endpoint> {
        let mut state = State::new(self.identity.provider(), false);
        state.unmarshal_binary(self.settled.as_deref()?).ok()?;
        let profile = SrtpProfile::from_wire_id(state.srtp_protection_profile() as u16)?;
        let config = self.identity.config(profile, self.expected).ok()?;
        let mut endpoint = Endpoint::new(PEER, TransportProtocol::UDP, None);
        // The only door for a given state; which side shook hands is in the state.
        endpoint.connect(now, PEER, config, Some(state)).ok()?;
        Some(endpoint)
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
        if self.settled.is_some() {
            return self.read_alert(now, datagram);
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

    /// After [`Self::settle`] nothing but an alert means anything.
    fn read_alert(
        &mut self,
        now: Instant,
        datagram: &[u8],
    ) -> Result<Option<srtp::Session>, DtlsFailure> {
        if datagram.first() != Some(&ALERT) || self.alerts >= ALERTS_MAX {
            return Ok(None);
        }
        self.alerts += 1;
        self.endpoint = self.unsettle(now);
        let outcome = self.read(now, datagram);
        if outcome.is_ok() {
            self.endpoint = None;
        }
        outcome
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
        if self.endpoint.is_none() {
            self.endpoint = self.unsettle(now);
        }
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
