//! Secure RTP: turns keying material of a DTLS handshake into contexts that protect and unprotect packets in place.
//!
//! A [`Session`] belongs to one peer. Its [`Inbound`] half opens what the peer sends, its [`Outbound`] half seals
//! what goes to the peer; neither allocates once a stream is known. RFC 3711, RFC 5764 and RFC 7714.

mod cm;
mod gcm;
mod inbound;
mod kdf;
mod outbound;
mod replay;
#[cfg(test)]
mod tests;

pub use inbound::Inbound;
pub use outbound::Outbound;

/// What a sealed packet may be longer than the plain one: GCM tag and the SRTCP index word.
pub const OVERHEAD_MAX: usize = 16 + 4;

/// The protection profiles this server negotiates, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SrtpProfile {
    AeadAes128Gcm,
    AeadAes256Gcm,
    Aes128CmHmacSha1_80,
}

impl SrtpProfile {
    /// In the order of preference: AES-128-GCM costs a fifth of AES-CM with HMAC-SHA1 per packet.
    pub const PREFERRED: [Self; 3] = [
        Self::AeadAes128Gcm,
        Self::AeadAes256Gcm,
        Self::Aes128CmHmacSha1_80,
    ];

    /// The number of the profile in the `use_srtp` extension of DTLS (IANA).
    pub const fn wire_id(self) -> u16 {
        match self {
            Self::AeadAes128Gcm => 0x0007,
            Self::AeadAes256Gcm => 0x0008,
            Self::Aes128CmHmacSha1_80 => 0x0001,
        }
    }

    pub const fn from_wire_id(id: u16) -> Option<Self> {
        match id {
            0x0007 => Some(Self::AeadAes128Gcm),
            0x0008 => Some(Self::AeadAes256Gcm),
            0x0001 => Some(Self::Aes128CmHmacSha1_80),
            _ => None,
        }
    }

    /// The name browsers report as `srtpCipher`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AeadAes128Gcm => "AEAD_AES_128_GCM",
            Self::AeadAes256Gcm => "AEAD_AES_256_GCM",
            Self::Aes128CmHmacSha1_80 => "AES_CM_128_HMAC_SHA1_80",
        }
    }

    pub const fn is_aead(self) -> bool {
        !matches!(self, Self::Aes128CmHmacSha1_80)
    }

    /// Bytes of one master key.
    pub const fn key_len(self) -> usize {
        match self {
            Self::AeadAes256Gcm => 32,
            Self::AeadAes128Gcm | Self::Aes128CmHmacSha1_80 => 16,
        }
    }

    /// Bytes of one master salt.
    pub const fn salt_len(self) -> usize {
        if self.is_aead() { 12 } else { 14 }
    }

    /// Bytes to export under the label `EXTRACTOR-dtls_srtp`.
    pub const fn keying_material_len(self) -> usize {
        2 * (self.key_len() + self.salt_len())
    }
}

/// Our side of the DTLS handshake that exported the keying material.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DtlsRole {
    Client,
    Server,
}

/// Why a packet was not opened. None of these is the peer's fault for sure: networks duplicate, attackers forge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SrtpError {
    #[error("the packet is too short or its header is malformed")]
    Malformed,
    #[error("the authentication tag does not match")]
    Authentication,
    #[error("the packet was seen before or is older than the replay window")]
    Replay,
    #[error("the peer uses more than {} streams", inbound::STREAMS_MAX)]
    TooManyStreams,
    #[error("the keying material has the wrong length for the profile")]
    Keys,
}

/// The two directions of one peer's protected media.
pub struct Session {
    profile: SrtpProfile,
    pub inbound: Inbound,
    pub outbound: Outbound,
}

impl Session {
    /// Splits exported keying material: client key, server key, client salt, server salt (RFC 5764, 4.2).
    ///
    /// # Errors
    /// [`SrtpError::Keys`] when `material` is not [`SrtpProfile::keying_material_len`] bytes long.
    pub fn from_keying_material(
        profile: SrtpProfile,
        material: &[u8],
        role: DtlsRole,
    ) -> Result<Self, SrtpError> {
        if material.len() != profile.keying_material_len() {
            return Err(SrtpError::Keys);
        }
        let (keys, salts) = material.split_at(2 * profile.key_len());
        let (client_key, server_key) = keys.split_at(profile.key_len());
        let (client_salt, server_salt) = salts.split_at(profile.salt_len());
        let client = Cipher::new(profile, client_key, client_salt)?;
        let server = Cipher::new(profile, server_key, server_salt)?;
        let (send, receive) = match role {
            DtlsRole::Client => (client, server),
            DtlsRole::Server => (server, client),
        };
        Ok(Self {
            profile,
            inbound: Inbound::new(receive),
            outbound: Outbound::new(send),
        })
    }

