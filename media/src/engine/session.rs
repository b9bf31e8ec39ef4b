//! One peer between its answered offer and its end.

use std::sync::Arc;
use std::time::Instant;

use super::limits::Allowance;
use crate::dtls::{Dtls, Identity};
use crate::ice::Lite;
use crate::router::{PeerId, SlotSpec, SourceSpec};
use crate::sdp::IceCredentials;

/// What is known of a peer when its offer has been answered.
#[derive(Debug)]
pub struct Admission {
    /// Its number.
    pub peer: PeerId,
    /// Our credentials, as written in the answer.
    pub local_ice: IceCredentials,
    /// Its user name fragment.
    pub remote_ufrag: String,
    /// sha-256 of the certificate it must show.
    pub fingerprint: [u8; 32],
    /// Tracks it publishes.
    pub sources: Vec<SourceSpec>,
    /// Tracks it receives.
    pub slots: Vec<SlotSpec>,
}

pub(super) struct Session {
    pub ice: Lite,
    pub dtls: Dtls,
    /// DTLS completed and the router has the keys.
    pub secured: bool,
    pub admitted_at: Instant,
    pub allowance: Allowance,
}

impl Session {
    pub fn new(
        now: Instant,
        identity: Arc<Identity>,
        local_ice: IceCredentials,
        remote_ufrag: String,
        fingerprint: [u8; 32],
    ) -> Self {
        Self {
            ice: Lite::new(now, local_ice, remote_ufrag),
            dtls: Dtls::new(identity, fingerprint),
            secured: false,
            admitted_at: now,
            allowance: Allowance::default(),
        }
    }
}
