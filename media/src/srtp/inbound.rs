//! Opens what a peer sends: guesses the rollover counter, authenticates, decrypts, refuses replays.

use super::replay::Replay;
use super::{Cipher, SrtpError, rtp_header_len, word};

/// Streams one peer may send. Three simulcast layers with RTX for a few tracks stay far below.
pub(super) const STREAMS_MAX: usize = 64;

/// The receiving half of a session.
pub struct Inbound {
    cipher: Cipher,
    /// Linear: a peer sends a handful of streams.
    rtp: Vec<(u32, Replay)>,
    rtcp: Vec<(u32, Replay)>,
}

impl Inbound {
    pub(super) fn new(cipher: Cipher) -> Self {
        Self {
            cipher,
            rtp: Vec::new(),
            rtcp: Vec::new(),
        }
    }

    /// Decrypts an SRTP packet in place and returns the length of the plain RTP packet at its front.
    ///
    /// # Errors
    /// The packet is left undefined and no state changes when it does not authenticate.
    pub fn unprotect_rtp(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        let header_len = rtp_header_len(packet).ok_or(SrtpError::Malformed)?;
        let sequence = u16::from_be_bytes([packet[2], packet[3]]);
        let ssrc = word(packet, 8);
        let known = self.rtp.iter().position(|(known, _)| *known == ssrc);
        let index = match known.and_then(|at| self.rtp[at].1.newest()) {
            Some(newest) => nearest(newest, sequence).ok_or(SrtpError::Replay)?,
            None => u64::from(sequence),
        };
        if known.is_some_and(|at| !self.rtp[at].1.admits(index)) {
            return Err(SrtpError::Replay);
        }
        let len = self.cipher.open_rtp(ssrc, index, header_len, packet)?;
        stream(&mut self.rtp, known, ssrc)?.record(index);
        Ok(len)
    }

    /// Decrypts an SRTCP packet in place and returns the length of the plain compound packet.
    ///
    /// # Errors
    /// As [`Self::unprotect_rtp`].
    pub fn unprotect_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        if packet.len() < 12 || packet[0] >> 6 != 2 {
            return Err(SrtpError::Malformed);
        }
        let ssrc = word(packet, 4);
        let index = self.cipher.rtcp_index(packet)?;
        let known = self.rtcp.iter().position(|(known, _)| *known == ssrc);
        if known.is_some_and(|at| !self.rtcp[at].1.admits(u64::from(index))) {
            return Err(SrtpError::Replay);
        }
        let len = self.cipher.open_rtcp(ssrc, index, packet)?;
        stream(&mut self.rtcp, known, ssrc)?.record(u64::from(index));
        Ok(len)
    }
}

fn stream(
    streams: &mut Vec<(u32, Replay)>,
    known: Option<usize>,
    ssrc: u32,
) -> Result<&mut Replay, SrtpError> {
    let at = match known {
        Some(at) => at,
        None if streams.len() < STREAMS_MAX => {
            streams.push((ssrc, Replay::default()));
            streams.len() - 1
        }
        None => return Err(SrtpError::TooManyStreams),
    };
    Ok(&mut streams[at].1)
}

/// The index closest to `newest` that ends in `sequence`; `None` when that would lie before the first packet ever.
fn nearest(newest: u64, sequence: u16) -> Option<u64> {
    let step = i64::from(sequence.wrapping_sub(newest as u16).cast_signed());
    newest.checked_add_signed(step)
}
