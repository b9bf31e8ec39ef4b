//! Hashes passwords with argon2id, off the async threads and never many at once.

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::LazyLock;
use tokio::sync::Semaphore;

use super::refusal::No;
use crate::platform::failure::{Failure, Fault};

/// OWASP's first choice for argon2id: 19 MiB, two passes, one lane (about 20 ms of one core).
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;

/// Hashes at the same time: bounds memory to twice 19 MiB and leaves cores to the meeting.
const AT_ONCE: usize = 2;

/// Sign-ins that may wait for their turn; more are refused at once (about a second of work).
const WAITING_MAX: usize = 64;

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);
static QUEUE: Semaphore = Semaphore::const_new(WAITING_MAX);

/// A hash of nobody's password, so that an unknown login takes as long as a known one.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| hash_now(&super::token::session()).unwrap_or_default());

/// The PHC text of a new password.
///
/// # Errors
/// Refused when too many are waiting.
pub async fn hash(password: String) -> Result<String, Failure> {
    in_pool(move || hash_now(&password)).await?
}

/// Whether the password belongs to the hash; without a hash it takes as long and is never right.
///
/// # Errors
/// Refused when too many are waiting.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool, Failure> {
    in_pool(move || {
        let (hash, known) = hash.map_or_else(|| (NOBODY.clone(), false), |hash| (hash, true));
        let parsed = PasswordHash::new(&hash)
            .map_err(|why| Fault::new("reading a password hash", why.to_string()))?;
        Ok(argon2()
            .verify_password(password.as_bytes(), &parsed)
            .is_ok()
            && known)
    })
    .await?
}

async fn in_pool<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    let _place = QUEUE.try_acquire().map_err(|_| No::Busy)?;
    let _turn = TURNS
        .acquire()
        .await
        .map_err(|why| Fault::new("waiting to hash a password", why))?;
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|why| Fault::new("hashing a password", why).into())
}

fn hash_now(password: &str) -> Result<String, Failure> {
    let salt = SaltString::encode_b64(&rand::random::<[u8; 16]>())
        .map_err(|why| Fault::new("making a salt", why.to_string()))?;
    let hash = argon2().hash_password(password.as_bytes(), &salt);
    Ok(hash
        .map_err(|why| Fault::new("hashing a password", why.to_string()))?
        .to_string())
}

fn argon2() -> Argon2<'static> {
    let params =
        Params::new(MEMORY_KIB, PASSES, 1, None).expect("constants within argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}
