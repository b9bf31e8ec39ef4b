//! Ctrl-C and termination as a flag, so that everything started is also stopped.

use std::sync::atomic::{AtomicBool, Ordering};

static RAISED: AtomicBool = AtomicBool::new(false);

extern "C" fn raise(_signal: libc::c_int) {
    RAISED.store(true, Ordering::SeqCst);
}

/// Turns SIGINT, SIGTERM and SIGHUP into the flag that [`raised`] reads.
pub fn listen() {
    let handler = raise as extern "C" fn(libc::c_int) as libc::sighandler_t;
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        // SAFETY: the handler only stores to an atomic, which is async-signal-safe.
        unsafe { libc::signal(signal, handler) };
    }
}

/// Whether the person at the terminal, or the machine, asked us to stop.
pub fn raised() -> bool {
    RAISED.load(Ordering::SeqCst)
}
