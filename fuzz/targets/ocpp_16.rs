//! Frames of OCPP 1.6.
#![no_main]

use std::time::Duration;

libfuzzer_sys::fuzz_target!(|input: &[u8]| plugtill_fuzz::within(
    Duration::from_millis(50),
    plugtill_fuzz::ocpp::check_16,
    input
));
