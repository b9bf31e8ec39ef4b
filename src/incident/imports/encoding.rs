//! Turns the bytes of a file into UTF-8 while they stream by.

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

/// Reads any encoding as UTF-8 with plain line feeds. A byte order mark is swallowed; what cannot be read becomes U+FFFD.
pub struct Utf8Reader<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    text: Vec<u8>,
    taken: usize,
    /// A carriage return at the end of the last piece waits for what follows it.
    held: bool,
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
            held: false,
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

    /// CRLF becomes LF: after a CRLF the CSV parser would count the next line one short.
    fn unify_line_ends(&mut self) {
        let mut text = Vec::with_capacity(self.text.len() + 1);
        for &byte in &self.text {
            if self.held && byte != b'\n' {
                text.push(b'\r');
            }
            self.held = byte == b'\r';
            if !self.held {
                text.push(byte);
            }
        }
        if self.ended && std::mem::take(&mut self.held) {
            text.push(b'\r');
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
