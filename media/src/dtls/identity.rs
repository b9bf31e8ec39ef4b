//! The server's DTLS certificate and the handshake settings that go with it.

use std::fmt::Write as _;
use std::io;
use std::sync::Arc;

use rtc_dtls::config::{ClientAuthType, ConfigBuilder, ExtendedMasterSecretType, HandshakeConfig};
use rtc_dtls::crypto::Certificate;
use rtc_dtls::crypto_provider::{RTCCryptoProvider, default_provider};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc_shared::error::Error;
use sha2::{Digest, Sha256};

use crate::srtp::SrtpProfile;

/// One self-signed certificate for the life of the server; clients know it by its fingerprint.
pub struct Identity {
    provider: Arc<dyn RTCCryptoProvider>,
    certificate: Certificate,
    fingerprint: String,
}

/// sha-256 of a DER certificate.
pub fn fingerprint(certificate: &[u8]) -> [u8; 32] {
    Sha256::digest(certificate).into()
}

impl Identity {
    /// Makes a fresh certificate (ECDSA P-256).
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn generate() -> io::Result<Self> {
        let provider = default_provider().map_err(io::Error::other)?;
        let certificate =
            Certificate::generate_self_signed(vec!["fenghuotai".to_owned()], provider.crypto())
                .map_err(io::Error::other)?;
        let digest = certificate
            .certificate
            .first()
            .map(|der| fingerprint(der))
            .ok_or_else(|| io::Error::other("the certificate generator gave no certificate"))?;
        Ok(Self {
            provider,
            certificate,
            fingerprint: colons(&digest),
        })
    }

    /// `AB:CD:…` as `a=fingerprint:sha-256` wants it.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    pub(super) fn provider(&self) -> Arc<dyn RTCCryptoProvider> {
        Arc::clone(&self.provider)
    }

    /// Settings of one handshake: exactly one profile, so that the client's order does not matter, and exactly one
    /// acceptable client certificate.
    pub(super) fn config(
        &self,
        profile: SrtpProfile,
        expected: [u8; 32],
    ) -> Result<Arc<HandshakeConfig>, Error> {
        let check = move |shown: &[Vec<u8>], _: &[_]| match shown.first() {
            Some(certificate) if fingerprint(certificate) == expected => Ok(()),
            _ => Err(Error::Other(
                "the certificate is not the one of the offer".to_owned(),
            )),
        };
        ConfigBuilder::default()
            .with_crypto_provider(Arc::clone(&self.provider))
            .with_certificates(vec![self.certificate.clone()])
            .with_srtp_protection_profiles(vec![SrtpProtectionProfile::from(profile.wire_id())])
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .with_client_auth(ClientAuthType::RequireAnyClientCert)
            // Certificates are self-signed by design: the fingerprint is the proof, not a chain.
            .with_insecure_skip_verify(true)
            .with_verify_peer_certificate(Some(Arc::new(check)))
            .build(false, None)
            .map(Arc::new)
    }
}

fn colons(digest: &[u8]) -> String {
    let mut text = String::with_capacity(digest.len() * 3);
    for (at, byte) in digest.iter().enumerate() {
        // Writing into a String cannot fail.
        let _ = write!(text, "{}{byte:02X}", if at == 0 { "" } else { ":" });
    }
    text
}
