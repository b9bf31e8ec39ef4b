//! The one connectivity check a client of an ICE-lite server needs, and the one answer to a server that checks.

use std::net::SocketAddr;

use aws_lc_rs::hmac;

const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];

/// A nominating binding request of the controlling side.
pub fn request(username: &str, pwd: &str, transaction: u64) -> Vec<u8> {
    let mut message = vec![0, 1, 0, 0];
    message.extend_from_slice(&COOKIE);
    message.extend_from_slice(&[0; 4]);
    message.extend_from_slice(&transaction.to_be_bytes());
    attribute(&mut message, 0x0006, username.as_bytes());
    attribute(&mut message, 0x0024, &0x6e00_01ff_u32.to_be_bytes());
    attribute(&mut message, 0x802a, &1_u64.to_be_bytes());
    attribute(&mut message, 0x0025, &[]);
    sign(&mut message, pwd);
    message
}

/// The answer to a server's check, and whether that check nominates the path.
pub fn answer(check: &[u8], from: SocketAddr, pwd: &str) -> Option<(Vec<u8>, bool)> {
    if check.len() < 20 || check[..2] != [0, 1] || check[4..8] != COOKIE {
        return None;
    }
    let SocketAddr::V4(from) = from else {
        return None;
    };
    let mut message = vec![1, 1, 0, 0];
    message.extend_from_slice(&check[4..20]);
    let mut mapped = vec![0, 1];
    mapped.extend((from.port() ^ 0x2112).to_be_bytes());
    mapped.extend(
        from.ip()
            .octets()
            .iter()
            .zip(COOKIE)
            .map(|(byte, mask)| byte ^ mask),
    );
    attribute(&mut message, 0x0020, &mapped);
    sign(&mut message, pwd);
    let nominates = check[20..].windows(4).any(|head| head == [0, 0x25, 0, 0]);
    Some((message, nominates))
}

fn sign(message: &mut Vec<u8>, pwd: &str) {
    set_len(message, 24);
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, pwd.as_bytes());
    let tag = hmac::sign(&key, message);
    attribute(message, 0x0008, tag.as_ref());
    set_len(message, 8);
    let crc = crc32(message) ^ 0x5354_554e;
    attribute(message, 0x8028, &crc.to_be_bytes());
}

/// Whether a datagram is the answer that lets the handshake begin.
pub fn is_success(datagram: &[u8]) -> bool {
    datagram.len() >= 20 && datagram[..2] == [1, 1]
}

fn attribute(message: &mut Vec<u8>, kind: u16, value: &[u8]) {
    message.extend_from_slice(&kind.to_be_bytes());
    message.extend_from_slice(&(value.len() as u16).to_be_bytes());
    message.extend_from_slice(value);
    message.resize(message.len().next_multiple_of(4), 0);
}

/// The length as it will be once `more` bytes have been added.
fn set_len(message: &mut [u8], more: usize) {
    let len = (message.len() - 20 + more) as u16;
    message[2..4].copy_from_slice(&len.to_be_bytes());
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            }
        })
    })
}
