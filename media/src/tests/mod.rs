//! Whole peers against a running server over loopback sockets; `str0m` is the independent other side.

/// Each of these runs with one worker and with two, between which publishers and receivers are then split.
macro_rules! with_workers {
    ($($name:ident)*) => {
        mod one_worker {
            $(#[test] fn $name() { super::$name(1); })*
        }
        mod two_workers {
            $(#[test] fn $name() { super::$name(2); })*
        }
    };
}
use with_workers;

mod hostile;
mod media;
mod peer;
mod record;
mod tcp;
mod workers;
