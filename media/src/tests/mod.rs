//! Whole peers against a running server over loopback sockets; `str0m` is the independent other side.

mod hostile;
mod media;
mod peer;
mod tcp;
