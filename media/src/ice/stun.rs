//! STUN messages (RFC 8489) as far as connectivity checks need them; allocates nothing while reading.

use std::net::{IpAddr, SocketAddr};

use aws_lc_rs::hmac;

/// Length of the fixed header.
pub const HEADER_LEN: usize = 20;
/// No check is longer; larger ones are not read.
pub const MESSAGE_MAX: usize = 1_280;

const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const BINDING_REQUEST: u16 = 0x0001;
const BINDING_SUCCESS: u16 = 0x0101;
const BINDING_ERROR: u16 = 0x0111;

const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const ERROR_CODE: u16 = 0x0009;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;
const PRIORITY: u16 = 0x0024;
const USE_CANDIDATE: u16 = 0x0025;
const FINGERPRINT: u16 = 0x8028;
const ICE_CONTROLLED: u16 = 0x8029;
const FINGERPRINT_XOR: u32 = 0x5354_554e;

/// A binding request, read but not yet believed.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    message: &'a [u8],
    /// Where the MESSAGE-INTEGRITY attribute begins.
    integrity_at: usize,
    /// `receiver:sender`, split.
    pub local_ufrag: &'a str,
    /// The sender's user name fragment.
    pub remote_ufrag: &'a str,
    /// Priority the sender would give a peer-reflexive candidate of this path.
    pub priority: u32,
    /// The sender nominates this path.
    pub use_candidate: bool,
    /// The sender believes that it is the controlled side too.
    pub controlled: bool,
    /// Echoed in the answer.
    pub transaction: [u8; 12],
}

/// Whether a datagram can only be STUN.
pub fn is_stun(datagram: &[u8]) -> bool {
    datagram.len() >= HEADER_LEN && datagram[0] < 4 && datagram[4..8] == COOKIE
}

impl<'a> Request<'a> {
    /// Reads a binding request with USERNAME, MESSAGE-INTEGRITY and, if present, a right FINGERPRINT.
    pub fn parse(message: &'a [u8]) -> Option<Self> {
        if !is_stun(message) || message.len() > MESSAGE_MAX || half(message, 0) != BINDING_REQUEST {
            return None;
        }
        if usize::from(half(message, 2)) + HEADER_LEN != message.len()
            || !message.len().is_multiple_of(4)
        {
            return None;
        }
        let mut username = None;
        let mut integrity_at = None;
        let mut priority = 0;
        let mut use_candidate = false;
        let mut controlled = false;
        let mut at = HEADER_LEN;
        while at < message.len() {
            let kind = half(message, at);
            let len = usize::from(half(message, at + 2));
            let value = message.get(at + 4..at + 4 + len)?;
            match kind {
                // Behind the integrity only the fingerprint counts; anything else is unauthenticated.
                FINGERPRINT => {
                    let crc = crc32(&message[..at]) ^ FINGERPRINT_XOR;
                    if value != crc.to_be_bytes() {
                        return None;
                    }
                    break;
                }
                _ if integrity_at.is_some() => {}
                MESSAGE_INTEGRITY if len == 20 => integrity_at = Some(at),
                USERNAME => username = Some(std::str::from_utf8(value).ok()?),
                PRIORITY => priority = u32::from_be_bytes(value.try_into().ok()?),
                USE_CANDIDATE => use_candidate = true,
                ICE_CONTROLLED => controlled = true,
                _ => {}
            }
            at += 4 + len.next_multiple_of(4);
        }
        let (local_ufrag, remote_ufrag) = username?.split_once(':')?;
        Some(Self {
            message,
            integrity_at: integrity_at?,
            local_ufrag,
            remote_ufrag,
            priority,
            use_candidate,
            controlled,
            transaction: message[8..20].try_into().ok()?,
        })
    }

    /// Whether MESSAGE-INTEGRITY was made with this password. Constant time in the tag.
    pub fn authentic(&self, key: &hmac::Key) -> bool {
        let mut header = [0; HEADER_LEN];
        header.copy_from_slice(&self.message[..HEADER_LEN]);
        // The length counts up to and including the integrity attribute (RFC 8489, 14.5).
        let len = (self.integrity_at + 24 - HEADER_LEN) as u16;
        header[2..4].copy_from_slice(&len.to_be_bytes());
        let mut context = hmac::Context::with_key(key);
        context.update(&header);
        context.update(&self.message[HEADER_LEN..self.integrity_at]);
        let tag = context.sign();
        let claimed = &self.message[self.integrity_at + 4..self.integrity_at + 24];
        subtle::ConstantTimeEq::ct_eq(tag.as_ref(), claimed).into()
    }
}

