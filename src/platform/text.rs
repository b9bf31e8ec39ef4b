//! Turns the bytes of a file into UTF-8 with plain line ends, whole or while they stream by.

use std::io::{self, BufRead, Read};

use encoding_rs::{Decoder, DecoderResult};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is read at once, bytes.
const CHUNK: usize = 64 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    #[default]
    Utf8,
    /// Reads GBK and GB2312 as well.
    Gb18030,
    Big5,
    Utf16Le,
    Utf16Be,
}

impl Encoding {
    fn rules(self) -> &'static encoding_rs::Encoding {
        match self {
            Self::Utf8 => encoding_rs::UTF_8,
            Self::Gb18030 => encoding_rs::GB18030,
            Self::Big5 => encoding_rs::BIG5,
            Self::Utf16Le => encoding_rs::UTF_16LE,
            Self::Utf16Be => encoding_rs::UTF_16BE,
        }
    }

    /// Guesses: a byte order mark is certain, flawless UTF-8 nearly so, everything else is taken for GB18030.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn guess(mut bytes: impl BufRead) -> io::Result<Self> {
        let head = bytes.fill_buf()?;
        match head {
            [0xEF, 0xBB, 0xBF, ..] => return Ok(Self::Utf8),
            [0xFF, 0xFE, ..] => return Ok(Self::Utf16Le),
            [0xFE, 0xFF, ..] => return Ok(Self::Utf16Be),
            _ => {}
        }
        let mut decoder = encoding_rs::UTF_8.new_decoder_without_bom_handling();
        let mut sink = vec![0_u8; CHUNK * 3 + 16];
        loop {
            let chunk = bytes.fill_buf()?;
            let (length, last) = (chunk.len(), chunk.is_empty());
            let mut rest = chunk;
            loop {
                match decoder.decode_to_utf8_without_replacement(rest, &mut sink, last) {
                    (DecoderResult::Malformed(..), ..) => return Ok(Self::Gb18030),
                    (DecoderResult::InputEmpty, ..) => break,
                    (DecoderResult::OutputFull, read, _) => rest = &rest[read..],
                }
            }
            bytes.consume(length);
            if last {
                return Ok(Self::Utf8);
            }
        }
    }
}

/// The text of a whole file in UTF-8 or, if it is not that, GB 18030; nothing when it is neither.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<String> {
    let (text, _, malformed) = encoding_rs::UTF_8.decode(bytes);
    if !malformed {
        return Some(text.into_owned());
    }
    let (text, _, malformed) = encoding_rs::GB18030.decode(bytes);
    (!malformed).then(|| text.into_owned())
}

/// Reads any encoding as UTF-8 in which every line, the last too, ends with a line feed and nothing else. A byte order
/// mark is swallowed; what cannot be read becomes U+FFFD.
pub struct Utf8Reader<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    text: Vec<u8>,
    taken: usize,
    /// The last byte of the file so far was a carriage return: a line feed behind it belongs to it.
    returned: bool,
    /// The text so far ends in the middle of a line.
    in_line: bool,
    ended: bool,
}

impl<R: Read> Utf8Reader<R> {
    pub fn new(inner: R, encoding: Encoding) -> Self {
        Self {
            inner,
            decoder: encoding.rules().new_decoder_with_bom_removal(),
            raw: vec![0; CHUNK],
            text: Vec::new(),
            taken: 0,
            returned: false,
            in_line: false,
            ended: false,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        let read = self.inner.read(&mut self.raw)?;
        self.ended = read == 0;
        let room = self
            .decoder
            .max_utf8_buffer_length(read)
            .ok_or(io::ErrorKind::OutOfMemory)?;
        self.text.resize(room, 0);
        let (_, _, written, _) =
            self.decoder
                .decode_to_utf8(&self.raw[..read], &mut self.text, self.ended);
        self.text.truncate(written);
        self.unify_line_ends();
        self.taken = 0;
        Ok(())
    }

    fn unify_line_ends(&mut self) {
        let mut text = Vec::with_capacity(self.text.len() + 1);
        for &byte in &self.text {
            let belongs = self.returned && byte == b'\n';
            self.returned = byte == b'\r';
            if !belongs {
                text.push(if self.returned { b'\n' } else { byte });
            }
        }
        if let Some(last) = text.last() {
            self.in_line = *last != b'\n';
        }
        if self.ended && std::mem::take(&mut self.in_line) {
            text.push(b'\n');
        }
        self.text = text;
    }
}

impl<R: Read> Read for Utf8Reader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.text.len() && !self.ended {
            self.refill()?;
        }
        let rest = &self.text[self.taken..];
        let length = rest.len().min(out.len());
        out[..length].copy_from_slice(&rest[..length]);
        self.taken += length;
        Ok(length)
    }
}
