//! Protected datagrams.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fenghuotai_media::fuzzing::srtp(bytes));
