//! Forms of operators.
#![no_main]

use std::time::Duration;

libfuzzer_sys::fuzz_target!(|input: &[u8]| plugtill_fuzz::within(
    Duration::from_millis(200),
    plugtill_fuzz::pages::check_console,
    input
));