/// Key of MESSAGE-INTEGRITY from an ICE password.
pub fn key(pwd: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, pwd.as_bytes())
}

/// The success answer to an authenticated check: "I saw you at `seen`".
pub fn success(transaction: [u8; 12], seen: SocketAddr, key: &hmac::Key) -> Vec<u8> {
    let mut message = begin(BINDING_SUCCESS, transaction);
    let mut value = Vec::with_capacity(20);
    value.push(0);
    value.push(if seen.ip().to_canonical().is_ipv4() {
        1
    } else {
        2
    });
    value.extend((seen.port() ^ 0x2112).to_be_bytes());
    let mut mask = [0; 16];
    mask[..4].copy_from_slice(&COOKIE);
    mask[4..].copy_from_slice(&transaction);
    match seen.ip().to_canonical() {
        IpAddr::V4(ip) => {
            value.extend(ip.octets().iter().zip(mask).map(|(byte, mask)| byte ^ mask))
        }
        IpAddr::V6(ip) => {
            value.extend(ip.octets().iter().zip(mask).map(|(byte, mask)| byte ^ mask))
        }
    }
    attribute(&mut message, XOR_MAPPED_ADDRESS, &value);
    finish(message, key)
}

/// 487 Role Conflict: both sides believe to be controlled (RFC 8445, 7.3.1.1).
pub fn role_conflict(transaction: [u8; 12], key: &hmac::Key) -> Vec<u8> {
    let mut message = begin(BINDING_ERROR, transaction);
    attribute(&mut message, ERROR_CODE, &[0, 0, 4, 87]);
    finish(message, key)
}

/// A check as a client sends it.
#[cfg(test)]
pub fn request(username: &str, pwd: &str, priority: u32, nominate: bool) -> Vec<u8> {
    let mut message = begin(BINDING_REQUEST, rand::random());
    attribute(&mut message, USERNAME, username.as_bytes());
    attribute(&mut message, PRIORITY, &priority.to_be_bytes());
    if nominate {
        attribute(&mut message, USE_CANDIDATE, &[]);
    }
    finish(message, &key(pwd))
}

fn begin(kind: u16, transaction: [u8; 12]) -> Vec<u8> {
    let mut message = Vec::with_capacity(96);
    message.extend(kind.to_be_bytes());
    message.extend([0, 0]);
    message.extend(COOKIE);
    message.extend(transaction);
    message
}

fn attribute(message: &mut Vec<u8>, kind: u16, value: &[u8]) {
    message.extend(kind.to_be_bytes());
    message.extend((value.len() as u16).to_be_bytes());
    message.extend(value);
    message.resize(message.len().next_multiple_of(4), 0);
}

fn finish(mut message: Vec<u8>, key: &hmac::Key) -> Vec<u8> {
    set_len(&mut message, 24);
    let tag = hmac::sign(key, &message);
    attribute(&mut message, MESSAGE_INTEGRITY, tag.as_ref());
    set_len(&mut message, 8);
    let crc = crc32(&message) ^ FINGERPRINT_XOR;
    attribute(&mut message, FINGERPRINT, &crc.to_be_bytes());
    message
}

/// The length as it will be once `more` bytes have been added.
fn set_len(message: &mut [u8], more: usize) {
    let len = (message.len() - HEADER_LEN + more) as u16;
    message[2..4].copy_from_slice(&len.to_be_bytes());
}

fn half(message: &[u8], at: usize) -> u16 {
    match message.get(at..at + 2) {
        Some(pair) => u16::from_be_bytes([pair[0], pair[1]]),
        None => 0,
    }
}

/// CRC-32 of ITU V.42, bit by bit over a nibble table: checks are short and rare.
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 16] = {
        let mut table = [0; 16];
        let mut at = 0;
        while at < 16 {
            let mut word = at as u32;
            let mut bit = 0;
            while bit < 4 {
                word = if word & 1 == 1 {
                    (word >> 1) ^ 0xedb8_8320
                } else {
                    word >> 1
                };
                bit += 1;
            }
            table[at] = word;
            at += 1;
        }
        table
    };
    let mut crc = !0_u32;
    for byte in bytes {
        crc = (crc >> 4) ^ TABLE[((crc ^ u32::from(*byte)) & 15) as usize];
        crc = (crc >> 4) ^ TABLE[((crc ^ u32::from(*byte >> 4)) & 15) as usize];
    }
    !crc
}
