//! Columns with personal data: sealed on the way to the disk, opened on the way back.

use std::{fs, io, path::Path, sync::Arc};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rand::Rng as _;

use super::failure::Fault;

const KEY_LEN: usize = 32;
/// Bytes of a mark: two different values share one once in 2^64 pairs.
const MARK_LEN: usize = 16;

/// The key of sealed columns. Lives beside the database, never inside it: a copied database file alone tells nothing.
#[derive(Debug, Clone)]
pub struct Seal(Arc<Keys>);

#[derive(Debug)]
struct Keys {
    sealing: LessSafeKey,
    /// Derived from the same secret, so that one file is all there is to keep.
    marking: hmac::Key,
}

impl Seal {
    /// Reads the key file in the data directory, or makes it at the first start.
    ///
    /// # Errors
    /// When the file cannot be read or written, or does not hold a key.
    pub fn open(data_dir: &Path) -> Result<Self, Fault> {
        let path = data_dir.join("columns.key");
        let doing = || format!("reading the key of sealed columns, {}", path.display());
        let key = match fs::read_to_string(&path) {
            Ok(text) => hex::decode(text.trim()).map_err(|error| Fault::new(doing(), error))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key = rand::rng().random::<[u8; KEY_LEN]>().to_vec();
                write_secret(&path, &hex::encode(&key))
                    .map_err(|error| Fault::new(doing(), error))?;
                key
            }
            Err(error) => return Err(Fault::new(doing(), error)),
        };
        let sealing = UnboundKey::new(&AES_256_GCM, &key)
            .map_err(|_| Fault::new(doing(), "not a key of 32 bytes"))?;
        let marking = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, &key),
            b"fenghuotai marks of sealed columns",
        );
        Ok(Self(Arc::new(Keys {
            sealing: LessSafeKey::new(sealing),
            marking: hmac::Key::new(hmac::HMAC_SHA256, marking.as_ref()),
        })))
    }

    /// A keyed hash: equal texts of one place have equal marks, and without the key nothing can be learned by
    /// trying all numbers. For finding equal values among sealed ones.
    #[must_use]
    pub fn mark(&self, place: &str, text: &str) -> String {
        let mut sign = hmac::Context::with_key(&self.0.marking);
        sign.update(place.as_bytes());
        sign.update(&[0]);
        sign.update(text.as_bytes());
        hex::encode(&sign.sign().as_ref()[..MARK_LEN])
    }

    /// AES-256-GCM under a random nonce, base64. `place` (table and column) is bound to it: a sealed text moved
    /// to another column does not open.
    #[must_use]
    pub fn seal(&self, place: &str, text: &str) -> String {
        let nonce: [u8; NONCE_LEN] = rand::rng().random();
        let mut bytes = text.as_bytes().to_vec();
        self.0
            .sealing
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place),
                &mut bytes,
            )
            .expect("texts are far shorter than what GCM can seal");
        STANDARD.encode([nonce.as_slice(), &bytes].concat())
    }

    /// Seals plain data as JSON; see [`Seal::seal`].
    ///
    /// # Panics
    /// When the value cannot become JSON, which plain data always can.
    #[must_use]
    pub fn seal_json(&self, place: &str, value: &impl serde::Serialize) -> String {
        let json = serde_json::to_string(value).expect("plain data becomes JSON");
        self.seal(place, &json)
    }

    /// # Errors
    /// When it was not sealed by this key for this place, or is not what was expected.
    pub fn open_json<T: serde::de::DeserializeOwned>(
        &self,
        place: &str,
        sealed: &str,
    ) -> Result<T, Fault> {
        serde_json::from_str(&self.open_text(place, sealed)?)
            .map_err(|error| Fault::new(format!("reading a sealed value of {place}"), error))
    }

    /// # Errors
    /// When the text was not sealed by this key for this place.
    pub fn open_text(&self, place: &str, sealed: &str) -> Result<String, Fault> {
        let fault = || {
            Fault::new(
                format!("opening a sealed value of {place}"),
                "wrong key, or altered",
            )
        };
        let bytes = STANDARD.decode(sealed).map_err(|_| fault())?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN).ok_or_else(fault)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| fault())?;
        let mut sealed = sealed.to_vec();
        let open = self
            .0
            .sealing
            .open_in_place(nonce, Aad::from(place), &mut sealed)
            .map_err(|_| fault())?;
        String::from_utf8(open.to_vec()).map_err(|_| fault())
    }
}

/// What is shown of a number to who may not or need not see it: `138****0001`; short values vanish.
#[must_use]
pub fn mask(number: &str) -> String {
    let chars: Vec<char> = number.trim().chars().collect();
    match chars.len() {
        0 => String::new(),
        1..8 => "****".to_owned(),
        length => {
            let (head, tail) = (&chars[..3], &chars[length - 4..]);
            format!("{}****{}", String::from_iter(head), String::from_iter(tail))
        }
    }
}

/// Writes a file only its owner can read.
///
/// # Errors
/// When the disk refuses.
pub fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_in_its_place_and_unaltered() {
        let dir = std::env::temp_dir().join(format!("fht_seal_{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let seal = Seal::open(&dir).unwrap();
        let sealed = seal.seal("experts.phones", "100-4874-3364");
        assert!(!sealed.contains("4874"));
        assert_ne!(
            sealed,
            seal.seal("experts.phones", "100-4874-3364"),
            "equal texts do not look equal"
        );
        let again = Seal::open(&dir).unwrap();
        assert_eq!(
            again.open_text("experts.phones", &sealed).unwrap(),
            "100-4874-3364"
        );
        assert!(seal.open_text("experts.email", &sealed).is_err());
        assert!(
            seal.open_text("experts.phones", &sealed.replace(&sealed[20..21], "A"))
                .is_err()
                || &sealed[20..21] == "A"
        );
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn equal_numbers_have_equal_marks_in_one_place_under_one_key() {
        let dir = |name: &str| {
            let dir = std::env::temp_dir().join(format!("fht_mark_{name}_{}", std::process::id()));
            fs::create_dir_all(&dir).unwrap();
            dir
        };
        let (here, there) = (dir("here"), dir("there"));
        let seal = Seal::open(&here).unwrap();
        let mark = seal.mark("calls.phone", "13804310001");
        assert_eq!(
            Seal::open(&here)
                .unwrap()
                .mark("calls.phone", "13804310001"),
            mark
        );
        assert_ne!(seal.mark("calls.phone", "13804310002"), mark);
        assert_ne!(seal.mark("assets.contacts", "13804310001"), mark);
        assert_ne!(
            Seal::open(&there)
                .unwrap()
                .mark("calls.phone", "13804310001"),
            mark
        );
        fs::remove_dir_all(&here).unwrap();
        fs::remove_dir_all(&there).unwrap();
    }

    #[test]
    fn a_mask_shows_neither_the_middle_nor_a_short_number() {
        assert_eq!(mask("138 0431 0001"), "138****0001");
        assert_eq!(mask("0431110"), "****");
        assert_eq!(mask(" "), "");
    }
}
