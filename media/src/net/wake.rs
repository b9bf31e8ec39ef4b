//! Wakes a worker that sleeps in `poll`, from any thread.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, RawFd};

/// An eventfd: many wakes before a sleep count as one.
pub struct Wake(File);

impl Wake {
    /// # Errors
    /// No more file descriptors.
    pub fn new() -> io::Result<Self> {
        // SAFETY: takes no pointers; a negative result is checked before use.
        let fd = unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor is fresh and owned by nobody else.
        Ok(Self(unsafe { File::from_raw_fd(fd) }))
    }

    /// Ends the present or the next sleep.
    pub fn wake(&self) {
        // Fails only when the counter is full, and then the sleeper is being woken already.
        let _ = (&self.0).write(&1_u64.to_ne_bytes());
    }

    /// Makes the next sleep a real one again.
    pub fn drain(&self) {
        let _ = (&self.0).read(&mut [0; 8]);
    }
}

impl AsRawFd for Wake {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}
