//! The edges of AWS exchanged on one machine, driven by the SDK clients that production uses.
#![allow(clippy::unwrap_used, reason = "helpers of tests, where a failure is the finding")]

mod dynamo;
mod sns;
mod sqs;

use jiff::{SignedDuration, Timestamp};
use plugtill::edges::clock::VirtualClock;

/// 2027-01-15 08:00:00 UTC.
fn start() -> Timestamp {
    Timestamp::constant(1_800_000_000, 0)
}

fn after_seconds(seconds: i64) -> Timestamp {
    start() + SignedDuration::from_secs(seconds)
}

#[test]
fn the_clock_never_goes_back() {
    let clock = VirtualClock::new(start());
    let shown = clock.clone();
    clock.advance_to(after_seconds(60));
    clock.advance_to(after_seconds(30));
    assert_eq!(shown.now(), after_seconds(60));
}
