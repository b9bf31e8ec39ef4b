//! Finds the start of a VP9 picture that needs no earlier one (RFC 9628, 4.2).

const INTER_PICTURE: u8 = 0x40;
const LAYERS: u8 = 0x20;
const BEGINS_FRAME: u8 = 0x08;
const PICTURE_ID: u8 = 0x80;

/// Whether a decoder may begin here: the first packet of a frame that is not predicted, in the lowest spatial layer.
pub(super) fn starts_keyframe(payload: &[u8]) -> bool {
    let Some(&first) = payload.first() else {
        return false;
    };
    if first & INTER_PICTURE != 0 || first & BEGINS_FRAME == 0 {
        return false;
    }
    if first & LAYERS == 0 {
        return true;
    }
    let mut at = 1;
    if first & PICTURE_ID != 0 {
        at += match payload.get(1) {
            Some(id) if id & 0x80 != 0 => 2,
            _ => 1,
        };
    }
    // TID (3), switching up point, SID (3), inter-layer dependency; the flexible mode differs only behind this byte.
    payload
        .get(at)
        .is_some_and(|layer| (layer >> 1) & 0x07 == 0)
}

#[cfg(test)]
mod tests {
    use super::starts_keyframe;

    #[test]
    fn a_receiver_begins_at_the_lowest_layer_of_a_key_frame_only() {
        // I P L F B E V Z, then a 15-bit picture id, then the layer byte.
        assert!(starts_keyframe(&[0b1010_1000, 0x81, 2, 0b0000_0000, 9]));
        assert!(!starts_keyframe(&[0b1010_1000, 0x81, 2, 0b0000_0011, 9]));
        assert!(!starts_keyframe(&[0b1110_1000, 0x81, 2, 0b0000_0000, 9]));
        assert!(!starts_keyframe(&[0b1010_0000, 0x81, 2, 0b0000_0000, 9]));
        // Without layers, with a short picture id or none.
        assert!(starts_keyframe(&[0b1000_1000, 5, 9]));
        assert!(starts_keyframe(&[0b0000_1000, 9]));
        assert!(starts_keyframe(&[0b1010_1000, 5, 0, 9]));
        assert!(!starts_keyframe(&[]));
        assert!(!starts_keyframe(&[0b1010_1000, 0x81]));
    }
}
