//! Events of OCPP 2.0.1.
#![no_main]

use std::time::Duration;

libfuzzer_sys::fuzz_target!(|input: &[u8]| plugtill_fuzz::within(
    Duration::from_millis(50),
    plugtill_fuzz::ocpp::check_201,
    input
));
