//! Columns with personal data: sealed on the way to the disk, opened on the way back.

use std::{fs, io, path::Path, sync::Arc};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rand::Rng as _;

use super::failure::Fault;

const KEY_LEN: usize = 32;

/// The key of sealed columns. Lives beside the database, never inside it: a copied database file alone tells nothing.
#[derive(Debug, Clone)]
pub struct Seal(Arc<LessSafeKey>);

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
        let key = UnboundKey::new(&AES_256_GCM, &key)
            .map_err(|_| Fault::new(doing(), "not a key of 32 bytes"))?;
        Ok(Self(Arc::new(LessSafeKey::new(key))))
    }

    /// AES-256-GCM under a random nonce, base64. `place` (table and column) is bound to it: a sealed text moved
    /// to another column does not open.
    #[must_use]
    pub fn seal(&self, place: &str, text: &str) -> String {
        let nonce: [u8; NONCE_LEN] = rand::rng().random();
        let mut bytes = text.as_bytes().to_vec();
        self.0
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place),
                &mut bytes,
            )
            .expect("texts are far shorter than what GCM can seal");
        STANDARD.encode([nonce.as_slice(), &bytes].concat())
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
            .open_in_place(nonce, Aad::from(place), &mut sealed)
            .map_err(|_| fault())?;
        String::from_utf8(open.to_vec()).map_err(|_| fault())
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
}
