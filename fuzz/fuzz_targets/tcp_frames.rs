//! Frames on a TCP connection.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fenghuotai_media::fuzzing::tcp_frames(bytes));
