//! How much room a disk has left.

use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Asked about the disk that a directory is on.
pub trait Space: Send {
    /// Bytes a process without privileges may still write.
    ///
    /// # Errors
    /// When the system does not say.
    fn free_bytes(&self, directory: &Path) -> io::Result<u64>;
}

/// The file system's own word.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Space for Disk {
    fn free_bytes(&self, directory: &Path) -> io::Result<u64> {
        let path = CString::new(directory.as_os_str().as_bytes())?;
        // SAFETY: an all-zero `statvfs` is a valid value, the path ends with zero, and the call fills the local.
        let (answer, found) = unsafe {
            let mut found: libc::statvfs = std::mem::zeroed();
            (libc::statvfs(path.as_ptr(), &raw mut found), found)
        };
        if answer != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(found.f_bavail.saturating_mul(found.f_frsize))
    }
}
