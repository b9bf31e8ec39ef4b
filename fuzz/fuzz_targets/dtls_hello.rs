//! The first flight of a DTLS client.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fenghuotai_media::fuzzing::dtls_hello(bytes));
