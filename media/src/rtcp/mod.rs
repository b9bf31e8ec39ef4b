//! RTCP: reading what peers report and ask, writing what we report and ask of them.

pub mod read;
#[cfg(test)]
mod tests;
pub mod write;

pub(crate) const SENDER_REPORT: u8 = 200;
pub(crate) const RECEIVER_REPORT: u8 = 201;
pub(crate) const SOURCE_DESCRIPTION: u8 = 202;
pub(crate) const GOODBYE: u8 = 203;
pub(crate) const TRANSPORT_FEEDBACK: u8 = 205;
pub(crate) const PAYLOAD_FEEDBACK: u8 = 206;

/// Formats of transport layer feedback.
pub(crate) const NACK: u8 = 1;
pub(crate) const TRANSPORT_CC: u8 = 15;
/// Formats of payload specific feedback.
pub(crate) const PLI: u8 = 1;
pub(crate) const FIR: u8 = 4;
pub(crate) const APPLICATION: u8 = 15;

/// Reception of one stream as its receiver saw it (RFC 3550, 6.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportBlock {
    pub ssrc: u32,
    /// Of 256, since the previous report.
    pub fraction_lost: u8,
    /// 24 bits; may be negative on the wire when duplicates arrive, read as 0 then.
    pub cumulative_lost: u32,
    pub highest_sequence: u32,
    /// In timestamp units.
    pub jitter: u32,
    /// Middle 32 bits of the NTP time of the last sender report; 0 before the first.
    pub last_sender_report: u32,
    /// In units of 1/65536 s.
    pub delay_since_last_sender_report: u32,
}

/// A sender's clock reading: wall time and stream time at the same instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SenderInfo {
    pub ssrc: u32,
    /// NTP time: seconds since 1900 in the upper half, fraction in the lower.
    pub ntp: u64,
    pub timestamp: u32,
    pub packets: u32,
    pub bytes: u32,
}
