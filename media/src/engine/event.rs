//! What the engine tells its owner.

use crate::router::{PeerId, SourceId};
use crate::srtp::SrtpProfile;

/// Something happened that the owner did not cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaEvent {
    /// DTLS completed with the promised certificate; media may flow.
    Connected {
        /// Who.
        peer: PeerId,
        /// How its media is protected.
        srtp: SrtpProfile,
    },
    /// The peer is gone and forgotten; its sources and slots with it.
    Lost {
        /// Who.
        peer: PeerId,
        /// Why.
        reason: LostReason,
    },
    /// Loudness of a source, at most ten times a second.
    Level {
        /// Which track.
        source: SourceId,
        /// 0 loudest, -127 silence.
        dbov: i8,
    },
    /// The first packet of a source has come and is authentic.
    FirstPacket {
        /// Which track.
        source: SourceId,
    },
}

/// Why a peer is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LostReason {
    /// No connectivity check for 30 s.
    ConsentExpired,
    /// No completed handshake within 30 s of the answer.
    NeverConnected,
    /// It showed a certificate other than the offer's.
    WrongFingerprint,
    /// DTLS went wrong.
    HandshakeFailed,
    /// It said goodbye.
    Closed,
    /// A fault of this server while serving it.
    Internal,
}

impl LostReason {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::ConsentExpired => "media.consent_expired",
            Self::NeverConnected => "media.never_connected",
            Self::WrongFingerprint => "media.wrong_fingerprint",
            Self::HandshakeFailed => "media.handshake_failed",
            Self::Closed => "media.closed_by_peer",
            Self::Internal => "media.internal",
        }
    }
}
