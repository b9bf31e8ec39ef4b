//! Turns a retransmission (RFC 4588) back into the packet it repeats.

use crate::rtp::Header;

/// Writes the original packet into `packet`: media payload type and SSRC, original sequence number, no OSN field.
/// `None` for padding that only probes the path.
pub(super) fn unwrap(
    rtx: &[u8],
    header: &Header,
    payload_type: u8,
    ssrc: u32,
    packet: &mut Vec<u8>,
) -> Option<Header> {
    let payload = header.payload(rtx);
    let (original, payload) = payload.split_at_checked(2)?;
    if payload.is_empty() {
        return None;
    }
    packet.clear();
    packet.extend_from_slice(&rtx[..usize::from(header.payload_start)]);
    packet.extend_from_slice(payload);
    // Padding belonged to the retransmission.
    packet[0] &= !0x20;
    packet[1] = (packet[1] & 0x80) | payload_type;
    packet[2..4].copy_from_slice(original);
    packet[8..12].copy_from_slice(&ssrc.to_be_bytes());
    Header::parse(packet)
}
