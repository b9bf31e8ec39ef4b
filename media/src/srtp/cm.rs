//! AES128_CM_HMAC_SHA1_80, the transform every WebRTC client must have (RFC 3711); five times dearer than GCM.

use aws_lc_rs::cipher::{EncryptingKey, EncryptionContext};
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;
use subtle::ConstantTimeEq;

use super::{SrtpError, kdf, word};

pub(super) const TAG_LEN: usize = 10;
const RTCP_HEADER_LEN: usize = 8;

pub(super) struct Cm {
    rtp: Direction,
    rtcp: Direction,
}

struct Direction {
    key: EncryptingKey,
    salt: [u8; 14],
    mac: hmac::Key,
}

impl Cm {
    pub(super) fn new(key: &[u8], salt: &[u8]) -> Result<Self, SrtpError> {
        let direction = |encryption, authentication, salting| {
            let mut session_key = [0; 16];
            let mut session_salt = [0; 14];
            let mut session_mac = [0; 20];
            kdf::derive(key, salt, encryption, &mut session_key)?;
            kdf::derive(key, salt, salting, &mut session_salt)?;
            kdf::derive(key, salt, authentication, &mut session_mac)?;
            Ok::<_, SrtpError>(Direction {
                key: kdf::counter_key(&session_key)?,
                salt: session_salt,
                mac: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &session_mac),
            })
        };
        Ok(Self {
            rtp: direction(kdf::RTP_ENCRYPTION, kdf::RTP_AUTHENTICATION, kdf::RTP_SALT)?,
            rtcp: direction(
                kdf::RTCP_ENCRYPTION,
                kdf::RTCP_AUTHENTICATION,
                kdf::RTCP_SALT,
            )?,
        })
    }

    pub(super) fn seal_rtp(
        &self,
        ssrc: u32,
        index: u64,
        header_len: usize,
        buffer: &mut [u8],
        len: usize,
    ) -> usize {
        self.rtp.apply(ssrc, index, &mut buffer[header_len..len]);
        let tag = self.rtp.tag(&buffer[..len], &rollover(index));
        buffer[len..len + TAG_LEN].copy_from_slice(&tag);
        len + TAG_LEN
    }

    pub(super) fn open_rtp(
        &self,
        ssrc: u32,
        index: u64,
        header_len: usize,
        packet: &mut [u8],
    ) -> Result<usize, SrtpError> {
        let end = packet
            .len()
            .checked_sub(TAG_LEN)
            .filter(|end| *end >= header_len)
            .ok_or(SrtpError::Malformed)?;
        let (signed, tag) = packet.split_at_mut(end);
        self.rtp.check(signed, &rollover(index), tag)?;
        self.rtp.apply(ssrc, index, &mut signed[header_len..]);
        Ok(end)
    }

    pub(super) fn seal_rtcp(&self, ssrc: u32, index: u32, buffer: &mut [u8], len: usize) -> usize {
        self.rtcp
            .apply(ssrc, u64::from(index), &mut buffer[RTCP_HEADER_LEN..len]);
        buffer[len..len + 4].copy_from_slice(&(0x8000_0000 | index).to_be_bytes());
        let tag = self.rtcp.tag(&buffer[..len + 4], &[]);
        buffer[len + 4..len + 4 + TAG_LEN].copy_from_slice(&tag);
        len + 4 + TAG_LEN
    }

    pub(super) fn open_rtcp(&self, ssrc: u32, packet: &mut [u8]) -> Result<usize, SrtpError> {
        let end = packet
            .len()
            .checked_sub(TAG_LEN + 4)
            .filter(|end| *end >= RTCP_HEADER_LEN)
            .ok_or(SrtpError::Malformed)?;
        let (signed, tag) = packet.split_at_mut(end + 4);
        self.rtcp.check(signed, &[], tag)?;
        let trailer = word(signed, end);
        if trailer & 0x8000_0000 != 0 {
            self.rtcp.apply(
                ssrc,
                u64::from(trailer & 0x7fff_ffff),
                &mut signed[RTCP_HEADER_LEN..end],
            );
        }
        Ok(end)
    }
}

impl Direction {
    /// Encrypts or decrypts: counter mode is its own inverse.
    fn apply(&self, ssrc: u32, index: u64, payload: &mut [u8]) {
        let mut iv = [0_u8; 16];
        iv[..14].copy_from_slice(&self.salt);
        for (byte, with) in iv[4..8].iter_mut().zip(ssrc.to_be_bytes()) {
            *byte ^= with;
        }
        for (byte, with) in iv[8..14].iter_mut().zip(&index.to_be_bytes()[2..]) {
            *byte ^= with;
        }
        self.key
            .less_safe_encrypt(payload, EncryptionContext::Iv128(FixedLength::from(iv)))
            .expect("counter mode takes any length");
    }

    fn tag(&self, signed: &[u8], suffix: &[u8]) -> [u8; TAG_LEN] {
        let mut mac = hmac::Context::with_key(&self.mac);
        mac.update(signed);
        mac.update(suffix);
        let mut tag = [0; TAG_LEN];
        tag.copy_from_slice(&mac.sign().as_ref()[..TAG_LEN]);
        tag
    }

    fn check(&self, signed: &[u8], suffix: &[u8], tag: &[u8]) -> Result<(), SrtpError> {
        if bool::from(self.tag(signed, suffix).ct_eq(tag)) {
            Ok(())
        } else {
            Err(SrtpError::Authentication)
        }
    }
}

fn rollover(index: u64) -> [u8; 4] {
    ((index >> 16) as u32).to_be_bytes()
}
