//! Finds the start of an AV1 coded video sequence (AV1 RTP specification, 4.4).

const CONTINUES: u8 = 0x80;
const NEW_SEQUENCE: u8 = 0x08;

/// Whether a decoder may begin here: the aggregation header says that a new coded video sequence starts, and its first
/// element is not the rest of an earlier one.
pub(super) fn starts_keyframe(payload: &[u8]) -> bool {
    payload
        .first()
        .is_some_and(|header| header & NEW_SEQUENCE != 0 && header & CONTINUES == 0)
}

#[cfg(test)]
mod tests {
    use super::starts_keyframe;

    #[test]
    fn a_receiver_begins_where_a_sequence_does() {
        assert!(starts_keyframe(&[0b0010_1000, 1]));
        assert!(!starts_keyframe(&[0b1010_1000, 1]));
        assert!(!starts_keyframe(&[0b0010_0000, 1]));
        assert!(!starts_keyframe(&[]));
    }
}
