//! Seals what goes to a peer.

use super::{Cipher, SrtpError, rtp_header_len, word};

/// The sending half of a session.
pub struct Outbound {
    cipher: Cipher,
    /// Newest packet index by SSRC, for callers that do not keep an index themselves.
    newest: Vec<(u32, u64)>,
    /// One counter for all SSRCs: the nonce holds the SSRC too, and growing is all a receiver asks.
    rtcp_index: u32,
}

impl Outbound {
    pub(super) fn new(cipher: Cipher) -> Self {
        Self {
            cipher,
            newest: Vec::new(),
            rtcp_index: 0,
        }
    }

    /// Seals the RTP packet `buffer[..len]` in place and returns the sealed length.
    ///
    /// `index` is the 48-bit packet index whose low 16 bits are the sequence number in the packet; every index of an
    /// SSRC may be used once. The hot path: no lookup, no allocation. `buffer` needs [`super::OVERHEAD_MAX`] spare
    /// bytes behind `len`.
    pub fn seal_rtp(
        &self,
        ssrc: u32,
        index: u64,
        header_len: usize,
        buffer: &mut [u8],
        len: usize,
    ) -> usize {
        self.cipher.seal_rtp(ssrc, index, header_len, buffer, len)
    }

    /// As [`Self::seal_rtp`] for a sender that knows sequence numbers only: keeps the rollover counter by SSRC.
    ///
    /// # Errors
    /// [`SrtpError::Malformed`] when `buffer[..len]` is no RTP packet.
    pub fn protect_rtp(&mut self, buffer: &mut [u8], len: usize) -> Result<usize, SrtpError> {
        let header_len = rtp_header_len(&buffer[..len]).ok_or(SrtpError::Malformed)?;
        let sequence = u16::from_be_bytes([buffer[2], buffer[3]]);
        let ssrc = word(buffer, 8);
        let index = match self.newest.iter_mut().find(|(known, _)| *known == ssrc) {
            Some((_, newest)) => {
                let step = i64::from(sequence.wrapping_sub(*newest as u16).cast_signed());
                let index = newest
                    .checked_add_signed(step)
                    .ok_or(SrtpError::Malformed)?;
                *newest = index.max(*newest);
                index
            }
            None => {
                self.newest.push((ssrc, u64::from(sequence)));
                u64::from(sequence)
            }
        };
        Ok(self.cipher.seal_rtp(ssrc, index, header_len, buffer, len))
    }

    /// Seals the compound RTCP packet `buffer[..len]` in place and returns the sealed length.
    ///
    /// # Errors
    /// [`SrtpError::Malformed`] when it is shorter than an RTCP header.
    pub fn protect_rtcp(&mut self, buffer: &mut [u8], len: usize) -> Result<usize, SrtpError> {
        if len < 8 {
            return Err(SrtpError::Malformed);
        }
        self.rtcp_index = (self.rtcp_index + 1) & 0x7fff_ffff;
        Ok(self
            .cipher
            .seal_rtcp(word(buffer, 4), self.rtcp_index, buffer, len))
    }
}
