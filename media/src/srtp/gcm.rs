//! AEAD_AES_128_GCM and AEAD_AES_256_GCM transforms (RFC 7714), in place.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use super::{SrtpError, kdf, word};

const TAG_LEN: usize = 16;
const RTCP_HEADER_LEN: usize = 8;

pub(super) struct Gcm {
    rtp: LessSafeKey,
    rtp_salt: [u8; 12],
    rtcp: LessSafeKey,
    rtcp_salt: [u8; 12],
}

impl Gcm {
    pub(super) fn new(key: &[u8], salt: &[u8]) -> Result<Self, SrtpError> {
        let mut rtp_salt = [0; 12];
        let mut rtcp_salt = [0; 12];
        kdf::derive(key, salt, kdf::RTP_SALT, &mut rtp_salt)?;
        kdf::derive(key, salt, kdf::RTCP_SALT, &mut rtcp_salt)?;
        let aead = |label| {
            let mut session = [0; 32];
            let session = &mut session[..key.len()];
            kdf::derive(key, salt, label, session)?;
            session_key(session)
        };
        Ok(Self {
            rtp: aead(kdf::RTP_ENCRYPTION)?,
            rtp_salt,
            rtcp: aead(kdf::RTCP_ENCRYPTION)?,
            rtcp_salt,
        })
    }

    /// The RFC's vectors begin behind the key derivation.
    #[cfg(test)]
    pub(super) fn of_session_keys(key: &[u8], salt: [u8; 12]) -> Self {
        let aead = || session_key(key).expect("a key of 16 or 32 bytes");
        Self {
            rtp: aead(),
            rtp_salt: salt,
            rtcp: aead(),
            rtcp_salt: salt,
        }
    }

    pub(super) fn seal_rtp(
        &self,
        ssrc: u32,
        index: u64,
        header_len: usize,
        buffer: &mut [u8],
        len: usize,
    ) -> usize {
        let (header, rest) = buffer.split_at_mut(header_len);
        let (payload, room) = rest.split_at_mut(len - header_len);
        let tag = self
            .rtp
            .seal_in_place_separate_tag(
                rtp_nonce(&self.rtp_salt, ssrc, index),
                Aad::from(header),
                payload,
            )
            .expect("an RTP payload is far below the limit of GCM");
        room[..TAG_LEN].copy_from_slice(tag.as_ref());
        len + TAG_LEN
    }

    pub(super) fn open_rtp(
        &self,
        ssrc: u32,
        index: u64,
        header_len: usize,
        packet: &mut [u8],
    ) -> Result<usize, SrtpError> {
        if packet.len() < header_len + TAG_LEN {
            return Err(SrtpError::Malformed);
        }
        let (header, sealed) = packet.split_at_mut(header_len);
        let plain = self
            .rtp
            .open_in_place(
                rtp_nonce(&self.rtp_salt, ssrc, index),
                Aad::from(header),
                sealed,
            )
            .map_err(|_| SrtpError::Authentication)?;
        Ok(header_len + plain.len())
    }

    pub(super) fn seal_rtcp(&self, ssrc: u32, index: u32, buffer: &mut [u8], len: usize) -> usize {
        let trailer = (0x8000_0000 | index).to_be_bytes();
        let (header, rest) = buffer.split_at_mut(RTCP_HEADER_LEN);
        let (payload, room) = rest.split_at_mut(len - RTCP_HEADER_LEN);
        let tag = self
            .rtcp
            .seal_in_place_separate_tag(
                rtcp_nonce(&self.rtcp_salt, ssrc, index),
                Aad::from(rtcp_aad(header, trailer)),
                payload,
            )
            .expect("an RTCP packet is far below the limit of GCM");
        room[..TAG_LEN].copy_from_slice(tag.as_ref());
        room[TAG_LEN..TAG_LEN + 4].copy_from_slice(&trailer);
        len + TAG_LEN + 4
    }

    pub(super) fn open_rtcp(
        &self,
        ssrc: u32,
        index: u32,
        packet: &mut [u8],
    ) -> Result<usize, SrtpError> {
        if packet.len() < RTCP_HEADER_LEN + TAG_LEN + 4 {
            return Err(SrtpError::Malformed);
        }
        let trailer = word(packet, packet.len() - 4);
        if trailer & 0x8000_0000 == 0 {
            // Authenticated but unencrypted SRTCP is never negotiated here.
            return Err(SrtpError::Authentication);
        }
        let end = packet.len() - 4;
        let (header, sealed) = packet[..end].split_at_mut(RTCP_HEADER_LEN);
        let aad = rtcp_aad(header, trailer.to_be_bytes());
        let plain = self
            .rtcp
            .open_in_place(
                rtcp_nonce(&self.rtcp_salt, ssrc, index),
                Aad::from(aad),
                sealed,
            )
            .map_err(|_| SrtpError::Authentication)?;
        Ok(RTCP_HEADER_LEN + plain.len())
    }
}

fn session_key(key: &[u8]) -> Result<LessSafeKey, SrtpError> {
    let algorithm = if key.len() == 32 {
        &AES_256_GCM
    } else {
        &AES_128_GCM
    };
    UnboundKey::new(algorithm, key)
        .map(LessSafeKey::new)
        .map_err(|_| SrtpError::Keys)
}

/// `index` is the 48-bit packet index: rollover counter and sequence number.
fn rtp_nonce(salt: &[u8; 12], ssrc: u32, index: u64) -> Nonce {
    let mut nonce = *salt;
    xor(&mut nonce[2..6], &ssrc.to_be_bytes());
    xor(&mut nonce[6..12], &index.to_be_bytes()[2..]);
    Nonce::assume_unique_for_key(nonce)
}

fn rtcp_nonce(salt: &[u8; 12], ssrc: u32, index: u32) -> Nonce {
    let mut nonce = *salt;
    xor(&mut nonce[2..6], &ssrc.to_be_bytes());
    xor(&mut nonce[8..12], &index.to_be_bytes());
    Nonce::assume_unique_for_key(nonce)
}

fn rtcp_aad(header: &[u8], trailer: [u8; 4]) -> [u8; 12] {
    let mut aad = [0; 12];
    aad[..8].copy_from_slice(&header[..8]);
    aad[8..].copy_from_slice(&trailer);
    aad
}

fn xor(into: &mut [u8], with: &[u8]) {
    for (byte, with) in into.iter_mut().zip(with) {
        *byte ^= with;
    }
}
