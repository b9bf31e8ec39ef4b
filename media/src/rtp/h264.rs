//! Finds the start of an H.264 picture that needs no earlier one (RFC 6184).

const IDR: u8 = 5;
const SPS: u8 = 7;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

/// Whether a decoder may begin with this payload: parameter sets, or an IDR picture of an encoder that sends the sets
/// out of band.
pub(super) fn starts_keyframe(payload: &[u8]) -> bool {
    let Some((&first, rest)) = payload.split_first() else {
        return false;
    };
    match first & 0x1f {
        IDR | SPS => true,
        STAP_A => aggregated(rest).any(|unit| unit == IDR || unit == SPS),
        FU_A => rest
            .first()
            .is_some_and(|fragment| fragment & 0x80 != 0 && matches!(fragment & 0x1f, IDR | SPS)),
        _ => false,
    }
}

/// The unit types inside an aggregation packet.
fn aggregated(mut rest: &[u8]) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let len = usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?]));
        let unit = *rest.get(2)? & 0x1f;
        rest = rest.get(2 + len..)?;
        Some(unit)
    })
}
