//! One binary for every feature test.
