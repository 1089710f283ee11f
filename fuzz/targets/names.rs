//! Ids, tokens, amounts and links.
#![no_main]

use std::time::Duration;

libfuzzer_sys::fuzz_target!(|input: &[u8]| plugtill_fuzz::within(
    Duration::from_millis(50),
    plugtill_fuzz::names::check,
    input
));