    pub fn profile(&self) -> SrtpProfile {
        self.profile
    }
}

/// Tells whether a decrypted or protected datagram is RTCP rather than RTP (RFC 5761).
pub fn is_rtcp(datagram: &[u8]) -> bool {
    datagram.len() >= 2 && (192..=223).contains(&datagram[1])
}

/// One direction's session keys under either family of transforms.
enum Cipher {
    Gcm(gcm::Gcm),
    /// Its keys and hash states are large, and few peers have it.
    Cm(Box<cm::Cm>),
}

impl Cipher {
    fn new(profile: SrtpProfile, key: &[u8], salt: &[u8]) -> Result<Self, SrtpError> {
        Ok(if profile.is_aead() {
            Self::Gcm(gcm::Gcm::new(key, salt)?)
        } else {
            Self::Cm(Box::new(cm::Cm::new(key, salt)?))
        })
    }

    fn seal_rtp(
        &self,
        ssrc: u32,
        index: u64,
        header_len: usize,
        buffer: &mut [u8],
        len: usize,
    ) -> usize {
        match self {
            Self::Gcm(gcm) => gcm.seal_rtp(ssrc, index, header_len, buffer, len),
            Self::Cm(cm) => cm.seal_rtp(ssrc, index, header_len, buffer, len),
        }
    }

    fn open_rtp(
        &self,
        ssrc: u32,
        index: u64,
        header_len: usize,
        packet: &mut [u8],
    ) -> Result<usize, SrtpError> {
        match self {
            Self::Gcm(gcm) => gcm.open_rtp(ssrc, index, header_len, packet),
            Self::Cm(cm) => cm.open_rtp(ssrc, index, header_len, packet),
        }
    }

    fn seal_rtcp(&self, ssrc: u32, index: u32, buffer: &mut [u8], len: usize) -> usize {
        match self {
            Self::Gcm(gcm) => gcm.seal_rtcp(ssrc, index, buffer, len),
            Self::Cm(cm) => cm.seal_rtcp(ssrc, index, buffer, len),
        }
    }

    /// The SRTCP index the packet claims; to be believed only after `open_rtcp`.
    fn rtcp_index(&self, packet: &[u8]) -> Result<u32, SrtpError> {
        let tail = match self {
            Self::Gcm(_) => 4,
            Self::Cm(_) => 4 + cm::TAG_LEN,
        };
        let at = packet
            .len()
            .checked_sub(tail)
            .filter(|at| *at >= 8)
            .ok_or(SrtpError::Malformed)?;
        Ok(word(packet, at) & 0x7fff_ffff)
    }

    fn open_rtcp(&self, ssrc: u32, index: u32, packet: &mut [u8]) -> Result<usize, SrtpError> {
        match self {
            Self::Gcm(gcm) => gcm.open_rtcp(ssrc, index, packet),
            Self::Cm(cm) => cm.open_rtcp(ssrc, packet),
        }
    }
}

/// Length of the RTP header with CSRCs and extensions, which stays in the clear.
fn rtp_header_len(packet: &[u8]) -> Option<usize> {
    if packet.len() < 12 || packet[0] >> 6 != 2 {
        return None;
    }
    let mut len = 12 + 4 * usize::from(packet[0] & 0x0f);
    if packet[0] & 0x10 != 0 {
        let words = packet.get(len + 2..len + 4)?;
        len += 4 + 4 * usize::from(u16::from_be_bytes([words[0], words[1]]));
    }
    (len <= packet.len()).then_some(len)
}

/// The big-endian 32-bit word at `at`, which the caller knows to be inside.
fn word(packet: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([packet[at], packet[at + 1], packet[at + 2], packet[at + 3]])
}
