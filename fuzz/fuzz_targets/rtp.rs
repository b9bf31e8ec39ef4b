//! RTP headers and their extensions.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fenghuotai_media::fuzzing::rtp(bytes));
