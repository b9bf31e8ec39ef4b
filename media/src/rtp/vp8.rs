//! What the VP8 payload descriptor (RFC 7741) tells and what has to be rewritten in it when the source changes.

/// Where the counters of a VP8 payload are, as offsets into the payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Descriptor {
    pub picture_id: u16,
    /// 0 when absent; the descriptor's first byte is never a picture id.
    picture_id_at: u8,
    picture_id_long: bool,
    pub tl0_index: u8,
    /// 0 when absent.
    tl0_index_at: u8,
}

impl Descriptor {
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let first = *payload.first()?;
        let mut descriptor = Self::default();
        if first & 0x80 == 0 {
            return Some(descriptor);
        }
        let flags = *payload.get(1)?;
        let mut at = 2_u8;
        if flags & 0x80 != 0 {
            let high = *payload.get(usize::from(at))?;
            descriptor.picture_id_at = at;
            if high & 0x80 != 0 {
                let low = *payload.get(usize::from(at) + 1)?;
                descriptor.picture_id_long = true;
                descriptor.picture_id = u16::from_be_bytes([high & 0x7f, low]);
                at += 2;
            } else {
                descriptor.picture_id = u16::from(high);
                at += 1;
            }
        }
        if flags & 0x40 != 0 {
            descriptor.tl0_index = *payload.get(usize::from(at))?;
            descriptor.tl0_index_at = at;
        }
        Some(descriptor)
    }

    pub fn has_picture_id(&self) -> bool {
        self.picture_id_at != 0
    }

    pub fn has_tl0_index(&self) -> bool {
        self.tl0_index_at != 0
    }

    /// Writes other counters into a copy of the payload this was parsed from, keeping their widths.
    pub fn rewrite(&self, payload: &mut [u8], picture_id: u16, tl0_index: u8) {
        if self.has_picture_id() {
            let at = usize::from(self.picture_id_at);
            if self.picture_id_long {
                payload[at..at + 2].copy_from_slice(&(0x8000 | picture_id).to_be_bytes());
            } else {
                payload[at] = (picture_id & 0x7f) as u8;
            }
        }
        if self.has_tl0_index() {
            payload[usize::from(self.tl0_index_at)] = tl0_index;
        }
    }
}

/// Whether this payload is the first of a key frame.
pub(super) fn starts_keyframe(payload: &[u8]) -> bool {
    frame_start(payload).is_some_and(|frame| frame & 0x01 == 0)
}

/// The first byte of the VP8 frame, if this payload begins one: S bit set and partition index 0.
fn frame_start(payload: &[u8]) -> Option<u8> {
    let first = *payload.first()?;
    if first & 0x17 != 0x10 {
        return None;
    }
    let mut at = 1;
    if first & 0x80 != 0 {
        let flags = *payload.get(1)?;
        at = 2;
        if flags & 0x80 != 0 {
            at += if *payload.get(at)? & 0x80 != 0 { 2 } else { 1 };
        }
        at += usize::from(flags & 0x40 != 0) + usize::from(flags & 0x30 != 0);
    }
    payload.get(at).copied()
}
