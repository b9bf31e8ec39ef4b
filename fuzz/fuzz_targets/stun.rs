//! Connectivity checks.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fenghuotai_media::fuzzing::stun(bytes));
