//! The one connectivity check a client of an ICE-lite server needs.

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
    set_len(&mut message, 24);
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, pwd.as_bytes());
    let tag = hmac::sign(&key, &message);
    attribute(&mut message, 0x0008, tag.as_ref());
    set_len(&mut message, 8);
    let crc = crc32(&message) ^ 0x5354_554e;
    attribute(&mut message, 0x8028, &crc.to_be_bytes());
    message
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
