//! The administrators' second factor: time-based one-time codes (RFC 6238, SHA-1, 30 s, 6 digits).

use totp_rs::{Builder, Secret, Totp};

use crate::platform::clock::Millis;

/// Length of a time step, seconds.
pub const STEP_S: u64 = 30;

/// Steps before and after now that are still accepted, for clocks that are off.
const SKEW: i64 = 1;

/// The issuer an authenticator shows beside the code.
const ISSUER: &str = "烽火台";

/// A new secret of 160 bits, base32.
pub fn secret() -> String {
    Secret::new_stack(rand::random::<[u8; 20]>()).to_base32()
}

/// The step in which a code is right, if it is later than `last_step`: a code seen once is spent.
pub fn accepted_step(secret: &str, code: &str, last_step: i64, now: Millis) -> Option<i64> {
    let generator = generator(secret)?;
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let current = now.0 / 1000 / STEP_S as i64;
    (current - SKEW..=current + SKEW)
        .filter(|step| *step > last_step)
        .find(|step| {
            let right = generator
                .generate((*step).max(0) as u64 * STEP_S)
                .to_string();
            bool::from(subtle::ConstantTimeEq::ct_eq(
                right.as_bytes(),
                code.as_bytes(),
            ))
        })
}

/// The code an authenticator shows at `now`.
pub fn code_at(secret: &str, now: Millis) -> Option<String> {
    Some(
        generator(secret)?
            .generate((now.0 / 1000).max(0) as u64)
            .to_string(),
    )
}

/// The address behind the QR picture that authenticators scan.
pub fn address(login: &str, secret: &str) -> String {
    let issuer = percent(ISSUER);
    format!(
        "otpauth://totp/{issuer}:{}?secret={secret}&issuer={issuer}&period={STEP_S}&digits=6",
        percent(login)
    )
}

fn generator(secret: &str) -> Option<Totp> {
    let secret = Secret::try_from_base32(secret).ok()?;
    Builder::new().with_secret(secret).with_skew(0).build().ok()
}

fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B, SHA-1, seed "12345678901234567890": the last six of its eight digits.
    const VECTORS: [(i64, &str); 6] = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];

    fn seed() -> String {
        Secret::from("12345678901234567890".as_bytes()).to_base32()
    }

    #[test]
    fn the_vectors_of_the_rfc_hold() {
        for (seconds, code) in VECTORS {
            let now = Millis(seconds * 1000);
            assert_eq!(code_at(&seed(), now).as_deref(), Some(code), "at {seconds}");
            assert_eq!(
                accepted_step(&seed(), code, 0, now),
                Some(seconds / 30),
                "at {seconds}"
            );
        }
    }

    #[test]
    fn a_code_is_good_once_and_one_step_around() {
        let now = Millis(1_111_111_111_000);
        let step = 1_111_111_111 / 30;
        assert_eq!(accepted_step(&seed(), "050471", step, now), None);
        assert_eq!(
            accepted_step(&seed(), "050 471", step - 1, Millis(now.0 + 30_000)),
            Some(step)
        );
        assert_eq!(
            accepted_step(&seed(), "050471", 0, Millis(now.0 + 60_000)),
            None
        );
        assert_eq!(accepted_step(&seed(), "000000", 0, now), None);
        assert_eq!(accepted_step(&seed(), "", 0, now), None);
    }

    #[test]
    fn a_new_secret_works_and_its_address_can_be_scanned() {
        let secret = secret();
        let code = code_at(&secret, Millis(1_700_000_000_000)).expect("a fresh secret makes codes");
        assert!(accepted_step(&secret, &code, 0, Millis(1_700_000_000_000)).is_some());
        assert!(address("xitong", &secret).starts_with("otpauth://totp/%E7%83%BD"));
    }
}
