//! Bytes that can be read at any place: a file, or a slice in a test.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

pub(super) trait Bytes {
    fn len(&self) -> io::Result<u64>;
    /// Fills `buffer` from `at`.
    ///
    /// # Errors
    /// When there are not so many bytes.
    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<()>;
}

impl Bytes for File {
    fn len(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.read_exact_at(buffer, at)
    }
}

impl Bytes for [u8] {
    fn len(&self) -> io::Result<u64> {
        Ok(<[u8]>::len(self) as u64)
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        let there = usize::try_from(at)
            .ok()
            .and_then(|at| self.get(at..)?.get(..buffer.len()))
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(there);
        Ok(())
    }
}

/// Reads `len` bytes from `at`; `None` when they are not there.
pub(super) fn bytes(
    file: &(impl Bytes + ?Sized),
    at: u64,
    len: usize,
) -> io::Result<Option<Vec<u8>>> {
    let mut buffer = vec![0; len];
    match file.read_at(at, &mut buffer) {
        Ok(()) => Ok(Some(buffer)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}
