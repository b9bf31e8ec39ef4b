//! Secrets we hand out (sessions, set-up and enrolment codes) and the digests we keep of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Characters of codes that are read aloud or typed: no 0/O, 1/I/L.
const READABLE: &[u8; 31] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";

/// A session token of 256 bits, safe in a cookie.
pub fn session() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// A one-time code to be typed: four groups of four, about 79 bits, `K7QM-2VXA-9RTB-HW4C`.
pub fn code() -> String {
    use rand::Rng as _;
    let mut rng = rand::rng();
    let group = |rng: &mut rand::rngs::ThreadRng| -> String {
        (0..4)
            .map(|_| READABLE[rng.random_range(0..READABLE.len())] as char)
            .collect()
    };
    [
        group(&mut rng),
        group(&mut rng),
        group(&mut rng),
        group(&mut rng),
    ]
    .join("-")
}

/// What is stored instead of a secret. Our secrets are random and long, so a plain hash cannot be guessed.
pub fn digest(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

/// The digest of a typed code: blanks, hyphens and letter case do not matter.
pub fn digest_of_code(typed: &str) -> String {
    let plain: String = typed
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .map(|c| c.to_ascii_uppercase())
        .collect();
    digest(&plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_survives_being_typed_carelessly() {
        let code = code();
        assert_eq!(code.len(), 19);
        let careless = format!(" {} ", code.replace('-', " ").to_lowercase());
        assert_eq!(digest_of_code(&code), digest_of_code(&careless));
    }

    #[test]
    fn sessions_are_long_and_never_alike() {
        assert_eq!(session().len(), 43);
        assert_ne!(session(), session());
    }
}
