//! The fixed part of an RTP packet, parsed once into offsets so that nobody copies it.

use super::extension::{Elements, Extension, ExtensionMap};

/// Where things are in one RTP packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    pub marker: bool,
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
    pub extension_profile: u16,
    pub extension_start: u16,
    pub extension_end: u16,
    pub payload_start: u16,
    /// Padding is not part of the payload.
    pub payload_end: u16,
}

impl Header {
    /// Parses a plain packet; `None` when it is no RTP packet or longer than 64 KiB.
    pub fn parse(packet: &[u8]) -> Option<Self> {
        let total = u16::try_from(packet.len()).ok()?;
        if packet.len() < 12 || packet[0] >> 6 != 2 {
            return None;
        }
        let mut at = 12 + 4 * usize::from(packet[0] & 0x0f);
        let mut header = Self {
            marker: packet[1] & 0x80 != 0,
            payload_type: packet[1] & 0x7f,
            sequence: u16::from_be_bytes([packet[2], packet[3]]),
            timestamp: u32::from_be_bytes([packet[4], packet[5], packet[6], packet[7]]),
            ssrc: u32::from_be_bytes([packet[8], packet[9], packet[10], packet[11]]),
            ..Self::default()
        };
        if packet[0] & 0x10 != 0 {
            let word = packet.get(at..at + 4)?;
            header.extension_profile = u16::from_be_bytes([word[0], word[1]]);
            let len = 4 * usize::from(u16::from_be_bytes([word[2], word[3]]));
            header.extension_start = u16::try_from(at + 4).ok()?;
            at += 4 + len;
            header.extension_end = u16::try_from(at).ok()?;
        }
        header.payload_start = u16::try_from(at).ok()?;
        header.payload_end = total;
        if packet[0] & 0x20 != 0 {
            header.payload_end = total.checked_sub(u16::from(*packet.last()?))?;
        }
        (header.payload_start <= header.payload_end).then_some(header)
    }

    pub fn payload<'a>(&self, packet: &'a [u8]) -> &'a [u8] {
        &packet[usize::from(self.payload_start)..usize::from(self.payload_end)]
    }

    pub fn elements<'a>(&self, packet: &'a [u8]) -> Elements<'a> {
        let block = &packet[usize::from(self.extension_start)..usize::from(self.extension_end)];
        Elements::new(self.extension_profile, block)
    }

    /// The value of one extension, if the packet has it.
    pub fn extension<'a>(
        &self,
        packet: &'a [u8],
        map: &ExtensionMap,
        wanted: Extension,
    ) -> Option<&'a [u8]> {
        let id = map.id(wanted)?;
        self.elements(packet)
            .find(|(element, _)| *element == id)
            .map(|(_, value)| value)
    }
}
