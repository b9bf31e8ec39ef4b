//! Trickle-ICE fragments (RFC 8840) as WHIP and WHEP PATCH bodies carry them (RFC 9725, 4.3).

use super::OfferRefusal;
use super::answer::{LocalSide, candidates};
use super::offer::{IceCredentials, OFFER_BYTES_MAX};

/// What a fragment says that an ICE-lite server needs; candidates are not among it, because a
/// lite agent learns addresses from authenticated checks only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    /// Credentials of the generation the fragment belongs to; new ones mean a restart.
    pub ice: Option<IceCredentials>,
}

impl Fragment {
    /// Reads a fragment.
    ///
    /// # Errors
    /// `TooLong`, `Malformed` (a line without `=`) or `NoIce` (half or ill-formed credentials).
    pub fn parse(text: &str) -> Result<Self, OfferRefusal> {
        if text.len() > OFFER_BYTES_MAX {
            return Err(OfferRefusal::TooLong);
        }
        let (mut ufrag, mut pwd) = (None, None);
        for line in text
            .lines()
            .map(str::trim_end)
            .filter(|line| !line.is_empty())
        {
            let Some((kind, value)) = line.split_once('=') else {
                return Err(OfferRefusal::Malformed);
            };
            if kind != "a" {
                continue;
            }
            if let Some(value) = value.strip_prefix("ice-ufrag:") {
                ufrag.get_or_insert(value);
            } else if let Some(value) = value.strip_prefix("ice-pwd:") {
                pwd.get_or_insert(value);
            }
        }
        let ice = match (ufrag, pwd) {
            (None, None) => None,
            (Some(ufrag), Some(pwd)) => {
                Some(IceCredentials::new(ufrag, pwd).ok_or(OfferRefusal::NoIce)?)
            }
            _ => return Err(OfferRefusal::NoIce),
        };
        Ok(Self { ice })
    }
}

/// The fragment that answers a restart: the server's new credentials and its candidates.
pub fn restart_answer(local: &LocalSide, ice: &IceCredentials) -> String {
    let mut text = format!(
        "a=ice-lite\r\na=ice-ufrag:{}\r\na=ice-pwd:{}\r\n",
        ice.ufrag, ice.pwd
    );
    for candidate in candidates(local) {
        text.push_str("a=");
        text.push_str(&candidate);
        text.push_str("\r\n");
    }
    text.push_str("a=end-of-candidates\r\n");
    text
}
